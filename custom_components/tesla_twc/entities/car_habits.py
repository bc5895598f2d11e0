"""What the charges of the last year have shown of a car."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfElectricCurrent, UnitOfTime

from ..coordinator import TwcCoordinator
from ..entity import Face
from ..twc.bus.snapshot import BusSnapshot
from ..twc.cars.car import OwnedCar
from ..twc.sessions.habits import StopCount
from ..twc.sessions.learnt import Learnt, cures_of, reaction_seconds, stops_of
from ..twc.sessions.session import Session
from .car_entity import CarEntity
from .deadband import Detail, Thinned
from .sensor import TwcSensor


class Resumes(StrEnum):
    """How often a car begins again after it was stopped."""

    ALWAYS = "always"
    MOSTLY = "mostly"
    SELDOM = "seldom"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a car."""

    car: OwnedCar
    sessions: Sequence[Session]
    """Those of the last year."""
    learnt: Learnt


@dataclass(frozen=True, kw_only=True)
class CarHabitDescription(SensorEntityDescription):
    """Describe what the charges of a car have shown of it."""

    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC
    entity_registry_enabled_default: bool = False
    face_fn: Callable[[Known], Face]
    step: float = 0.5
    """The smallest change that is worth a row in the recorder."""


def _phases(known: Known) -> Face:
    return Face(value=max((one.phases for one in known.sessions if one.phases), default=None))


def _largest(known: Known) -> Face:
    largest = max((one.peak_amps for one in known.sessions), default=0.0) or None
    return Face(value=largest, attributes={"is_its_limit": known.learnt.largest_amps is not None})


def _smallest(known: Known) -> Face:
    return Face(value=min((one.least_amps for one in known.sessions if one.least_amps), default=None))


def _minimum(known: Known) -> Face:
    amps = known.learnt.minimum_amps
    return Face(value=amps, attributes={"in_use": amps is not None and known.car.minimum_amps is None})


def _reaction(known: Known) -> Face:
    seconds, measured = reaction_seconds(known.sessions)
    return Face(value=seconds, attributes={"measured": measured})


def _resumes(known: Known) -> Face:
    ways = stops_of(known.sessions)
    resumed, stayed = sum(way.resumed for way in ways), sum(way.stayed for way in ways)
    return Face(value=_how_often(resumed, stayed), attributes=_told(ways, resumed, stayed))


def _how_often(resumed: int, stayed: int) -> str | None:
    if not resumed + stayed:
        return None
    if not stayed:
        return Resumes.ALWAYS.value
    if not resumed:
        return Resumes.NEVER.value
    return (Resumes.MOSTLY if resumed >= stayed else Resumes.SELDOM).value


def _told(ways: Sequence[StopCount], resumed: int, stayed: int) -> Mapping[str, Any]:
    """Return how often it resumed after how many stops: in all, and of each way that there was."""
    by_way = {way.way: f"{way.resumed}/{way.resumed + way.stayed}" for way in ways}
    return {"resumed": resumed, "stops": resumed + stayed, **by_way}


def _cures(known: Known) -> Face:
    cures, cured = cures_of(known.sessions)
    return Face(value=cures, attributes={"freed": cured})


def _amps(key: str, face_fn: Callable[[Known], Face], *, precision: int = 1) -> CarHabitDescription:
    return CarHabitDescription(
        key=key,
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=precision,
        face_fn=face_fn,
    )


CAR_HABITS = (
    CarHabitDescription(key="car_phases", face_fn=_phases),
    _amps("car_largest_current", _largest),
    _amps("car_smallest_current", _smallest),
    _amps("car_learnt_minimum", _minimum, precision=0),
    CarHabitDescription(
        key="car_reaction",
        device_class=SensorDeviceClass.DURATION,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=1,
        face_fn=_reaction,
    ),
    CarHabitDescription(
        key="car_resumes",
        device_class=SensorDeviceClass.ENUM,
        options=[one.value for one in Resumes],
        face_fn=_resumes,
    ),
    CarHabitDescription(key="car_cures", state_class=SensorStateClass.TOTAL, face_fn=_cures),
)


class CarHabitSensor(CarEntity, TwcSensor):
    """What the charges of the last year have shown of a car."""

    entity_description: CarHabitDescription

    def __init__(self, coordinator: TwcCoordinator, car_id: str, description: CarHabitDescription) -> None:
        """Show nothing yet."""
        self._thinned = Thinned(Detail(step=description.step))
        super().__init__(coordinator, car_id, description)

    @override
    def _read_car(self, bus: BusSnapshot, car: OwnedCar) -> Face:
        figures = self.coordinator.car_figures
        known = Known(car=car, sessions=figures.of(car.car_id), learnt=figures.learnt(car))
        face = self.entity_description.face_fn(known)
        value = round(face.value, 1) if isinstance(face.value, float) else face.value
        return Face(value=self._thin(value, bus.now), attributes=face.attributes)
