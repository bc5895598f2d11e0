"""Recognises a sensor that is reported only when its value has changed by some watts, and how much it hides.

Shelly, MQTT bridges, Zigbee and ESPHome can be told to report a change only beyond a threshold. Such a sensor speaks in
bursts and is silent for minutes while the house is calm, and then it says: still the same, give or take the threshold.
"""

from collections import deque

REMEMBERED_CHANGES = 24
ENOUGH_CHANGES = 10
"""So many changes must all be larger than the threshold that is derived from them."""
LEAST_THRESHOLD_WATTS, LARGEST_THRESHOLD_WATTS = 20.0, 300.0
"""The changes of any other meter are smaller now and then; and nobody chooses a larger threshold, though a calm house
may have shown none but larger changes yet."""
BURSTS = 4.0
"""The longest gap between two reports is so many times the shortest: other sensors have a rhythm."""
UNCHANGED_SECONDS = 900.0
"""How long such a sensor may say nothing: nobody could tell whether it is dead. The sun and a house do not stand still
for longer by day."""


class ChangesOnly:
    """Learns how one sensor is reported. W and s."""

    def __init__(self) -> None:
        """Begin without any report."""
        self._changes: deque[float] = deque(maxlen=REMEMBERED_CHANGES)
        self._gaps: deque[float] = deque(maxlen=REMEMBERED_CHANGES)
        self._last: tuple[float, float] | None = None

    def note(self, watts: float, reported_at: float) -> None:
        """Note a report; a repeated or older one is ignored."""
        if self._last is None or reported_at > self._last[1]:
            if self._last is not None:
                self._changes.append(abs(watts - self._last[0]))
                self._gaps.append(reported_at - self._last[1])
            self._last = (watts, reported_at)

    @property
    def threshold_watts(self) -> float | None:
        """By how much its value may have changed without a report; None for a sensor that is reported regularly."""
        if len(self._changes) < ENOUGH_CHANGES or max(self._gaps) < BURSTS * min(self._gaps):
            return None
        least = min(self._changes)
        return None if least < LEAST_THRESHOLD_WATTS else min(least, LARGEST_THRESHOLD_WATTS)
