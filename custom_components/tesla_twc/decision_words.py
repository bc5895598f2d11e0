"""Says decisions in sentences, in the language of Home Assistant."""

from collections.abc import Iterable
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .twc.charging.decision import ConnectorDecision, Reason
from .twc.charging.sentence import KILOWATTS, READINGS, TIMES, Figure, Spoken, plainly, spoken

_BEGIN = f"component.{DOMAIN}.common.decision_"
_MOMENTS_KEPT = 64


class DecisionWords:
    """Says the decisions of one bus. Its texts are those that Home Assistant has loaded with the integration."""

    def __init__(self, hass: HomeAssistant, speed: float) -> None:
        """Take how many s of the bus pass in each one of the world: more than one in a simulation only."""
        self._hass, self._speed = hass, speed
        self._clock: dict[float, str] = {}
        """The time of day of moments of the bus: told once, it does not move with the next look at the clock."""

    def say(
        self,
        decided: ConnectorDecision,
        now: float,
        *,
        missing: tuple[str, ...] = (),
        until: float | None = None,
        is_shadow: bool = False,
    ) -> str | None:
        """Return a decision in one or two sentences; None while there are no texts.

        ``now``: s of the bus. ``missing``: which readings are missing. ``until``: when what an action set is over, s
        of the bus. ``is_shadow``: nothing of it is done.
        """
        said = self._join(spoken(decided, now, missing=missing, until=until), now)
        return self._fill("in_shadow", sentence=said) if said is not None and is_shadow else said

    def say_plainly(self, reason: Reason) -> str | None:
        """Return a sentence without any figure, which stays true as long as the reason does."""
        return self._join((plainly(reason),), 0.0)

    def say_at(self, sentence: str) -> str | None:
        """Return a sentence with the time at which it is true, for what is kept longer than that."""
        return self._fill("at_time", time=dt_util.now().strftime("%H:%M"), sentence=sentence)

    def _join(self, sentences: Iterable[Spoken], now: float) -> str | None:
        told = [
            self._fill(
                one.key, **{name: self._figure(name, value, now) for name, value in one.figures.items()}
            )
            for one in sentences
        ]
        return None if None in told else " ".join(text for text in told if text is not None)

    def _fill(self, key: str, **figures: str) -> str | None:
        text = self._text(key)
        return None if text is None else text.format(**figures)

    def _text(self, key: str) -> str | None:
        """Return a text in the language of Home Assistant; in English while that one is still being loaded."""
        languages = (self._hass.config.language, "en")
        loaded = (async_get_cached_translations(self._hass, one, "common", DOMAIN) for one in languages)
        return next((texts[_BEGIN + key] for texts in loaded if _BEGIN + key in texts), None)

    def _figure(self, name: str, value: Figure, now: float) -> str:
        if name in TIMES and isinstance(value, float):
            return self._time_of_day(value, now)
        if name in KILOWATTS:
            return f"{value:.1f}".replace(".", self._text("decimal_mark") or ".")
        if name == READINGS and isinstance(value, tuple):
            return ", ".join(self._text(f"reading_{one}") or one for one in value)
        return str(value)

    def _time_of_day(self, at: float, now: float) -> str:
        if at not in self._clock:
            if len(self._clock) >= _MOMENTS_KEPT:
                del self._clock[next(iter(self._clock))]
            moment = dt_util.now() + timedelta(seconds=(at - now) / self._speed)
            self._clock[at] = moment.strftime("%H:%M")
        return self._clock[at]
