"""Bytes to messages and back. Pure: no clock, no I/O."""
