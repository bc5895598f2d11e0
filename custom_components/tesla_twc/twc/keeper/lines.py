"""The words that Home Assistant and a keeper exchange: one JSON object a line, the first one with the secret."""

import asyncio
from enum import StrEnum
import hmac
import json
from typing import Any

FORMAT = 1
"""Of the states. A Home Assistant of another format takes the bus back and leaves what the keeper knows."""

ANSWER_SECONDS = 5.0
"""A partner that takes longer is not there."""

LONGEST_LINE = 64 * 1024


class Word(StrEnum):
    """What a line asks for."""

    HELLO = "hello"
    """The first line: it carries the secret."""
    STAND_BY = "stand_by"
    """The line stays open as long as this Home Assistant lives."""
    STATE = "state"
    """This is how the bus is now."""
    TAKE_OVER = "take_over"
    """The port is closed; go on."""
    RELEASE = "release"
    """Close the port, say what is known, and end."""
    END = "end"
    """Nothing is to be kept."""


def line(word: Word, **rest: Any) -> bytes:
    """Write one line."""
    return json.dumps({"do": word.value, "format": FORMAT, **rest}).encode() + b"\n"


def answer(**facts: Any) -> bytes:
    """Write one answer."""
    return json.dumps({"format": FORMAT, **facts}).encode() + b"\n"


async def read(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """Return the next line; None at the end, and for anything that is no line."""
    try:
        text = await reader.readline()
        found = json.loads(text) if text.endswith(b"\n") else None
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def is_secret(said: dict[str, Any] | None, secret: str) -> bool:
    """Whether a first line knows the secret."""
    given = (said or {}).get("secret")
    return bool(secret) and isinstance(given, str) and hmac.compare_digest(given.encode(), secret.encode())
