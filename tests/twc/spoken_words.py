"""The English texts of decisions, filled in as Home Assistant does, and what they say, read back from them."""

from collections.abc import Mapping
import json
from pathlib import Path
import re
import string

from twc.charging.decision import ConnectorDecision
from twc.charging.phrases import SAID, Phrase
from twc.charging.ready_by import ReadySaid
from twc.charging.reason import Reason
from twc.charging.sentence import KILOWATT_HOURS, KILOWATTS, READINGS, TIMES, Figure, spoken

REPOSITORY = Path(__file__).resolve().parents[2]
STRINGS = json.loads(
    (REPOSITORY / "custom_components" / "tesla_twc" / "translations" / "en.json").read_text("utf-8")
)
BEGIN = "decision_"
TEXTS: dict[str, str] = {
    key.removeprefix(BEGIN): text for key, text in STRINGS["common"].items() if key.startswith(BEGIN)
}
STATES: dict[str, str] = STRINGS["entity"]["sensor"]["decision"]["state"]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def fill(key: str, figures: dict[str, Figure] | None = None) -> str:
    """Fill in a text; a time is told in s."""
    words: dict[str, str] = {}
    for name, value in (figures or {}).items():
        if name in KILOWATTS | KILOWATT_HOURS:
            words[name] = f"{value:.1f}"
        elif name in TIMES:
            words[name] = f"{value:.0f} s"
        elif name == READINGS and isinstance(value, tuple):
            words[name] = ", ".join(TEXTS[f"reading_{one}"] for one in value)
        else:
            words[name] = str(value)
    return TEXTS[key].format(**words)


def say(
    decided: ConnectorDecision,
    now: float,
    *,
    missing: tuple[str, ...] = (),
    until: float | None = None,
    ready: ReadySaid | None = None,
) -> str:
    said = spoken(decided, now, missing=missing, until=until, ready=ready)
    return " ".join(fill(one.key, dict(one.figures)) for one in said)


def phrases_of(reason: Reason) -> tuple[Phrase, ...]:
    return (*SAID[reason].first, *SAID[reason].then)


def sentences(said: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.])\s+(?=[A-Z])", said) if one]


def figure(said: str, pattern: str) -> float | None:
    """Return the number in a sentence, as an owner would read it."""
    found = re.search(pattern, said)
    return None if found is None else float(found[1])


def surplus(said: str) -> float | None:
    """Return the kW of surplus that a sentence tells; None where it tells none."""
    if re.search(r"\bno surplus\b", said, re.IGNORECASE):
        return 0.0
    for pattern in (
        r"([\d.]+) kW of surplus",
        r"Too little surplus for this car: ([\d.]+) kW",
        r"([\d.]+) kW for this car",
    ):
        if (kilowatts := figure(said, pattern)) is not None:
            return kilowatts
    return None


def needed(said: str) -> float | None:
    return figure(said, r"([\d.]+) kW needed")


EXAMPLE: dict[str, str] = {
    "surplus": "2.1",
    "needed": "3.3",
    "needs": "4.1",
    "amps": "10",
    "drawn": "8",
    "circuit": "32",
    "house": "21",
    "phase": "L2",
    "soc": "45",
    "battery_first": "60",
    "car_minimum": "8",
    "stops": "3",
    "minutes": "4",
    "since": "14:02",
    "until": "15:30",
    "source": "EMHASS",
    "feeder": "the cable to the barn",
    "reserved": "16",
    "silent": "Wall connector 4580",
    "kept": "1.8",
    "first": "heat pump",
    "given": "0.9",
    "giver": "heater",
    "energy": "12.0",
    "ready": "07:00",
    "begins": "03:10",
    "short": "3.2",
    READINGS: "grid meter",
}
"""Figures for the table of the documentation …"""
EXAMPLES: dict[str, dict[str, str]] = {
    "about_to_start_kw": {"surplus": "4.2"},
    "about_to_start_nearly": {"surplus": "3.1"},
    "resting_kw": {"surplus": "4.2"},
    "kept_low": {"amps": "8", "planned": "16"},
    "rising": {"amps": "12", "target": "20"},
    "takes_so_far": {"amps": "32"},
    "following_surplus_kw": {"surplus": "7.1"},
    "following_surplus_minimum": {"surplus": "3.6"},
    "about_to_stop_kw": {"needed": "3.0"},
    "about_to_stop_none": {"needed": "3.0"},
    "battery_helps_kw": {"soc": "92"},
    "battery_helps_none": {"soc": "92"},
}
"""… and where others go together."""


def example(key: str, texts: Mapping[str, str] = TEXTS) -> str:
    """Fill in a text, of another language, too, with the figures of the documentation."""
    is_minimum = re.search(r"minimum|establishing|cannot_stop|stop_budget|unknown|not_|paused|helps", key)
    least = {"amps": "6"} if is_minimum else {}
    return texts[key].format(**(EXAMPLE | least | EXAMPLES.get(key, {})))


def table() -> str:
    """Return the table of all sentences: each state, and what may be said of it, the best first."""
    lines = ["| Decision | in a sentence |", "|---|---|"]
    for reason, said in SAID.items():
        first = " *or* ".join(example(one.key) for one in said.first)
        then = " *or* ".join(example(one.key) for one in said.then)
        lines.append(f"| {STATES[reason.value]} | {first}{f' *then* {then}' if then else ''} |")
    return "\n".join(lines)
