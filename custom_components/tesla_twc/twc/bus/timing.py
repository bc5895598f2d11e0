"""How long a wall connector may be silent, and how often it must say a thing, with one meaning for all files here."""

STALE_SECONDS = 10.0
"""A wall connector that has been silent for so long is not heard well."""
LOST_SECONDS = 26.0
"""Real controllers give a wall connector up after so long (protocol.md 6.1)."""
RESERVED_SECONDS = 60.0
"""A silent wall connector draws on until its own watchdog fires (20 to 30 s, protocol.md 1.13): its amps stay reserved
(6.2 rule 4). What it still tells after so long without heartbeats flows through no contactor that they keep closed."""
FOLLOW_SECONDS = 4.0
"""A car follows a changed offer within so long (protocol.md 3.3)."""
CONSISTENT_HEARTBEATS = 2
"""So many before anything above the minimum is offered (protocol.md 6.2 rule 6)."""
