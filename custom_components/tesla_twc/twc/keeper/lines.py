"""The words that Home Assistant and a keeper exchange: one JSON object a line, the first one with the secret."""

import asyncio
from enum import StrEnum
import hmac
import json
from typing import Any

STATE_FORMAT = 1
"""The format of the messages. A Home Assistant of another format takes the bus back without what the keeper knows."""

KEEPER_ANSWER_SECONDS = 5.0
"""A keeper that takes longer to answer counts as gone."""

PORT_WAIT_SECONDS = 25.0
"""The longest wait for a keeper that says it still waits for its port. Serial servers keep their only place taken for
up to 12 s (nilan#161), and ending the keeper just then would make Home Assistant wait as long once more."""

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
    """The port is closed, or was passed; go on."""
    RELEASE = "release"
    """Pass the port or close it, say what is known, and end."""
    END = "end"
    """Nothing is to be kept."""


def line(word: Word, **rest: Any) -> bytes:
    """Write one line."""
    return json.dumps({"do": word.value, "format": STATE_FORMAT, **rest}).encode() + b"\n"


def answer(**facts: Any) -> bytes:
    """Write one answer."""
    return json.dumps({"format": STATE_FORMAT, **facts}).encode() + b"\n"


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
