"""What the integration promises. Missing a goal fails no test: machines differ, and a benchmark only measures."""

WARM_START_SECONDS = 4.0
"""From the set-up of the integration to the first heartbeat, with wall connectors known from before."""

RESTART_GAP_SECONDS = 2.0
"""Between two heartbeats while Home Assistant restarts, on a port that can be passed on. Wall connectors give a
controller up after 10 to 30 s."""

HEARTBEAT_SECONDS = 2.5
"""99 % of all heartbeats to a wall connector follow the one before within this, three of them on a noisy line."""

LIMIT_INTERVALS = 1.2
"""From a new limit to its frame on the wire, in heartbeat intervals."""

IDLE_ROWS = 120
"""Recorder rows per hour and wall connector without a car."""

CHARGING_ROWS = 900
"""Recorder rows per hour and wall connector while its car charges."""

CORE_PERCENT = 1.0
"""Of one processor core, for three wall connectors."""

BUSES_CORE_PERCENT = 3.0
"""Of one processor core, for ten buses with three wall connectors each."""

DECISION_MILLISECONDS = 2.0
"""One decision for thirty wall connectors."""

SESSIONS_MILLISECONDS = 100.0
"""For every question to the file of sessions, after ten years of nine charges a day."""

CLOSURE_PERCENT = 0.5
"""Sources from their session, sessions from the counter."""

ATTRIBUTION_ENERGY_PERCENT = 1.0
ATTRIBUTION_SUN_POINTS = {1: 2.0, 10: 2.0, 60: 5.0, 300: 5.0}
"""Of the share of the sun, by how often the meter of the house reports, s."""

KILL_LOST_KWH = 0.001
KILL_LOSS_SECONDS = 60.0
"""Of attribution, by a kill at any moment."""

SOAK_MEGABYTES_PER_HOUR = 2.0
"""Growth of resident memory under trouble that still counts as flat: 1 % of a Home Assistant of 200 MiB, which fills
caches of its own and whose allocator never gives everything back."""

SOAK_OBJECTS_PER_HOUR = 100.0
"""Of our integration's classes: less than one for each trouble that is made."""

SOAK_TASKS_PER_HOUR = SOAK_THREADS_PER_HOUR = SOAK_DESCRIPTORS_PER_HOUR = 0.5
"""Less than one: whatever is begun or opened ends or is closed again."""
