"""Reads the words of a command and says plainly what is wrong with them."""

from collections.abc import Iterable


class CommandError(ValueError):
    """Raised for a command that cannot be carried out; the text says why and what would be possible."""


class UsageError(CommandError):
    """Raised when the words do not fit the command."""


def expect(arguments: list[str], least: int, most: int) -> None:
    """Insist on a number of words."""
    if len(arguments) < least:
        raise UsageError("something is missing")
    if len(arguments) > most:
        raise UsageError(f'"{arguments[most]}" is too much')


def choice(text: str, choices: Iterable[str], what: str) -> str:
    """Read one of several names."""
    if text.lower() not in choices:
        raise CommandError(f'there is no {what} "{text}"; there are: {", ".join(choices)}')
    return text.lower()


def number(text: str, what: str) -> float:
    """Read a number that is not negative."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value < 1e6:
        raise UsageError(f'"{text}" is not a number of {what}')
    return value


def share(text: str) -> float:
    """Read a percentage, with or without its sign; returns 0 to 1."""
    percent = number(text.removesuffix("%"), "per cent")
    if percent > 100:
        raise UsageError(f'"{text}" is more than everything')
    return percent / 100


def switch(text: str) -> bool:
    """Read on or off."""
    if text.lower() not in ("on", "off"):
        raise UsageError(f'"{text}" is neither on nor off')
    return text.lower() == "on"
