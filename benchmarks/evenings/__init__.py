"""Random evenings of a house with a main fuse, lived by the real controller and the real engine, and judged.

``python -m benchmarks.evenings [--evenings N] [--seed N] [--first K] [--jobs N] [--only KIND] [--json]``, or
``python -m benchmarks.evenings --explain SEED``

A seed draws a house, its loads, its meter, one to three wall connectors and their cars. They live through two hours of
simulated time on a real byte line. The judge looks at the true currents and at a breaker model of its own, never at
what the guard believes.
"""
