"""What an owner says of one car. A new field also goes into flow/cars.py and cars/stored.py."""

from dataclasses import dataclass

from ..charging.settings import ChargeMode
from ..protocol.codes import TwcId


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedCar:
    """One car of the house. Amps are A per phase; entities are those of its own integration, by id."""

    car_id: str
    """Names it for ever."""
    name: str
    vin: str | None = None
    """None: a guest's, or one of a maker whose cars tell a wall connector none."""
    phases: int | None = None
    """How many it charges with; None: as the wall connector is told."""
    minimum_amps: int | None = None
    """It charges with no less; None: as the wall connector is set."""
    maximum_amps: int | None = None
    """It takes no more; None: not known."""
    switch: str | None = None
    """What starts and stops its charging."""
    amps: str | None = None
    """The number for its charging current."""
    soc: str | None = None
    charge_limit: str | None = None
    odometer: str | None = None
    plug: str | None = None
    """What tells whether it is plugged in or charges, anywhere."""
    battery_kwh: float | None = None
    mode: ChargeMode | None = None
    """The charge mode wherever it is plugged in; None: as the wall connector."""
    priority: int | None = None
    """None: as the wall connector."""
    allowed: bool = True
    """Whether it may charge here."""
    default_at: frozenset[TwcId] = frozenset()
    """The wall connectors at which a car that tells no VIN is taken for this one."""
