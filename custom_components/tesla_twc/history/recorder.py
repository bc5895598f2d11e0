"""Reads what the recorder kept of some sensors, as the mean of each few seconds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.recorder.history import get_significant_states
from homeassistant.const import (
    COMPRESSED_STATE_ATTRIBUTES,
    COMPRESSED_STATE_LAST_UPDATED,
    COMPRESSED_STATE_STATE,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.recorder import get_instance

CHUNK_HOURS = 6
"""Read at once: a meter that reports every second leaves 21600 states in that time."""

KNOWN_SHARE = 0.5
"""The mean of a few seconds is known if the value was known for so much of them."""

type Meaning = Callable[[State], float | None]
"""What a state says; None for nothing."""


@dataclass(slots=True)
class Track:
    """One sensor over the time that was asked for."""

    means: list[float | None] = field(default_factory=list)
    """The mean of every few seconds; None where it is not known."""
    changes: int = 0
    """How often its value changed from a known one to another."""
    last: float | None = None
    """Its last known value."""

    @property
    def is_known(self) -> bool:
        """Whether anything at all was recorded."""
        return any(mean is not None for mean in self.means)


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is asked for, cut into pieces of equal length."""

    start: datetime
    end: datetime
    seconds: int
    """The length of one piece; it divides an hour."""

    @property
    def times(self) -> range:
        """When each piece begins, in s from the start."""
        return range(0, int((self.end - self.start).total_seconds()), self.seconds)


async def async_tracks(
    hass: HomeAssistant, span: Span, meanings: Mapping[str, Meaning]
) -> Mapping[str, Track]:
    """Return a track for every entity id."""
    return await get_instance(hass).async_add_executor_job(_tracks, hass, span, meanings)


def _tracks(hass: HomeAssistant, span: Span, meanings: Mapping[str, Meaning]) -> Mapping[str, Track]:
    tracks = {entity_id: Track() for entity_id in meanings}
    begin = span.start
    while begin < span.end:
        end = min(span.end, begin + timedelta(hours=CHUNK_HOURS))
        rows = get_significant_states(
            hass,
            begin,
            end,
            list(meanings),
            significant_changes_only=False,
            compressed_state_format=True,
        )
        for entity_id, track in tracks.items():
            steps = list(_steps(entity_id, rows.get(entity_id, []), meanings[entity_id]))
            _count(track, steps)
            track.means += _means(steps, begin.timestamp(), end.timestamp(), span.seconds)
        begin = end
    return tracks


def _steps(
    entity_id: str, rows: Sequence[State | dict[str, Any]], meaning: Meaning
) -> Iterator[tuple[float, float | None]]:
    """Yield from when on which value held."""
    for row in rows:
        if isinstance(row, dict):
            text, attributes = row[COMPRESSED_STATE_STATE] or "", row.get(COMPRESSED_STATE_ATTRIBUTES)
            state = State(entity_id, text, attributes, validate_entity_id=False)
            yield row[COMPRESSED_STATE_LAST_UPDATED], meaning(state)


def _count(track: Track, steps: Sequence[tuple[float, float | None]]) -> None:
    for _, value in steps:
        if value is None:
            continue
        track.changes += track.last is not None and value != track.last
        track.last = value


def _means(
    steps: Sequence[tuple[float, float | None]], start: float, end: float, seconds: int
) -> Iterator[float | None]:
    """Yield the mean over each piece between two times, weighed by time."""
    index, value = 0, None
    at = start
    while at < end:
        until, total, known = at + seconds, 0.0, 0.0
        since = at
        while since < until:
            while index < len(steps) and steps[index][0] <= since:
                value = steps[index][1]
                index += 1
            upto = min(until, steps[index][0]) if index < len(steps) else until
            if value is not None:
                total += value * (upto - since)
                known += upto - since
            since = upto
        yield total / known if known >= KNOWN_SHARE * seconds else None
        at = until
