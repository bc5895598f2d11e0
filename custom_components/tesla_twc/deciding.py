"""From what the owner set and what is measured, to what every wall connector shall have."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant, callback

from .car_links import CarLinks
from .const import (
    CONF_CONNECTORS,
    CONF_CURE_ABOVE_LIMIT,
    CONF_ROTATION_MINUTES,
    CONF_SITE,
    DEFAULT_ROTATION_MINUTES,
    LOGGER,
)
from .decision_log import DecisionLog
from .fixed_amps import Fixed, FixedAmps
from .site_sensors import SiteSensors, site_settings
from .twc.bus.clock import Clock
from .twc.bus.containment import Containment
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.charging.decision import ConnectorInput, Decision, Inputs, Reason
from .twc.charging.engine import Engine, EngineMemory
from .twc.charging.settings import Measurement, SiteSettings
from .twc.protocol.codes import TwcId
from .wishes import ConnectorWish, SiteWish, connector_input


class Deciding:
    """Asks the engine whenever something that matters has changed, and remembers its answer."""

    def __init__(
        self,
        hass: HomeAssistant,
        options: Mapping[str, Any],
        clock: Clock,
        learnt: EngineMemory,
        fixed: FixedAmps,
        stopped_outside: Iterable[TwcId],
        changed: Callable[[], None],
        contain: Containment,
    ) -> None:
        """Take what was learnt and fixed before the restart, and whose car was stopped from outside.

        ``changed`` is called when a sensor reports.
        """
        self._hass = hass
        self._contain = contain
        self._clock = clock
        self._changed = changed
        self._options = options
        self.engine = Engine(learnt, rotation_seconds=_rotation_seconds(options))
        self._sensors = SiteSensors(hass, options, clock, changed)
        self.cars = CarLinks(hass, clock, options.get(CONF_CONNECTORS, {}), stopped_outside)
        self._fixed = fixed
        self._asked: tuple[object, ...] | None = None
        self.log = DecisionLog()
        self.decision = Decision()
        self.inputs: Inputs | None = None
        """What the last decision rests on."""
        self._stopped_in_shadow: set[TwcId] = set()
        """Whose car the fuse stopped there, and which has to be told to go on."""
        self.site = SiteSettings()

    @property
    def orders(self) -> Mapping[TwcId, int | None]:
        """What the bus is told: what was decided, or in the shadow what the wiring and the other modes leave."""
        return self.decision.orders

    @callback
    def start(self) -> None:
        """Begin to listen to the sensors of the house."""
        self._sensors.start()

    @callback
    def stop(self) -> None:
        """Listen no more."""
        self._sensors.stop()

    @callback
    def change_options(self, options: Mapping[str, Any]) -> None:
        """Take other options while everything goes on."""
        before, self._options = self._options, options
        self.engine.change_rotation(_rotation_seconds(options))
        self.cars.choose(options.get(CONF_CONNECTORS, {}))
        if before.get(CONF_SITE) != options.get(CONF_SITE):
            self.engine.forget_meter()
            self._listen_anew()
        self._asked = None

    @callback
    def rename_entities(self, options: Mapping[str, Any]) -> None:
        """Go on with the same entities under other ids: what was learnt of them stays true."""
        self._options = options
        self.cars.rename_entities(options.get(CONF_CONNECTORS, {}))
        self._listen_anew()

    def _listen_anew(self) -> None:
        self._sensors.stop()
        self._sensors = SiteSensors(self._hass, self._options, self._clock, self._changed)
        self._sensors.start()

    def learn_meter_anew(self) -> None:
        """Forget what the cars' steps told of the meters: they were mended."""
        self.engine.forget_meter()
        self._asked = None

    def check_meter(self) -> bool:
        """Begin the deliberate test of the meter at the next decision; False if no car charges."""
        if self.site.measurement not in (Measurement.GRID, Measurement.CONSUMPTION):
            return False
        self._asked = None
        return self.engine.check_meter()

    def fix(self, twcid: TwcId, amps: int, seconds: float | None, *, waits_for_car: bool = False) -> None:
        """Set the amps of a wall connector for a while, whatever its mode; ``waits_for_car``: it has none yet."""
        self._fixed.fix(twcid, amps, seconds, waits_for_car=waits_for_car)

    def release(self, twcid: TwcId) -> None:
        """Let the mode rule again."""
        self._fixed.release(twcid)

    def fixed(self, twcid: TwcId) -> Fixed | None:
        """Return what an action set."""
        return self._fixed.of(twcid)

    def decide(
        self,
        bus: BusSnapshot,
        parts: list[WallConnectorSnapshot],
        wishes: Callable[[TwcId], ConnectorWish],
        site_wish: SiteWish,
        limit_of: Callable[[WallConnectorSnapshot], int],
    ) -> Mapping[TwcId, int | None]:
        """Return the orders for the wall connectors that take part.

        Whatever raises here leaves the last decision as it is, and the same question is asked again.
        """
        now = bus.now
        self._fixed.end({connector.twcid: connector.plugged_in for connector in parts}, now)
        self.site = site_settings(
            self._options,
            country=self._hass.config.country,
            reserve_watts=site_wish.reserve,
            battery_first_soc=site_wish.battery_first_soc,
            battery_helps_soc=site_wish.battery_helps_soc,
            battery_may_discharge=site_wish.battery_discharge,
            start_grid_share=site_wish.start_grid_share,
        )
        readings = self._sensors.readings()
        choices = self._options.get(CONF_CONNECTORS, {})
        connectors = {
            connector.twcid: connector_input(
                connector,
                wishes(connector.twcid),
                choices.get(str(connector.twcid), {}),
                mode=wishes(connector.twcid).charge_mode or site_wish.charge_mode,
                limit_amps=limit_of(connector),
                car_minimum_amps=self.cars.minimum_amps(connector.twcid),
                fixed_amps=fixed.amps if (fixed := self._fixed.of(connector.twcid)) else None,
                car_can_stop=self.cars.can_stop(connector.twcid),
                spike_above_limit=bool(self._options.get(CONF_CURE_ABOVE_LIMIT, False)),
            )
            for connector in parts
        }
        inputs = Inputs(
            bus=bus,
            connectors=connectors,
            readings=readings,
            site=self.site,
            shadow=site_wish.shadow,
        )
        if not self._nothing_changed(inputs, now):
            self._ask(inputs, now)
        # Also when nothing changed: a car that did not obey is told again.
        self._contain.run(
            "telling the cars", self._tell_cars, connectors, site_wish.shadow, now, otherwise=None
        )
        return self.orders

    def _ask(self, inputs: Inputs, now: float) -> None:
        """Let the engine decide."""
        # A question is answered only when it was: without an answer the last one would pass for new.
        asked, self._asked = self._asked, None
        self.inputs = inputs
        before, self.decision = self.decision, self.engine.decide(inputs, now)
        self._asked = asked
        self._contain.run("noting a decision", self._note, before, now, otherwise=None)

    def _note(self, before: Decision, now: float) -> None:
        _log_changes(before, self.decision)
        self.log.note(self.decision, self.orders, now)

    def _tell_cars(self, connectors: Mapping[TwcId, ConnectorInput], shadow: bool, now: float) -> None:
        self.cars.follow(self._to_tell(connectors, shadow=shadow), connectors, now)

    def _to_tell(self, connectors: Mapping[TwcId, ConnectorInput], *, shadow: bool) -> Decision:
        """Return what the cars themselves are told: in the shadow nothing that comes from the sun.

        Whoever the fuse stopped there is told to go on as well, until it does.
        """
        told = {twcid: decided for twcid, decided in self.decision.told.items() if twcid in connectors}
        if not shadow:
            self._stopped_in_shadow.clear()
            return replace(self.decision, connectors=told)
        for twcid, decided in told.items():
            if decided.reason is Reason.HELD_BY_FUSE and not decided.charge:
                self._stopped_in_shadow.add(twcid)
            elif connectors[twcid].facts.charging or connectors[twcid].facts.plugged_in is False:
                self._stopped_in_shadow.discard(twcid)
        ours = {
            twcid: decided
            for twcid, decided in told.items()
            if twcid in self._stopped_in_shadow or not connectors[twcid].follows_sun
        }
        return replace(self.decision, connectors=ours)

    def _nothing_changed(self, inputs: Inputs, now: float) -> bool:
        """Whether the same question was answered, and the answer still holds."""
        facts = [_facts(one.facts) for one in inputs.connectors.values()]
        rest = [
            (
                one.mode,
                one.enabled,
                one.limit_amps,
                one.minimum_amps,
                one.priority,
                one.fixed_amps,
                one.can_stop,
                one.phases,
                one.house_phases,
            )
            for one in inputs.connectors.values()
        ]
        bus = (inputs.bus.phase, inputs.bus.circuit_limit_amps)
        asked = (facts, rest, inputs.readings, inputs.site, bus, inputs.shadow)
        if asked == self._asked and (self.decision.next_at is None or now < self.decision.next_at):
            return True
        self._asked = asked
        return False


def _rotation_seconds(options: Mapping[str, Any]) -> float:
    return float(options.get(CONF_ROTATION_MINUTES, DEFAULT_ROTATION_MINUTES)) * 60


def _facts(connector: WallConnectorSnapshot) -> tuple[object, ...]:
    """What of a wall connector can change a decision: all but when it was last heard."""
    return (
        connector.twcid,
        connector.presence,
        connector.maximum_amps,
        connector.state,
        connector.offered_amps,
        connector.commanded_amps,
        connector.drawn_amps,
        connector.plugged_in,
        connector.charging,
        connector.volts,
        connector.phase_amps,
        connector.contactor_open,
        connector.stop,
        connector.units,
    )


def _log_changes(before: Decision, now: Decision) -> None:
    """Tell every change of a decision in one sentence."""
    for twcid, decided in now.connectors.items():
        last = before.connectors.get(twcid)
        if last is None or (last.reason, last.amps) != (decided.reason, decided.amps):
            surplus = "unknown" if now.surplus_watts is None else f"{now.surplus_watts:.0f} W"
            LOGGER.debug(
                "Wall connector %s gets %s A (%s) at a surplus of %s: %s",
                twcid,
                decided.amps,
                decided.reason,
                surplus,
                dict(decided.terms),
            )
