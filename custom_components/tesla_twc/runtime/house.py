"""One running house: gathers what its buses and its sensors tell, has the engine decide for all, and tells each bus.

A house with one bus has one circuit, named "". Where several buses share a house, each circuit has the id of the entry
of its bus, and wall connectors are named with it (``charging.house_address``).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_CONSUMERS,
    CONF_FEEDERS,
    CONF_ROTATION_MINUTES,
    CONF_SITE,
    DEFAULT_ROTATION_MINUTES,
    DOMAIN,
    LOGGER,
)
from ..house.consumers import ConsumerSensors, consumer_settings
from ..house.feeders import FeederSensors, feeders_of, measured_anew
from ..house.sensors import SiteSensors, site_settings
from ..twc.bus.clock import Clock
from ..twc.bus.containment import Containment
from ..twc.charging.decided_upon import decided_upon
from ..twc.charging.decision import Decision
from ..twc.charging.engine import Engine
from ..twc.charging.engine_memory import EngineMemory
from ..twc.charging.inputs import SOLAR_MODES, Circuit, Inputs
from ..twc.charging.meter.check import MeterCheck
from ..twc.charging.meter.learner import MeterFindings
from ..twc.charging.outside.grid_operator import GridChange
from ..twc.charging.readings import SiteReadings
from ..twc.charging.settings import Measurement, SiteSettings
from ..twc.charging.wear import Wear
from ..twc.charging.wiring import names_below
from ..twc.protocol.codes import TwcId
from .connector_input import sun_followers
from .dimming_log import AFTER_SECONDS, dimming_log
from .house_pace import HousePace
from .house_settings import HouseSettings, OwnerSiteSettings
from .last_word import LastWord, reserved
from .outside import OutsideWatch
from .outside_memory import OutsideMemory
from .publishing import pause_seconds
from .seat import BusPart, Seat

NOTHING_FROM_OUTSIDE = OutsideMemory()
TOLD_SECONDS = 1.0
"""Of a house in which nothing is decided anew its readings are shown so often."""


class RunningHouse:
    """One engine, the sensors of the house and the owner's settings about it, for all its buses."""

    def __init__(
        self,
        hass: HomeAssistant,
        options: Mapping[str, Any],
        clock: Clock,
        site: OwnerSiteSettings,
        learnt: EngineMemory,
        outside: OutsideMemory = NOTHING_FROM_OUTSIDE,
        *,
        is_shared: bool = False,
        name: str = "",
        only_bus: str = "",
    ) -> None:
        """Take the options of the house, what its owner had set and what was learnt before the restart.

        ``outside``: the limits from outside that held then; ``name``: what logs call the house; ``only_bus``: the entry
        id of its bus, where it has one only.
        """
        self.is_shared = is_shared
        """Whether it has an entry of its own."""
        self._name, self._only_bus = name, only_bus
        self._hass = hass
        self._clock = clock
        self._options = options
        self._contain = Containment(clock, LOGGER, "the house")
        self._engine = Engine(learnt)
        self._sensors = SiteSensors(hass, options, clock, self._sensors_changed)
        self._feeders = FeederSensors(hass, options, clock, self._sensors_changed)
        self._consumers = ConsumerSensors(hass, options, clock, self._sensors_changed)
        self.outside = OutsideWatch(
            hass, options, clock, outside, self._sensors_changed, self._operator_changed
        )
        self._seats: dict[str, Seat] = {}
        self._left: dict[str, Seat] = {}
        """Who left, and is there again while Home Assistant stops: what its owner still does is carried out."""
        self._last_words: dict[str, LastWord] = {}
        self._listeners: list[Callable[[], None]] = []
        self._asked: tuple[object, ...] | None = None
        self._pace = HousePace()
        self._answers = 0
        """How often somebody who asked was answered."""
        self.owner = HouseSettings(site, lambda: self._options, self.apply, self._begin_anew)
        self.decision = self._told = Decision()
        self._told_at = float("-inf")
        """When those who show or keep the house were told last."""
        self.inputs: Inputs | None = None
        """What the last decision rests on."""
        self.site = SiteSettings()
        self._site_rests_on: tuple[object, ...] = ()
        """What the settings of the house were made from; nothing after the options have changed."""

    # What is known of it

    @property
    def now(self) -> float:
        """The time of its clock."""
        return self._clock.time()

    def pause_seconds(self) -> float:
        """Return after how many s readings that always move are published again."""
        return pause_seconds(len(self._seats) if self.is_shared else 1)

    @property
    def has_just_decided(self) -> bool:
        """Whether it has answered another bus so lately that this one need not ask while only currents wander."""
        return self.is_shared and self._pace.is_recent(self.now)

    @property
    def meter(self) -> MeterFindings:
        """What the meter's answers to the cars' steps tell."""
        return self._engine.meter

    @property
    def meter_check(self) -> MeterCheck:
        """The deliberate test of the meter, and what became of it."""
        return self._engine.check

    @property
    def meter_interval_seconds(self) -> float | None:
        """How often the meter reports; None: not known yet."""
        return self._engine.house.interval_seconds(self.site)

    @property
    def follows_sun(self) -> bool:
        """Whether any wall connector follows the sun, or would as soon as it is found."""
        return self.owner.site.charge_mode in SOLAR_MODES or bool(sun_followers(self.inputs))

    def everything(self) -> SiteReadings:
        """Return the latest word of every sensor of the house, also of those that no decision rests on."""
        return self._sensors.everything()

    def wear_of(self, address: TwcId) -> Wear:
        """Return what wears at a wall connector, counted."""
        return self._engine.wear_counter.of(address)

    def remembered(self) -> EngineMemory:
        """Return what was learnt, to be kept over a restart."""
        return self._engine.remembered()

    @callback
    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        """Call ``told`` whenever a bus has published, or the owner has set something; return what ends that."""
        self._listeners.append(told)
        return lambda: self._listeners.remove(told)

    @callback
    def published(self) -> None:
        """Take that a bus has published: whoever shows or keeps the house looks at each decision, and now and then.

        Ten buses publish ten times a second, and none of them tells anything of the house but what was decided.
        """
        if self.decision is not self._told or self.now - self._told_at >= TOLD_SECONDS:
            self.tell()

    @callback
    def tell(self) -> None:
        """Let everybody who shows or keeps the house have another look at it."""
        self._told, self._told_at = self.decision, self.now
        for told in tuple(self._listeners):
            self._contain.run("showing the house", told, otherwise=None)

    # Who belongs to it

    @callback
    def join(self, seat: Seat, *, moved: bool = False) -> None:
        """Begin to decide for a bus, and to listen to the sensors of the house.

        ``moved``: it has another port now, and nobody speaks where it was before.
        """
        self._left.pop(seat.circuit, None)
        if moved and (before := self._last_words.pop(seat.circuit, None)) is not None:
            self._last_words[f"{seat.circuit} before"] = before.named(f"{seat.circuit} before")
        self._seats[seat.circuit] = seat
        self._sensors.start()
        self._feeders.start()
        self._consumers.start()
        self.outside.start()

    @callback
    def leave(self, seat: Seat, reserved_until: float, *, kept: bool = False) -> None:
        """Follow a bus no more; harmless if it never joined.

        Where others share the house, its wall connectors keep until then what they were offered last. ``kept``: its
        keeper goes on, and gives what this bus may have now.
        """
        if self._seats.get(seat.circuit) is seat:
            self._left[seat.circuit] = self._seats.pop(seat.circuit)
            part = seat.part
            if kept and part is not None:
                room = self.decision.rooms.get(seat.circuit, part.bus.circuit_limit_amps)
                part = replace(part, kept_amps=room, led=False)
            self.reserve(seat.circuit, part, reserved_until)
        if not self._seats:
            self._sensors.stop()
            self._feeders.stop()
            self._consumers.stop()
            self.outside.stop()

    def reserve(self, circuit: str, part: BusPart | None, until: float) -> None:
        """Count the wall connectors of a bus that nobody follows with what they were offered last."""
        if self.is_shared and part is not None:
            self._last_words[circuit] = LastWord(reserved(part), until)

    @callback
    def let_go(self, circuit: str, until: float) -> None:
        """Count the wall connectors of a bus that is removed, and that nobody keeps any more, no longer than this."""
        self._left.pop(circuit, None)
        if (one := self._last_words.get(circuit)) is not None:
            part = replace(one.part, kept_amps=None, led=True)
            self._last_words[circuit] = replace(one, part=part, until=min(one.until, until))

    # What changes

    @callback
    def _sensors_changed(self) -> None:
        """Let one bus ask: all of them are told what is decided. Where that one fails, the next one asks."""
        self._pace.press()
        answers = self._answers
        for seat in tuple(self._seats.values()):
            seat.look_again()
            if self._answers != answers:
                break

    @callback
    def apply(self) -> None:
        """Let what its owner changed take effect at once, on all buses."""
        self._pace.press()
        for seat in (*self._seats.values(), *self._left.values()):
            seat.apply()
        self.tell()

    def _begin_anew(self) -> None:
        for seat in (*self._seats.values(), *self._left.values()):
            seat.begin_anew()

    @callback
    def change_options(self, options: Mapping[str, Any]) -> None:
        """Take other options while everything goes on."""
        before, self._options = self._options, options
        self._site_rests_on = ()
        self.outside.change_options(options)
        if before.get(CONF_SITE) != options.get(CONF_SITE):
            self._engine.forget_meter()
        self._engine.forget_feeders(measured_anew(before, options))
        if any(before.get(key) != options.get(key) for key in (CONF_SITE, CONF_FEEDERS, CONF_CONSUMERS)):
            self._listen_anew()
        self._asked = None

    @callback
    def rename_entities(self, options: Mapping[str, Any]) -> None:
        """Go on with the same entities under other ids: what was learnt of them stays true."""
        self._options = options
        self._site_rests_on = ()
        self.outside.change_options(options)
        self._listen_anew()

    def _listen_anew(self) -> None:
        for followed in (self._sensors, self._feeders, self._consumers):
            followed.stop()
        self._sensors = SiteSensors(self._hass, self._options, self._clock, self._sensors_changed)
        self._feeders = FeederSensors(self._hass, self._options, self._clock, self._sensors_changed)
        self._consumers = ConsumerSensors(self._hass, self._options, self._clock, self._sensors_changed)
        self._sensors.start()
        self._feeders.start()
        self._consumers.start()

    @callback
    def learn_meter_anew(self) -> None:
        """Forget what the cars' steps told of the meters: they were mended."""
        self._engine.forget_meter()
        self._asked = None
        self.apply()

    @callback
    def check_meter(self) -> None:
        """Begin the deliberate test of the meter. Raises ServiceValidationError if no car can be moved for it."""
        if self.owner.site.shadow:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="no_test_in_shadow", translation_placeholders={}
            )
        is_metered = self.site.measurement in (Measurement.GRID, Measurement.CONSUMPTION)
        self._asked = None
        if not is_metered or not self._engine.check_meter():
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="no_charge_to_test", translation_placeholders={}
            )
        self.apply()

    # The decision

    def decide(self, asking: Seat, now: float) -> None:
        """Decide for all buses, if anything has changed, and tell each of them. ``asking``: one whose part is new.

        Whatever raises here leaves the last decision as it is, and the same question is asked again.
        """
        if self.is_shared and self._holds(asking, now):
            return
        # One that has left is heard, too: Home Assistant is stopping, and an automation says good night to the cars.
        seats = {**self._seats, asking.circuit: asking}
        inputs = self._inputs(seats, now)
        if self._nothing_changed(inputs, now):
            self._answers += 1
            self._pace.answered(now)
            return
        others = [seat for seat in self._seats.values() if seat is not asking]
        if others:
            # What one bus gives back another gets, so all are taken at the same moment.
            for seat in others:
                seat.hand_in()
            inputs = self._inputs(seats, now)
            self._asked = decided_upon(inputs)
        # A question is answered only when it was: without an answer the last one would pass for new.
        asked, self._asked = self._asked, None
        self.inputs = inputs
        self.decision = self._until(self._engine.decide(inputs, now), now)
        self._asked = asked
        self._answers += 1
        parts = {name: seat.part for name, seat in seats.items() if seat.part is not None}
        self._pace.decided(parts, inputs, now)
        asking.take(inputs, self.decision, now)
        for seat in others:
            seat.take(inputs, self.decision, now)
        for seat in others:
            seat.carry_out()

    def _holds(self, asking: Seat, now: float) -> bool:
        """Whether the last decision holds for a moment, since only readings of wall connectors have moved."""
        due = self.decision.next_at
        if self._asked is None or (due is not None and now >= due):
            return False
        return self._pace.may_wait(asking.circuit, asking.part, now)

    def _inputs(self, seats: Mapping[str, Seat], now: float) -> Inputs:
        parts = {name: part for name, seat in seats.items() if (part := seat.part) is not None}
        led = any(part.led for part in parts.values())
        self.site = self._site(guarded=led)
        readings = replace(self._sensors.readings(), consumers=self._consumers.readings())
        if not led:
            readings = replace(readings, phases=(), other_loads=())
        parts |= dict(self._last_parts(parts, now))
        rotation = float(self._options.get(CONF_ROTATION_MINUTES, DEFAULT_ROTATION_MINUTES)) * 60
        connectors = {address: one for part in parts.values() for address, one in part.connectors.items()}
        feeders = self._feeders.feeders(self._hangs_on)

        def below(feeder: str) -> frozenset[TwcId]:
            reached = names_below(feeder, feeders)
            return frozenset(address for address, one in connectors.items() if one.circuit in reached)

        return Inputs(
            circuits={
                name: Circuit(
                    limit_amps=part.limit_amps,
                    phase=part.bus.phase,
                    ours=part.led,
                    rotation_seconds=rotation,
                    other_loads=part.other_loads if self.is_shared else readings.other_loads,
                )
                for name, part in parts.items()
            },
            connectors=connectors,
            readings=readings,
            site=self.site,
            feeders=feeders,
            shadow=led and self.owner.site.shadow,
            outside=self.outside.in_force(connectors, now, below) if led else (),
        )

    @property
    def feeders(self) -> tuple[str, ...]:
        """The names of its feeders."""
        return tuple(feeder[CONF_NAME] for feeder in feeders_of(self._options))

    def _hangs_on(self, carried: str) -> Iterator[str]:
        """Yield what the house calls a bus by its entry id, on its former port, too; a feeder has its name."""
        yield "" if carried == self._only_bus else carried
        yield from (name for name, one in self._last_words.items() if one.followed_as == carried)

    def _until(self, decision: Decision, now: float) -> Decision:
        """Return a decision that is made anew when a limit from outside changes by itself."""
        changes_at = self.outside.next_at(now)
        if changes_at is None or (decision.next_at is not None and decision.next_at <= changes_at):
            return decision
        return replace(decision, next_at=changes_at)

    # The grid operator

    @property
    def drawn_watts(self) -> float:
        """What all cars draw, as their wall connectors measure it."""
        connectors = {} if self.inputs is None else self.inputs.connectors
        return sum(one.facts.power_watts or 0.0 for one in connectors.values())

    @callback
    def _operator_changed(self, change: GridChange) -> None:
        """Write down that the grid operator's limit has changed, with what the cars draw now and in a minute."""
        command = change.command
        record = {
            "time": dt_util.utcnow().isoformat(timespec="milliseconds"),
            "house": self._name,
            "before": change.before.value,
            "after": change.after.value,
            "limit_before": change.limit_before,
            "limit_after": change.limit_after,
            "command": None if command is None else {"limits": command.limits, "watts": command.watts},
            "drew_before": round(self.drawn_watts),
        }
        dimming_log(self._hass).note(record)
        self._clock.call_at(self._clock.time() + AFTER_SECONDS, self._note_drawn_after, record)

    @callback
    def _note_drawn_after(self, record: Mapping[str, Any]) -> None:
        after = {"time": record["time"], "house": record["house"], "drew_after": round(self.drawn_watts)}
        dimming_log(self._hass).note(after)

    def _last_parts(self, present: Mapping[str, BusPart], now: float) -> Iterator[tuple[str, BusPart]]:
        """Yield what still counts of buses that nobody follows."""
        self._last_words = {name: one for name, one in self._last_words.items() if now < one.until}
        for name, one in self._last_words.items():
            if name not in present:
                yield name, one.beside(present)

    def _site(self, *, guarded: bool) -> SiteSettings:
        """Return what is known of the house. Whoever gives no orders guards no main fuse."""
        owner, country = self.owner.site, self._hass.config.country
        # It is asked for once a second, and changes when an owner sets something.
        rests_on = (owner, self.owner.grid_share, country, guarded)
        if rests_on == self._site_rests_on:
            return self.site
        site = site_settings(
            self._options,
            country=country,
            reserve_watts=owner.reserve,
            battery_first_soc=owner.battery_first_soc,
            battery_helps_soc=owner.battery_helps_soc,
            battery_may_discharge=owner.battery_discharge,
            grid_share=self.owner.grid_share,
        )
        site = replace(site, consumers=consumer_settings(self._options))
        self._site_rests_on = rests_on
        return site if guarded else replace(site, fuse_amps=None)

    def _nothing_changed(self, inputs: Inputs, now: float) -> bool:
        """Whether the same question was answered, and the answer still holds."""
        asked = decided_upon(inputs)
        if asked == self._asked and (self.decision.next_at is None or now < self.decision.next_at):
            return True
        self._asked = asked
        return False
