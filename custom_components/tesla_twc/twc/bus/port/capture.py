"""Keeps the last frames on the line with their times, for the diagnostics of a bug report."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

FRAMES_KEPT = 500


class Direction(StrEnum):
    """Who spoke."""

    SENT = "sent"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """One frame; ``rejected`` says why it was not understood."""

    time: float
    """Controller time, in s."""
    direction: Direction
    body: bytes
    """Unescaped, checksum included; the raw bytes of a frame that was rejected."""
    rejected: str | None = None


class Capture:
    """Keeps the last frames and lets the older ones go."""

    def __init__(self, kept: int = FRAMES_KEPT) -> None:
        """Take how many are kept."""
        self._frames: deque[CapturedFrame] = deque(maxlen=kept)

    def add(self, frame: CapturedFrame) -> None:
        """Keep one more."""
        self._frames.append(frame)

    def frames(self) -> tuple[CapturedFrame, ...]:
        """Return what is kept, the oldest first."""
        return tuple(self._frames)
