"""Holds what the owner set on the entities, within what the wiring allows, and makes the settings of the bus."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback

from ..const import (
    CONF_CIRCUIT_LIMIT,
    CONF_CONNECTORS,
    CONF_CURE_ABOVE_LIMIT,
    CONF_CURE_SIX_AMP_BUG,
    CONF_MAXIMUM_CURRENT,
    CONF_PHASES,
    CONF_STOP_METHOD,
    CONF_VOLTAGE,
    CONF_ZERO_STOPS,
)
from ..twc.bus.settings import HARD_CAP_AMPS, MINIMUM_AMPS, BusSettings, ConnectorSettings, StopMethod
from ..twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from ..twc.charging.settings import ChargeMode
from ..twc.protocol.codes import TwcId
from .car_control import CarLinks
from .charge_now import ChargeNow
from .house_settings import HouseSettings
from .known_connectors import KnownConnectors
from .overrides import FixedAmps
from .ready_plans import ReadyPlans

PRIORITIES = (1, 10)
"""The lowest and the highest that can be set."""
DEFAULT_PRIORITY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerConnectorSettings:
    """What the owner set on the entities of one wall connector."""

    current_limit: int = MINIMUM_AMPS
    """A per phase. A wall connector nobody has set yet gets the least there is (protocol.md 6.1)."""
    charging_enabled: bool = True
    limit_stops: bool = False
    """Whether the current limit was set to 0, and the owner said that this stops charging."""
    charge_mode: ChargeMode | None = None
    """None follows the bus."""
    minimum_current: int = MINIMUM_AMPS
    """A per phase: the least it charges with. Some cars are wasteful below 8 A (ngardiner#298)."""
    priority: int = DEFAULT_PRIORITY
    """1 to 10; the higher one is served first."""


NOTHING_SET = OwnerConnectorSettings()
"""Of a wall connector that its owner has not set yet."""
_NO_CHOICES = ConnectorSettings()


def bus_settings(
    options: Mapping[str, Any], owned: Mapping[TwcId, OwnerConnectorSettings], lowered_limit: int | None
) -> BusSettings:
    """Return what the options and the entities say; ``lowered_limit`` is a circuit limit in A per phase."""
    configured = configured_limit(options)
    choices = {TwcId.parse(twcid): chosen for twcid, chosen in options.get(CONF_CONNECTORS, {}).items()}
    return BusSettings(
        circuit_limit_amps=configured if lowered_limit is None else min(configured, lowered_limit),
        phases=int(options[CONF_PHASES]),
        nominal_volts=int(options[CONF_VOLTAGE]),
        cure_six_amp_bug=bool(options.get(CONF_CURE_SIX_AMP_BUG, False)),
        cure_above_limit=bool(options.get(CONF_CURE_ABOVE_LIMIT, False)),
        connectors={
            twcid: _connector_settings(choices.get(twcid, {}), owned.get(twcid, NOTHING_SET))
            for twcid in choices.keys() | owned.keys()
        },
    )


def configured_limit(options: Mapping[str, Any]) -> int:
    """Return the circuit limit of the options, A per phase; the least there is where nobody was asked for it."""
    return int(options.get(CONF_CIRCUIT_LIMIT, MINIMUM_AMPS))


def _connector_settings(choices: Mapping[str, Any], own: OwnerConnectorSettings) -> ConnectorSettings:
    return ConnectorSettings(
        maximum_amps=int(choices.get(CONF_MAXIMUM_CURRENT, HARD_CAP_AMPS)),
        limit_amps=own.current_limit,
        stop_method=StopMethod(choices.get(CONF_STOP_METHOD, StopMethod.HOLD_AT_MINIMUM)),
        phases=phases_of(choices),
    )


def phases_of(choices: Mapping[str, Any]) -> int | None:
    """Return the phases of one wall connector; None: as the bus."""
    return int(choices[CONF_PHASES]) if CONF_PHASES in choices else None


class OwnerSettings:
    """The owner's settings of one bus: each change is carried out at once, and kept."""

    def __init__(
        self,
        entry: ConfigEntry,
        kept: Mapping[TwcId, OwnerConnectorSettings],
        house: HouseSettings,
        lowered_limit: int | None,
        *,
        known: KnownConnectors,
        overrides: FixedAmps,
        charge_now: ChargeNow,
        ready: ReadyPlans,
        cars: CarLinks,
        latest: Callable[[], BusSnapshot],
        carry_out: Callable[[], None],
    ) -> None:
        """Take up what was kept. ``carry_out`` is called after every change, and ``latest`` tells what is known."""
        self._house = house
        self._entry = entry
        self._connectors = dict(kept)
        self._lowered_limit = lowered_limit
        self._known_connectors, self._overrides, self._cars = known, overrides, cars
        self._charge_now = charge_now
        self.ready = ready
        """By when each car has to be ready."""
        self._latest, self._carry_out = latest, carry_out
        self.in_force = self._for_the_bus()
        """What the bus was last told of it."""

    @property
    def connectors(self) -> Mapping[TwcId, OwnerConnectorSettings]:
        """What was set for each wall connector, as it is kept."""
        return self._connectors

    @property
    def lowered_limit(self) -> int | None:
        """The circuit limit, A per phase, where the owner lowered it below the configured one."""
        return self._lowered_limit

    @property
    def configured_limit(self) -> int:
        """The circuit limit of the options, A per phase: nothing here goes above it."""
        return configured_limit(self._entry.options)

    @property
    def zero_stops(self) -> bool:
        """Whether the owner said that a current limit of 0 stops charging."""
        return bool(self._entry.options.get(CONF_ZERO_STOPS, False))

    def of(self, twcid: TwcId) -> OwnerConnectorSettings:
        """Return what the owner set for a wall connector."""
        own = self._connectors.get(twcid, NOTHING_SET)
        return replace(own, limit_stops=False) if own.limit_stops and not self.zero_stops else own

    def mode_of(self, twcid: TwcId) -> ChargeMode:
        """Return the charge mode of a wall connector: its own, or that of the bus."""
        return self.of(twcid).charge_mode or self._house.site.charge_mode

    # Limits, A per phase

    def lowest_limit(self, connector: WallConnectorSnapshot) -> int:
        """Return the least that can be set for a wall connector; 0 stops it."""
        return 0 if self.zero_stops else connector.minimum_amps

    def highest_limit(self, connector: WallConnectorSnapshot) -> int:
        """Return the most that can be set for a wall connector.

        Not the snapshot's ``maximum_amps``: that one follows a circuit limit lowered for an hour, and would push
        every limit down with it.
        """
        own = self.in_force.connectors.get(connector.twcid, _NO_CHOICES).maximum_amps
        return max(
            connector.minimum_amps,
            min(int(connector.rated_amps or HARD_CAP_AMPS), own, self.configured_limit),
        )

    def current_limit(self, connector: WallConnectorSnapshot) -> int:
        """Return the limit in force for a wall connector.

        A limit that was set under other options is bent into today's range and not forgotten.
        """
        chosen = self.of(connector.twcid).current_limit
        return max(connector.minimum_amps, min(chosen, self.highest_limit(connector)))

    def minimum_current(self, connector: WallConnectorSnapshot) -> int:
        """Return the least that a car charges with there, bent in the same way."""
        chosen = self.of(connector.twcid).minimum_current
        return max(connector.minimum_amps, min(chosen, self.highest_limit(connector)))

    # One wall connector

    @callback
    def set_current_limit(self, twcid: TwcId, amps: int) -> None:
        """Limit a wall connector, A per phase: it is told with its next heartbeat.

        Where its owner said so, what no car can have (protocol.md 6.1) stops charging until another limit is set. The
        limit of before is kept, in case that means nothing later.
        """
        stops = self.zero_stops and amps < MINIMUM_AMPS
        own = self.of(twcid)
        self._set(twcid, replace(own, current_limit=own.current_limit if stops else amps, limit_stops=stops))

    @callback
    def set_minimum_current(self, twcid: TwcId, amps: int) -> None:
        """Choose the least that a car charges with, A per phase."""
        self._set(twcid, replace(self.of(twcid), minimum_current=amps))

    @callback
    def set_priority(self, twcid: TwcId, priority: int) -> None:
        """Choose who is served first: 1 to 10, the higher one."""
        self._set(twcid, replace(self.of(twcid), priority=priority))

    @callback
    def set_charging_enabled(self, twcid: TwcId, enabled: bool) -> None:
        """Let a car charge, or not."""
        self._cars.set_by_owner(twcid)
        self._set(twcid, replace(self.of(twcid), charging_enabled=enabled))

    @callback
    def set_charge_mode(self, twcid: TwcId, mode: ChargeMode | None) -> None:
        """Choose the mode of a wall connector; None follows the bus. Amps that an action set end with it."""
        self.begin_anew(twcid)
        self._set(twcid, replace(self.of(twcid), charge_mode=mode))

    @callback
    def set_charge_now(self, twcid: TwcId, on: bool) -> None:
        """Let its car charge as in fast mode at once, whatever its mode is; without a car it waits for one."""
        if on:
            self._overrides.release(twcid)
            self._cars.set_by_owner(twcid)
            self._charge_now.begin(twcid, waits_for_car=not self._has_car(twcid))
        else:
            self._charge_now.release(twcid)
        self._carry_out()

    def charges_now(self, twcid: TwcId) -> bool:
        """Whether its owner wants its car to charge at once, whatever its mode is."""
        return self._charge_now.is_on(twcid)

    def _has_car(self, twcid: TwcId) -> bool:
        """Whether it surely has a car: before the plug was read, what is found there may be an empty one."""
        connector = self._latest().connectors.get(twcid)
        return connector is not None and bool(connector.plugged_in or connector.charging)

    @callback
    def fix_current(self, twcid: TwcId, amps: int, seconds: float | None) -> None:
        """Give a wall connector fixed amps for a while, whatever its mode. Without a car they wait for one.

        The last word counts: *Charge now* ends with it.
        """
        self._charge_now.release(twcid)
        self._overrides.fix(twcid, amps, seconds, waits_for_car=not self._has_car(twcid))
        self._carry_out()

    def _set(self, twcid: TwcId, own: OwnerConnectorSettings) -> None:
        self._connectors[twcid] = own
        self._carry_out()

    def begin_anew(self, twcid: TwcId) -> None:
        """Let a newly chosen mode rule, whatever an action set and whatever became of the car before."""
        self._overrides.release(twcid)
        self._charge_now.release(twcid)
        self._cars.set_by_owner(twcid)

    # The bus

    def begin_default_anew(self) -> None:
        """Let a newly chosen default mode rule all wall connectors that follow it."""
        told = {*self._known_connectors.twcids, *self._overrides.twcids, *self._charge_now.twcids}
        for twcid in told:
            if self.of(twcid).charge_mode is None:
                self.begin_anew(twcid)

    @callback
    def set_circuit_limit(self, amps: int) -> None:
        """Lower the circuit limit, A per phase, or raise it back to at most the configured one."""
        self._lowered_limit = amps if amps < self.configured_limit else None
        self._carry_out()

    # Whoever comes and goes

    def forget(self, twcid: TwcId) -> None:
        """Drop what was set for a wall connector that is gone."""
        self._connectors.pop(twcid, None)
        self._overrides.release(twcid)
        self._charge_now.release(twcid)
        self.ready.forget(twcid)

    def pass_on(self, former: TwcId, heir: TwcId) -> None:
        """Let a wall connector that had to choose another TWCID keep what its owner set."""
        self._overrides.pass_on(former, heir)
        self._charge_now.pass_on(former, heir)
        self.ready.pass_on(former, heir)
        self._cars.pass_on(former, heir)
        if former in self._connectors:
            self._set(heir, self._connectors[former])

    def refresh(self) -> bool:
        """Put everything into the words of the bus anew, and return whether the bus has to hear of a change."""
        before, self.in_force = self.in_force, self._for_the_bus()
        return self.in_force != before

    def _for_the_bus(self) -> BusSettings:
        return bus_settings(self._entry.options, self._connectors, self._lowered_limit)
