"""Sensors of each decision with its terms, of the surplus and the meter, and of wear (closings, silent stops)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, inf
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import MATCH_ALL, EntityCategory, UnitOfElectricCurrent, UnitOfPower
from homeassistant.util import dt as dt_util

from ..coordinator import TwcCoordinator
from ..entity import UNAVAILABLE, ConnectorEntity, Face, HouseEntity
from ..house_coordinator import HouseCoordinator
from ..runtime.availability import can_be_explained, is_heard, why_undecided
from ..runtime.house import RunningHouse
from ..twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from ..twc.charging.decision import ConnectorDecision, Decision, InputState
from ..twc.charging.meter.learner import MeterVerdict
from ..twc.charging.readings import PHASES
from ..twc.charging.reason import Reason
from ..twc.charging.status import shown_reason
from ..twc.charging.wear import Wear
from ..twc.protocol.codes import TwcId
from .deadband import CURRENT_DETAIL, POWER_DETAIL, Detail, Thinned
from .sensor import TwcSensor

TERMS_SECONDS = 60.0
"""The terms of an unchanged decision are shown no more often than this …"""
DRAWN_AMPS, DRAWN_SECONDS = 1.0, 4.0
"""… but for the current, which is shown anew after so long once it has moved by so much …"""
FIGURE_AMPS = 0.5
"""… or by so much, with another whole ampere in its sentence, once *Charging current* shows that, too …"""
SHARE_DETAIL = Detail(step=200.0)
"""… and for the W that are for the car: its sentence tells them, and an owner looks at the sun. …"""
SAID_SECONDS = 10.0
"""… It is said anew after so long if there is more or less to say than a moment ago."""

_CHOSEN_TERMS = (
    *("mode", "current_limit", "minimum_current", "highest_current", "circuit_limit", "priority", "phases"),
    *("reserve", "grid_share", "few_starts"),
)
"""Terms that move only when somebody sets them."""

SENTENCE = "sentence"
"""The attribute that says a decision in words."""

DECISION = SensorEntityDescription(
    key="decision", device_class=SensorDeviceClass.ENUM, options=[reason.value for reason in Reason]
)


@dataclass(frozen=True, kw_only=True)
class WearDescription(SensorEntityDescription):
    """Describe a counter of a wall connector's wear."""

    value_fn: Callable[[Wear], int]
    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC


WEAR_SENSORS: tuple[WearDescription, ...] = (
    WearDescription(
        key="contactor_closings",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda wear: wear.closings,
    ),
    WearDescription(
        key="silent_stops",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda wear: wear.silent_stops,
    ),
)


ORDERED_WEAR = frozenset({"silent_stops"})
"""What only our own orders wear."""


@dataclass(frozen=True, kw_only=True)
class SiteSensorDescription(SensorEntityDescription):
    """Describe what is known of the house."""

    value_fn: Callable[[RunningHouse], float | str | None]
    attributes_fn: Callable[[RunningHouse], Mapping[str, Any]] | None = None
    is_used_fn: Callable[[Decision], bool] = lambda decision: decision.input_state is not InputState.UNUSED
    """Whether there is anything to know; a main fuse alone is no surplus."""
    detail: Detail | None = None


_TRUSTED = frozenset({InputState.FRESH, InputState.HELD, InputState.NIGHT})
"""How far down the ladder the last surplus is still worth showing."""


def _flows(connector: WallConnectorSnapshot, decided: ConnectorDecision) -> tuple[float, float]:
    """Return the A that are told of the car, and of the house where that is why the car gets no more."""
    house = decided.terms.get("fuse_house") if decided.reason is Reason.HELD_BY_FUSE else None
    return connector.drawn_amps or 0.0, house if isinstance(house, float) else 0.0


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _surplus_watts(decision: Decision) -> int | None:
    """Return the surplus; none where it would be the last word of a meter that is silent for minutes."""
    return _whole(decision.surplus_watts) if decision.input_state in _TRUSTED else None


def _available_amps(decision: Decision) -> float | None:
    """Return what the surplus means in amps, under the same condition."""
    if decision.available_amps is None or decision.input_state not in _TRUSTED:
        return None
    return round(decision.available_amps, 1)


def _input_state(house: RunningHouse) -> dict[str, Any]:
    """Return which readings are missing, and why, where a sensor says more than nothing."""
    decision, inputs = house.decision, house.inputs
    readings = {} if inputs is None else dict(inputs.readings.needed())
    gaps = {name: readings[name].gap for name in decision.stale_inputs if name in readings}
    if inputs is not None and PHASES in decision.missing:
        gaps[PHASES] = next((reading.gap for reading in inputs.readings.phases if reading.gap), None)
    return {
        "stale": list(decision.missing),
        "gaps": {name: gap.value for name, gap in gaps.items() if gap is not None},
    }


def _meter(house: RunningHouse) -> dict[str, Any]:
    found, check = house.meter, house.meter_check
    return {
        "gain": None if found.gain is None else round(found.gain, 2),
        "delay": _whole(found.delay_seconds),
        "interval": _whole(house.meter_interval_seconds),
        "steps": found.steps,
        "check": check.state.value,
        "check_verdict": None if check.report is None else check.report.verdict.value,
        "check_broken_off_by": None if check.broken_off_by is None else check.broken_off_by.value,
    }


SITE_SENSORS: tuple[SiteSensorDescription, ...] = (
    SiteSensorDescription(
        key="surplus_power",
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=lambda house: _surplus_watts(house.decision),
        detail=Detail(step=50, share=0.02),
    ),
    SiteSensorDescription(
        key="available_current",
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=1,
        value_fn=lambda house: _available_amps(house.decision),
        detail=Detail(step=0.3),
    ),
    SiteSensorDescription(
        key="input_state",
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in InputState],
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda house: house.decision.sensors_state.value,
        attributes_fn=_input_state,
        is_used_fn=lambda decision: decision.sensors_state is not InputState.UNUSED,
    ),
    SiteSensorDescription(
        key="meter",
        device_class=SensorDeviceClass.ENUM,
        options=[verdict.value for verdict in MeterVerdict],
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda house: house.meter.verdict.value,
        attributes_fn=_meter,
    ),
)


class DecisionSensor(ConnectorEntity, TwcSensor):
    """Why a wall connector has the amps it has, with every term that led to them, and what is waited for.

    The terms move with every reading of the house: they are not recorded, and shown anew when the decision changes, or
    after a minute. What is waited for is shown in s that were left then.
    """

    _unrecorded_attributes = frozenset({MATCH_ALL})

    def __init__(self, coordinator: TwcCoordinator, twcid: TwcId) -> None:
        """Show nothing yet."""
        self._shown: tuple[object, ...] | None = None
        self._shown_at = -inf
        self._shown_flows = (0.0, 0.0)
        self._drawn = Thinned(CURRENT_DETAIL, POWER_DETAIL)
        self._share = Thinned(SHARE_DETAIL)
        self._said: tuple[str, ...] = ()
        self._terms: dict[str, Any] = {}
        self._fixed_until: tuple[float, str] | None = None
        super().__init__(coordinator, twcid, DECISION)

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        decided = self.coordinator.decision.connectors.get(self.twcid)
        if not can_be_explained(bus, connector):
            return UNAVAILABLE
        if decided is None:
            self._shown = None
            reason = why_undecided(bus, connector)
            return UNAVAILABLE if reason is None else self._undecided(reason, bus, connector)
        # What the owner changes is shown at once, whether or not anything follows from it.
        chosen = tuple(decided.terms.get(name) for name in _CHOSEN_TERMS)
        decider = self.coordinator.decider
        whose = (decider.fixed(self.twcid), decider.is_shadow(self.twcid), self._departure())
        offer = (decided.amps, decided.sent_amps, decided.follows_amps)
        verdict = (decided.reason.value, offer, chosen, whose, is_heard(bus, connector))
        age = bus.now - self._shown_at
        flows = _flows(connector, decided)
        moved = age >= DRAWN_SECONDS and any(
            abs(now - shown) >= DRAWN_AMPS for now, shown in zip(flows, self._shown_flows, strict=True)
        )
        moved = self._figure_moved(connector, bus.now) or moved
        moved = moved or (age >= SAID_SECONDS and self._says(decided, bus.now) != self._said)
        if verdict != self._shown or moved or age >= TERMS_SECONDS or self._share_moved(decided, bus.now):
            self._said = self._says(decided, bus.now)
            self._share = Thinned(SHARE_DETAIL)
            self._share_moved(decided, bus.now)
            self._shown_flows = flows
            self._shown, self._shown_at = verdict, bus.now
            left = {name: ceil(at - bus.now) for name, at in decided.timers.items() if at > bus.now}
            # A contactor that is kept open gives nothing, whatever the order is.
            amps = 0 if decided.reason is Reason.RESTING else decided.amps
            heard = {} if is_heard(bus, connector) else {"drawn_current": None}
            self._terms = {"current": amps, **decided.terms, **heard, **left, **self._fixed(bus.now)}
            self._terms |= self._ready()
            self._terms |= self._sentence(decided, bus.now)
        reason = shown_reason(connector, decided)
        if reason is None:
            # Nobody knows whether there is a car, so no sentence is true.
            terms = {name: value for name, value in self._terms.items() if name != SENTENCE}
            return Face(value=None, attributes=terms)
        return Face(value=reason.value, attributes=self._terms)

    def _says(self, decided: ConnectorDecision, now: float) -> tuple[str, ...]:
        """Return what the sentences about a decision are made of."""
        return tuple(one.key for one in self.coordinator.decider.said(self.twcid, decided, now))

    def _undecided(self, reason: Reason, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        """Return what is shown while nothing is decided for it."""
        since = connector.last_heard if reason is Reason.NOT_HEARD else None
        nothing = ConnectorDecision(amps=0, charge=False, reason=reason, since=since)
        return Face(value=reason.value, attributes=self._sentence(nothing, bus.now))

    def _sentence(self, decided: ConnectorDecision, now: float) -> dict[str, str]:
        """Return the decision in a sentence or two, if there are texts."""
        said = self.coordinator.decider.sentence(self.twcid, decided, now)
        return {} if said is None else {SENTENCE: said}

    def _figure_moved(self, connector: WallConnectorSnapshot, now: float) -> bool:
        """Whether *Charging current* has just moved to another whole ampere than was told of the car."""
        before, told = self._drawn.shown, self._shown_flows[0]
        shown = self._drawn.take(connector.drawn_amps, now, connector.power_watts)
        if shown is None or shown == before:
            return False
        return round(shown) != round(told) and abs(shown - told) >= FIGURE_AMPS

    def _share_moved(self, decided: ConnectorDecision, now: float) -> bool:
        """Whether what the sun has for the car is something else than what is shown."""
        share = decided.terms.get("share")
        before = self._share.shown
        return self._share.take(share if isinstance(share, int) else None, now) != before

    def _departure(self) -> tuple[object, ...] | None:
        """Return what is planned, as far as it moves only when somebody sets it or it begins."""
        outlook = self.coordinator.owner_settings.ready.outlook(self.twcid)
        return None if outlook is None else (outlook.at, outlook.kwh, outlook.runs)

    def _ready(self) -> dict[str, Any]:
        """Return by when its car has to be ready, and what is planned for that."""
        outlook = self.coordinator.owner_settings.ready.outlook(self.twcid)
        if outlook is None:
            return {}
        begins = outlook.begins
        return {
            "ready_by": outlook.at.isoformat(timespec="minutes"),
            "ready_energy": outlook.missing_kwh,
            "ready_begins": None if begins is None else begins.isoformat(timespec="minutes"),
            "ready_short": outlook.short_kwh,
        }

    def _fixed(self, now: float) -> dict[str, Any]:
        """Return what an action set and until when, by the clock on the wall: it does not move while nothing does."""
        fixed = self.coordinator.decider.fixed(self.twcid)
        if fixed is None:
            return {}
        if fixed.until is None:
            return {"fixed_current": fixed.amps}
        if self._fixed_until is None or self._fixed_until[0] != fixed.until:
            until = dt_util.now() + timedelta(seconds=fixed.until - now)
            self._fixed_until = (fixed.until, until.isoformat(timespec="seconds"))
        return {"fixed_current": fixed.amps, "fixed_until": self._fixed_until[1]}


class WearSensor(ConnectorEntity, TwcSensor):
    """What wears, counted; it survives restarts."""

    entity_description: WearDescription

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        return Face(value=self.entity_description.value_fn(self.coordinator.decider.wear_of(self.twcid)))


class SiteSensor(HouseEntity, TwcSensor):
    """What is known of the house; unavailable while nothing measures it."""

    entity_description: SiteSensorDescription

    def __init__(
        self, coordinator: TwcCoordinator | HouseCoordinator, description: SiteSensorDescription
    ) -> None:
        """Show nothing yet."""
        self._thinned = Thinned(description.detail) if description.detail else None
        super().__init__(coordinator, description)

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        house = self.coordinator.house
        if not self.entity_description.is_used_fn(house.decision):
            return UNAVAILABLE
        value = self.entity_description.value_fn(house)
        tell = self.entity_description.attributes_fn
        return Face(value=self._thin(value, bus.now), attributes=None if tell is None else tell(house))
