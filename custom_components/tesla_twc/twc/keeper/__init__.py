"""Keeps heartbeats going while Home Assistant is away, in a small process of its own.

A wall connector that hears no controller for 10 to 30 s opens its contactor, and a Tesla may then need a new plug-in.
So a keeper stands by while Home Assistant runs: it is told what every wall connector has, and says nothing. When Home
Assistant stops, or dies, the keeper opens the port and goes on with the same or lower offers, for a few minutes at
most; then it lowers to the minimum and falls silent. A Home Assistant that comes back takes the bus from it.

Two never speak at once: whoever speaks holds the lock of the bus, and the kernel gives it to one process only.
"""
