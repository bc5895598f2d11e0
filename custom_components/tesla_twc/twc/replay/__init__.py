"""Replays a recorded house with a rule that decides, for benchmarks and for the history of an owner."""
