"""Follows which car of a bus is plugged in where (the rules are in twc/cars/recognise.py), and who may charge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_CLASS, STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import CONF_WHO_MAY_CHARGE
from ..house.foreign_states import attribute_text
from ..registry.devices import register_car
from ..runtime.role import role_of
from ..sessions.book import SessionBook, moment
from ..twc.bus.snapshot import BusRole, BusSnapshot, WallConnectorSnapshot
from ..twc.cars.access import WhoMayCharge, access_of
from ..twc.cars.car import OwnedCar
from ..twc.cars.recognise import (
    NOBODY,
    VIN_SECONDS,
    By,
    PlugEvidence,
    PluggedCar,
    Recognised,
    expected_at,
    recognise,
)
from ..twc.charging.settings import Access
from ..twc.protocol.codes import TwcId
from ..twc.sessions.session import Session
from .readings import odometer_of, soc_of
from .stored import cars_of

EARLY_SECONDS = 120.0
"""A sensor that said "plugged in" so long before the car was plugged in here means another place."""

MOST_STRANGERS = 10
"""Of so many cars that nobody knows the VIN is kept until the next start."""

_CHARGING = frozenset({BinarySensorDeviceClass.BATTERY_CHARGING, BinarySensorDeviceClass.POWER})
"""A sensor of one of these is off also while its car is plugged in and does not charge."""


@dataclass(slots=True)
class _Stay:
    """What is known of the car that is plugged in at one wall connector."""

    seen_at: float
    """Bus time since when it is followed."""
    began: datetime
    since: float | None = None
    """Bus time of its plug-in, to notice another car."""
    vin: str | None = None
    known: Recognised = NOBODY
    is_settled: bool = False
    """Whether it had its time to be recognised: by its VIN, or none was told for long enough."""


class Cars:
    """Knows the cars of one bus, and recognises them."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], sessions: SessionBook, changed: Callable[[], None]
    ) -> None:
        """Read what the owner has entered. ``changed`` is called after a choice by hand."""
        self._hass, self._entry = hass, entry
        self._sessions, self._changed = sessions, changed
        self._stays: dict[TwcId, _Stay] = {}
        self._strangers = {
            session.vin: twcid
            for twcid, session in sessions.ledger.open_sessions().items()
            if session.vin is not None and session.car_by != By.VIN
        }
        self.told_before = frozenset(self._strangers)
        """The VINs of those that were plugged in before this start: nobody has to wait whether they stay."""
        self.cars: Mapping[str, OwnedCar] = cars_of(entry)

    @callback
    def refresh(self) -> None:
        """Take over cars that were added, changed or deleted."""
        self.cars = cars_of(self._entry)
        self.register()

    @callback
    def register(self) -> None:
        """Give every car its device and its earlier charges, and have its name kept."""
        self._sessions.know_cars(self.names)
        self._sessions.know_vins({car.vin: car_id for car_id, car in self.cars.items() if car.vin})
        for car in self.cars.values():
            register_car(self._hass, self._entry, car)

    @property
    def names(self) -> dict[str, str]:
        """What the owner calls each car, by its id."""
        return {car_id: car.name for car_id, car in self.cars.items()}

    # Who may charge

    def access_at(self, twcid: TwcId) -> Access:
        """Return what the car at a wall connector may have."""
        stay = self._stays.get(twcid)
        if stay is None or role_of(self._entry.data) is not BusRole.CONTROL:
            # Whoever gives no orders refuses nothing.
            return Access.FREE
        chosen = self._entry.options.get(CONF_WHO_MAY_CHARGE, WhoMayCharge.EVERYBODY)
        car = self.cars.get(stay.known.car_id or "")
        return access_of(WhoMayCharge(chosen), car, is_settled=stay.is_settled)

    @property
    def refused(self) -> dict[TwcId, Access]:
        """The wall connectors whose car is refused more than the minimum, or everything."""
        return {
            twcid: access
            for twcid, stay in self._stays.items()
            if stay.is_settled and (access := self.access_at(twcid)) is not Access.FREE
        }

    # Who is where

    def at(self, twcid: TwcId) -> OwnedCar | None:
        """Return the car at a wall connector; while nothing is known to be plugged in, the one that is expected."""
        if twcid in self._stays:
            return self.cars.get(self._stays[twcid].known.car_id or "")
        session = self._sessions.ledger.open_session(twcid)
        if session is not None and session.car is not None:
            return self.cars.get(session.car)
        return expected_at(self.cars, twcid)

    def known_at(self, twcid: TwcId) -> Recognised | None:
        """Return which car is plugged in at a wall connector and how that is known; None without a car."""
        stay = self._stays.get(twcid)
        return None if stay is None else stay.known

    def place_of(self, car_id: str) -> TwcId | None:
        """Return where a car is plugged in."""
        return next((twcid for twcid, stay in self._stays.items() if stay.known.car_id == car_id), None)

    def vin_at(self, twcid: TwcId) -> str | None:
        """Return the VIN of the car that is plugged in at a wall connector, as far as it was told."""
        stay = self._stays.get(twcid)
        return None if stay is None else stay.vin

    @property
    def strangers(self) -> dict[str, TwcId]:
        """The VINs that were told and belong to no car of the owner's, and where they were told last."""
        known = {car.vin for car in self.cars.values()}
        return {vin: twcid for vin, twcid in self._strangers.items() if vin not in known}

    @callback
    def choose(self, twcid: TwcId, car_id: str | None, *, by_hand: bool = True) -> None:
        """Say which car is plugged in, None for a guest; not ``by_hand``: let it be recognised again."""
        if (stay := self._stays.get(twcid)) is None:
            return
        for other, one in self._stays.items():
            if other != twcid and car_id is not None and one.known == Recognised(car_id=car_id, by=By.HAND):
                one.known = NOBODY
        stay.known = Recognised(car_id=car_id, by=By.HAND) if by_hand else NOBODY
        self._changed()

    @callback
    def follow(self, bus: BusSnapshot) -> None:
        """Look who is plugged in at this moment."""
        for facts in bus.connectors.values():
            self._follow_plug(facts, bus.now)
        for twcid in self._stays.keys() - bus.connectors.keys():
            del self._stays[twcid]
        visits = {twcid: self._visit(twcid, stay, bus.now) for twcid, stay in self._stays.items()}
        for twcid, known in recognise(self.cars, visits).items():
            stay = self._stays[twcid]
            stay.known = known
            stay.is_settled |= known != NOBODY or stay.vin is not None or visits[twcid].seconds >= VIN_SECONDS
            if (
                (vin := stay.vin) is not None
                and known.by is not By.VIN
                and len(self._strangers) < MOST_STRANGERS
            ):
                self._strangers[vin] = twcid

    @callback
    def remember(self) -> None:
        """Keep with each session which car it is."""
        ledger = self._sessions.ledger
        for twcid, stay in self._stays.items():
            session = ledger.open_session(twcid)
            if session is not None and session.vin in (None, stay.vin):
                ledger.know_car(twcid, stay.known.car_id, stay.known.by and stay.known.by.value)
                if (car := self.cars.get(stay.known.car_id or "")) is not None:
                    ledger.hear_car(twcid, odometer_of(self._hass, car), soc_of(self._hass, car))
        for twcid, access in self.refused.items():
            if (told := ledger.refuse(twcid, access.value)) is not None:
                self._sessions.tell(told)

    def _follow_plug(self, facts: WallConnectorSnapshot, now: float) -> None:
        if not (facts.plugged_in or facts.charging):
            if facts.plugged_in is False:
                self._stays.pop(facts.twcid, None)
            return
        stay = self._stays.get(facts.twcid)
        if stay is None:
            stay = self._resumed(facts, now)
        elif _is_another(stay, facts):
            stay = _Stay(seen_at=now, began=dt_util.utcnow())
        self._stays[facts.twcid] = stay
        stay.since = stay.since if facts.plugged_in_since is None else facts.plugged_in_since
        stay.vin = facts.vin or stay.vin

    def _resumed(self, facts: WallConnectorSnapshot, now: float) -> _Stay:
        """Begin with what was kept of a session that was open before nobody looked, unless another car is there."""
        session = self._sessions.ledger.open_session(facts.twcid)
        if session is None or (None not in (facts.vin, session.vin) and facts.vin != session.vin):
            return _Stay(seen_at=now, began=dt_util.utcnow())
        return _Stay(
            seen_at=now,
            began=moment(session.start),
            vin=session.vin,
            known=_kept(session),
            is_settled=session.refused is not None,
        )

    def _visit(self, twcid: TwcId, stay: _Stay, now: float) -> PluggedCar:
        evidence = {
            car_id: found
            for car_id, car in self.cars.items()
            if (found := self._evidence(car, twcid, stay)) is not None
        }
        return PluggedCar(vin=stay.vin, before=stay.known, seconds=now - stay.seen_at, evidence=evidence)

    def _evidence(self, car: OwnedCar, twcid: TwcId, stay: _Stay) -> PlugEvidence | None:
        """Return what the sensor of a car says of a car that is plugged in here."""
        state = None if car.plug is None else self._hass.states.get(car.plug)
        if state is None:
            return None
        if state.state == STATE_OFF:
            return None if attribute_text(state, ATTR_DEVICE_CLASS) in _CHARGING else PlugEvidence.OUT
        if state.state != STATE_ON:
            return None
        last = self._sessions.ledger.last_session(twcid)
        was_here = last is not None and last.car == car.car_id
        is_of_now = state.last_changed >= stay.began - timedelta(seconds=EARLY_SECONDS)
        return PlugEvidence.IN if is_of_now or was_here else PlugEvidence.OUT


def _is_another(stay: _Stay, facts: WallConnectorSnapshot) -> bool:
    """Whether the car was swapped since the last look: a plug may change within one heartbeat."""
    if None not in (stay.vin, facts.vin) and stay.vin != facts.vin:
        return True
    return (
        stay.since is not None and facts.plugged_in_since is not None and facts.plugged_in_since > stay.since
    )


def _kept(session: Session) -> Recognised:
    # How it is known may be said in the words of a later version.
    by = next((one for one in By if one.value == session.car_by), None)
    return Recognised(car_id=session.car, by=by)
