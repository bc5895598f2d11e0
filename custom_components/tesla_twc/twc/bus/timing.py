"""Times of the protocol that several files here share, as when a wall connector is stale or lost for the bus."""

STALE_SECONDS = 10.0
"""A wall connector that has been silent for so long is not heard well."""
LOST_SECONDS = 26.0
"""Real controllers give a wall connector up after so long (protocol.md 6.1)."""
RESERVED_SECONDS = 60.0
"""A silent wall connector draws on until its own watchdog fires (20 to 30 s, protocol.md 1.13): its amps stay reserved
(6.2 rule 4). A current that it still reports after so long flows through no contactor that heartbeats keep closed."""
FOLLOW_SECONDS = 4.0
"""A car follows a changed offer within so long (protocol.md 3.3)."""
CONSISTENT_HEARTBEATS = 2
"""So many before anything above the minimum is offered (protocol.md 6.2 rule 6)."""
DECIDE_SECONDS = 5.0
"""A controller is told at least so often what everybody shall have, even if nothing is heard: without orders for 15 s
it goes back to the minimum."""
