"""Notifies the owner of the result of a meter check that he began with the button."""

from collections.abc import Iterator, Mapping
from typing import Any

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..house.sentences import Words, async_words
from ..registry.naming import which_bus
from ..runtime.house import RunningHouse
from ..twc.charging.meter.check import CheckState, MeterCheck
from ..twc.charging.meter.learner import MeterFindings, MeterVerdict
from ..twc.charging.meter.step_trial import MeterReport
from .site_issues import meter_fault

_OVER = frozenset({CheckState.DONE, CheckState.BROKEN_OFF})


class MeterNews:
    """Watches the check of one bus and tells its end."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Nobody asked yet."""
        self._hass = hass
        self._entry = entry
        self._notification_id = f"{DOMAIN}_meter_check_{entry.entry_id}"
        self._before = CheckState.NEVER

    @callback
    def follow(self, house: RunningHouse) -> None:
        """Tell of a check that has just ended, and forget what was told when the next one begins."""
        check = house.meter_check
        before, self._before = self._before, check.state
        if check.state is CheckState.RUNNING and before is not CheckState.RUNNING:
            persistent_notification.async_dismiss(self._hass, self._notification_id)
        if before is CheckState.RUNNING and check.state in _OVER:
            verdict = MeterVerdict.UNKNOWN if check.report is None else check.report.verdict
            found = MeterFindings(verdict=verdict)
            fits = meter_fault(found, house.site, self._entry.options) is None
            _ = self._entry.async_create_task(self._hass, self._async_tell(check, fits=fits))

    async def _async_tell(self, check: MeterCheck, *, fits: bool) -> None:
        words = await async_words(self._hass)
        persistent_notification.async_create(
            self._hass,
            "\n\n".join(_sentences(words, check, fits=fits)),
            words("meter_check_title", bus=which_bus(self._hass, self._entry)),
            self._notification_id,
        )


def _sentences(words: Words, check: MeterCheck, *, fits: bool) -> Iterator[str]:
    if check.report is None:
        yield words(f"meter_check_{check.broken_off_by}")
        return
    yield words(f"meter_check_{check.report.verdict}")
    if check.report.verdict is MeterVerdict.UNKNOWN:
        return
    yield from _measured(words, check.report)
    yield words("meter_check_fits" if fits else "meter_check_contradicts")


def _measured(words: Words, report: MeterReport) -> Iterator[str]:
    values: Mapping[str, Any] = {
        "gain": None if report.gain is None else words.figure(1000 * report.gain),
        "delay": None if report.delay_seconds is None else f"{report.delay_seconds:.0f}",
        "interval": None if report.interval_seconds is None else f"{report.interval_seconds:.0f}",
    }
    yield from (
        words(f"meter_check_{key}", **{key: text}) for key, text in values.items() if text is not None
    )
