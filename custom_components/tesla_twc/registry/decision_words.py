"""Says decisions in sentences, in the language of Home Assistant."""

from collections.abc import Iterable
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..twc.charging.reason import Reason
from ..twc.charging.sentence import KILOWATT_HOURS, KILOWATTS, READINGS, TIMES, UNTIL, Figure, Spoken, plainly

_BEGIN = f"component.{DOMAIN}.common.decision_"
_MOMENTS_KEPT = 64


class DecisionWords:
    """Says the decisions of one bus. Its texts are those that Home Assistant has loaded with the integration."""

    def __init__(self, hass: HomeAssistant, speed: float) -> None:
        """Take how many s of the bus pass in each one of the world: more than one in a simulation only."""
        self._hass, self._speed = hass, speed
        self._clock: dict[float, str] = {}
        """The time of day of moments of the bus: told once, it does not move with the next look at the clock."""
        self._fetched: set[str] = set()
        """Languages that were asked for."""

    def say(self, said: Iterable[Spoken], now: float, *, is_shadow: bool = False) -> str | None:
        """Return what is said at a time in s of the bus as one text; None while there are no texts.

        ``is_shadow``: nothing of it is done.
        """
        text = self._join(said, now)
        return self._fill("in_shadow", sentence=text) if text is not None and is_shadow else text

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
        language = self._hass.config.language
        texts = async_get_cached_translations(self._hass, language, "common", DOMAIN)
        if not texts:
            self._fetch(language)
            texts = async_get_cached_translations(self._hass, "en", "common", DOMAIN)
        return texts.get(_BEGIN + key)

    def _fetch(self, language: str) -> None:
        """Have a language loaded: Home Assistant did so with the integration, and its owner chose another one since."""
        if language not in self._fetched:
            self._fetched.add(language)
            _ = self._hass.async_create_task(
                async_get_translations(self._hass, language, "common", [DOMAIN]), f"{DOMAIN} texts"
            )

    def _figure(self, name: str, value: Figure, now: float) -> str:
        if name in TIMES and isinstance(value, float):
            return self._time_of_day(value, now, is_end=name == UNTIL)
        if name in KILOWATTS | KILOWATT_HOURS:
            return f"{value:.1f}".replace(".", self._text("decimal_mark") or ".")
        if name == READINGS and isinstance(value, tuple):
            return ", ".join(self._text(f"reading_{one}") or one for one in value)
        return str(value)

    def _time_of_day(self, at: float, now: float, *, is_end: bool) -> str:
        """Return it in whole minutes; an end is rounded up, so that it is true until then."""
        if at not in self._clock:
            if len(self._clock) >= _MOMENTS_KEPT:
                del self._clock[next(iter(self._clock))]
            moment = dt_util.now() + timedelta(seconds=(at - now) / self._speed)
            if is_end:
                moment += timedelta(minutes=1, microseconds=-1)
            self._clock[at] = moment.strftime("%H:%M")
        return self._clock[at]
