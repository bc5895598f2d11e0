"""Replays downloaded diagnostics to the controller of today."""
