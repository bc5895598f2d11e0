"""Models of cars: what each may draw and how it disappoints. The behaviour itself is in ``car``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CarModel:
    """The nature of a car. Amps are A per phase."""

    name: str
    maximum_amps: float = 16.0
    """What the charger on board can take."""
    phases: int = 3
    minimum_amps: float = 5.0
    """An offer below this, other than 0, makes it refuse until it is plugged in again (protocol.md 3.5) …"""
    waits_below_minimum: bool = False
    """… or wait for a higher one."""
    shortfall_amps: float = 0.8
    """How far it stays below the offer (protocol.md 3.9); negative if it draws more than it may."""
    rise_amps_per_second: float = 3.5
    fall_amps_per_second: float = 7.0
    lag_seconds: float = 1.5
    """From a new offer to the first change of current."""
    start_seconds: float = 8.0
    """From the closing of the contactor to the first current (protocol.md 3.4, #138)."""
    vin: str | None = None
    """None for anything but a Tesla: only Teslas talk to the wall connector."""
    battery_kwh: float | None = None
    """None for a battery that is never full."""
    efficiency: float = 0.9
    six_amp_bug_below_amps: float | None = None
    """16 A in the EU, 21 A in the US, for cars with the bug; None without it (protocol.md 3.6)."""
    silent_stops_endured: int | None = None
    """How often the contactor may open under it before it refuses; None: any number (protocol.md 3.8)."""
    endures_contactor_command: bool = True
    """Whether the car starts again after FCB2; a Tesla on its CAN does not (protocol.md 3.8)."""
    outage_endured_seconds: float | None = None
    """How long there may be no controller before the car wants a re-plug (protocol.md 3.2)."""
    trapped_after_seconds: float | None = None
    """How long it may see 0 A after plug-in before it never starts; None: for ever (protocol.md 3.5)."""
    wakes_after_seconds: float | None = 10.0
    """How long a sleeping car takes to notice an offer; None if it does not (protocol.md 3.5)."""
    pauses_after_seconds: float | None = None
    """A car that pauses itself does so after charging this long …"""
    pause_seconds: float = 60.0
    """… and for this long."""


TESLA = CarModel(
    name="Tesla",
    vin="5YJ3E7EB1KF123456",
    battery_kwh=75.0,
    silent_stops_endured=3,
    endures_contactor_command=False,
    outage_endured_seconds=120.0,
    trapped_after_seconds=15.0,
)
TESLA_US = CarModel(
    name="Tesla (US)",
    vin="5YJSA1E27HF000337",
    maximum_amps=48.0,
    phases=1,
    battery_kwh=100.0,
    silent_stops_endured=3,
    endures_contactor_command=False,
    outage_endured_seconds=120.0,
    trapped_after_seconds=15.0,
)
TESLA_2017 = CarModel(
    name="Tesla with the 6 A bug",
    vin="5YJSA7E24HF191234",
    battery_kwh=85.0,
    six_amp_bug_below_amps=16.0,
    silent_stops_endured=3,
    endures_contactor_command=False,
    outage_endured_seconds=120.0,
    trapped_after_seconds=15.0,
)
LEAF = CarModel(name="Leaf", maximum_amps=28.0, phases=1, battery_kwh=39.0)
ZOE = CarModel(name="Zoe", maximum_amps=32.0, phases=3, battery_kwh=52.0, shortfall_amps=0.6)
OUTLANDER = CarModel(name="Outlander", maximum_amps=16.0, phases=1, battery_kwh=12.0)
TWO_PHASE = CarModel(name="two-phase Golf", maximum_amps=16.0, phases=2, battery_kwh=35.8)

CAR_MODELS: dict[str, CarModel] = {
    "tesla": TESLA,
    "tesla-us": TESLA_US,
    "tesla-2017": TESLA_2017,
    "leaf": LEAF,
    "zoe": ZOE,
    "outlander": OUTLANDER,
    "golf": TWO_PHASE,
}
"""Cars by the names that the simulation's commands use."""
