"""The log of the grid operator's commands: a line of JSON for each change, in a file beside Home Assistant's own.

§14a EnWG asks for proof that a house was limited when it had to be. So each line is on disk at once, is kept for more
than two years, and a second line adds what the cars drew a minute later.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from threading import Lock
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER

DIMMING_FILE = "tesla_twc_dimming.jsonl"
KEPT = timedelta(days=3 * 366)
"""Lines are kept for so long; two years are asked for."""
AFTER_SECONDS = 60.0
"""When what the cars draw is looked at again."""
LONGEST_FILE = 2_000_000
"""Bytes above which old lines are looked for: some ten thousand changes."""

_LOG: HassKey[DimmingLog] = HassKey(f"{DOMAIN}_dimming_log")


class DimmingLog:
    """The file of all houses; every call but ``note`` blocks."""

    def __init__(self, hass: HomeAssistant, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self._hass, self.path = hass, path
        self._turn = Lock()
        self._complained = False

    def note(self, record: dict[str, Any]) -> None:
        """Write one line in the background."""
        _ = self._hass.async_add_executor_job(self._append, record)

    def _append(self, record: dict[str, Any]) -> None:
        with self._turn:
            try:
                self._drop_old_lines()
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(record) + "\n")
                self._complained = False
            except OSError as error:
                if not self._complained:
                    self._complained = True
                    LOGGER.warning("The log of the grid operator's commands cannot be written: %s", error)

    def _drop_old_lines(self) -> None:
        if not self.path.exists() or self.path.stat().st_size < LONGEST_FILE:
            return
        oldest = (datetime.now(UTC) - KEPT).isoformat()
        kept = [line for line in _lines(self.path) if _record(line).get("time", "") >= oldest]
        rest = self.path.with_name(f"{self.path.name}.new")
        rest.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        rest.replace(self.path)

    def events(self, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """Return what is logged of a time, the oldest first; each with what the cars drew a minute later."""
        with self._turn:
            records = [_record(line) for line in _lines(self.path)]
        first, last = start.astimezone(UTC).isoformat(), end.astimezone(UTC).isoformat()
        found = {
            (one["house"], one["time"]): one | {"drew_after": None}
            for one in records
            if "before" in one and first <= one["time"] < last
        }
        for one in records:
            if "before" not in one and (key := (one.get("house"), one.get("time"))) in found:
                found[key]["drew_after"] = one.get("drew_after")
        return list(found.values())


def dimming_log(hass: HomeAssistant) -> DimmingLog:
    """Return the log of this Home Assistant."""
    if (log := hass.data.get(_LOG)) is None:
        log = hass.data[_LOG] = DimmingLog(hass, Path(hass.config.path(DIMMING_FILE)))
    return log


def _lines(path: Path) -> Iterable[str]:
    with suppress(FileNotFoundError):
        return path.read_text(encoding="utf-8").splitlines()
    return []


def _record(line: str) -> dict[str, Any]:
    """Return one line; one that was cut off by a power cut says nothing."""
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) and isinstance(record.get("time"), str) else {}
