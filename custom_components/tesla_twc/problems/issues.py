"""Keeps the repairs of a bus and of a house: what its owner has to put right, with texts and how long it lasts."""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICE, CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import slugify

from ..cars.stored import car_subentries
from ..cars.whereabouts import Cars
from ..const import CONF_BATTERY_SOC, CONF_CONSUMER_POWER, CONF_SITE, DOMAIN
from ..house.consumers import consumers_of
from ..house.followed_entities import chosen_entities, missing_entities
from ..house.foreign_states import list_names
from ..house.sentences import loaded_words, names_of
from ..registry.naming import connector_name, which_bus
from ..runtime.decider import Decider
from ..runtime.house import RunningHouse
from ..twc.bus.port.schemes import is_on_network
from ..twc.bus.snapshot import BusPhase, BusRole, BusSnapshot, LineHealth, Presence, Problem
from ..twc.cars.vin import short
from ..twc.charging.decision import Decision
from ..twc.charging.house_address import circuit_of, on_bus
from ..twc.charging.readings import OTHER_LOADS, PHASES, SensorReading, SiteReadings
from ..twc.charging.reason import Reason
from ..twc.charging.visit import REPLUG_SECONDS, TAKES_NOTHING_SECONDS
from ..twc.protocol.codes import TwcId
from .debounce import AT_ONCE, Debounce, Lasting
from .fuse_issues import ALL_PHASES, Contradictions, Overload, fuse_fault, fuse_gap, unsigned_sensors
from .site_issues import (
    MissingFuseReadings,
    MissingReadings,
    SilentConsumers,
    UnyieldingConsumers,
    cannot_stop,
    meter_fault,
    silence_key,
    silent_loads,
    silent_phases,
    silent_sensors,
    unmeasured,
    unseen_battery,
)
from .waiting_cars import WaitingCars

DOCUMENTATION = "https://github.com/tesla-twc/ha-tesla-twc/blob/main/docs/"

LEARN_MORE: Mapping[str, str] = {
    "error_state": "troubleshooting.md#the-red-light",
    "stop_failed": "safety.md#stopping",
    "cannot_stop": "safety.md#stopping",
    "car_needs_replug": "troubleshooting.md#the-car-takes-no-current",
    "car_takes_nothing": "troubleshooting.md#the-car-takes-no-current",
    "car_disobeys": "solar.md#the-cars-own-switch",
    "overdrawing": "troubleshooting.md#the-red-light",
    **dict.fromkeys(
        (
            *("stale_phases", "fuse_inverted", "fuse_not_contained", "fuse_odd", "fuse_overload"),
            *("fuse_unrated", "fuse_unmeasured", "fuse_partly", "phases_contradicted", "stale_other_loads"),
            "fuse_unsigned",
        ),
        "safety.md#the-main-fuse",
    ),
    **dict.fromkeys(("nobody_leads", "two_controllers"), "roles.md#listen"),
    **dict.fromkeys(("join_refused", "join_not_needed", "join_crowded"), "roles.md#join"),
    "unknown_car": "cars.md#a-car-that-nobody-has-entered",
    "not_measured": "solar.md#set-it-up",
    "unseen_battery": "solar.md#house-battery",
    "meter_odd": "solar.md#is-my-meter-right",
    **dict.fromkeys(("consumer_silent", "consumer_does_not_yield"), "consumers.md#when-something-is-wrong"),
    "both_ways": "solar.md#when-readings-are-missing",
    **dict.fromkeys(
        (
            *("line_silent", "line_echo", "line_noise", "line_damaged", "line_unheard"),
            *("port_lost", "port_lost_network"),
        ),
        "troubleshooting.md#the-line",
    ),
}
"""Where an owner finds more than fits into a message."""

UNKNOWN_CAR = "unknown_car"

CAR_TROUBLE_TOLD_SECONDS = 285.0
"""After so long without current at a car that is offered some its owner is told: within five minutes of plugging in he
has not gone to bed yet, and a pause is no news. A sleeping car is noticed with the next question about the plug only,
up to 13 s later."""

_LASTING: Mapping[str, Lasting] = {
    # The driver of a port that was pulled out and put in again may need its time, and so may a gateway's restart.
    **dict.fromkeys(("port_lost", "port_lost_network"), Lasting(appears_after=180)),
    # A wall connector that was without its controller for a moment answers with an error first (protocol.md 3.14).
    "error_state": Lasting(appears_after=30, leaves_after=15),
    # Half a minute of refusing is a problem; an automation that changes the limit begins it anew each time.
    "not_accepting": Lasting(appears_after=30, leaves_after=60),
    "stop_failed": Lasting(appears_after=15, leaves_after=15),
    "overdrawing": Lasting(leaves_after=60),
    # A controller that is restarted is silent for a moment, and its wall connectors ask for one.
    "nobody_leads": Lasting(appears_after=60, leaves_after=15),
    "two_controllers": Lasting(appears_after=15, leaves_after=15),
    # Another wall connector that is switched on for a while is no news, nor is one that waits for its controller.
    **dict.fromkeys(("join_not_needed", "join_crowded"), Lasting(appears_after=300, leaves_after=15)),
    "too_many_connectors": Lasting(appears_after=15, leaves_after=15),
    "car_needs_replug": Lasting(appears_after=CAR_TROUBLE_TOLD_SECONDS - REPLUG_SECONDS),
    "car_takes_nothing": Lasting(appears_after=CAR_TROUBLE_TOLD_SECONDS - TAKES_NOTHING_SECONDS),
    "car_disobeys": Lasting(leaves_after=60),
    UNKNOWN_CAR: Lasting(appears_after=60),
    # An integration may begin minutes after this one, and an owner who deletes something may put it back.
    "missing_entities": Lasting(appears_after=300),
}
"""What is not here is judged over time where it is found: the line, other controllers, and double addresses."""


def digest(vin: str) -> str:
    """Return what stands for a VIN where it is not to be read."""
    return sha256(vin.encode()).hexdigest()[:16]


_THERE = frozenset({Presence.ANNOUNCED, Presence.LINKED, Presence.STALE})

_MERELY_BAD = frozenset({"line_damaged"})
"""What works all the same, if not well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that is wrong, and with which parts of the bus."""

    key: str
    """The translation key."""
    subject: str = ""
    """Which wall connector, where it concerns one."""
    placeholders: dict[str, str] = field(default_factory=dict)
    is_fixable: bool = False
    """Whether Home Assistant itself can put it right, once its owner says how."""
    data: dict[str, str] = field(default_factory=dict)
    """What its dialogue has to know beside the texts."""
    is_error: bool = True
    """Whether something does not work at all; otherwise it works, and not as its owner means it."""
    is_old: bool = False
    """Whether it was so before this start, and has lasted long enough."""


def complaints(
    bus: BusSnapshot, which: str, name_of: Callable[[TwcId], str], *, network: bool = False
) -> list[Complaint]:
    """Return everything that is wrong on a bus and that only its owner can put right.

    ``which`` is put behind titles where there are several buses, and ``name_of`` is what a wall connector is called.
    ``network``: the port is on the network, so no plug has slipped out.
    """
    found = list(_about_the_line(bus, which, network=network))
    if bus.role is not BusRole.CONTROL:
        found += _about_the_leader(bus, which)
    elif bus.foreign_controller is not None:
        key = "rotary_switch" if bus.foreign_is_connector else "foreign_controller"
        address = str(bus.foreign_controller)
        found.append(Complaint(key=key, placeholders={"bus": which, "controller": address}))
    elif bus.announced_controller is not None:
        address = str(bus.announced_controller)
        placeholders = {"bus": which, "controller": address}
        found.append(Complaint(key="announced_controller", placeholders=placeholders, is_error=False))
    if bus.refused:
        twcids = ", ".join(map(str, bus.refused))
        found.append(Complaint(key="too_many_connectors", placeholders={"bus": which, "twcids": twcids}))
    for twcid, connector in bus.connectors.items():
        if (share := connector.odd_counter_share) is not None:
            # In steps of 5 %, or the message would change all the time.
            percent = f"{5 * round(20 * share)}"
            texts = {"bus": which, "name": name_of(twcid), "twcid": str(twcid), "percent": percent}
            found.append(
                Complaint(key="odd_counter", subject=f"_{twcid}", placeholders=texts, is_error=False)
            )
        # One that is lost is mostly switched off, and its owner knows why.
        if connector.problem not in (None, Problem.LOST):
            found.append(
                Complaint(
                    key=connector.problem.value,
                    subject=f"_{twcid}",
                    placeholders={"bus": which, "name": name_of(twcid), "twcid": str(twcid)},
                )
            )
    return found


def _about_the_leader(bus: BusSnapshot, which: str) -> Iterator[Complaint]:
    """Yield what is wrong with the controller of a bus that we do not lead."""
    waiting = [twcid for twcid, one in bus.connectors.items() if one.presence is Presence.ANNOUNCED]
    if bus.join_refused:
        yield Complaint(key="join_refused", placeholders={"bus": which, "controller": str(bus.leader)})
    if bus.stays_away is not None:
        there = (one for one in bus.connectors.values() if not one.leads and one.presence in _THERE)
        others = ", ".join(str(one.twcid) for one in there)
        yield Complaint(
            key=bus.stays_away.value, placeholders={"bus": which, "twcids": others}, is_error=False
        )
    if bus.foreign_controller is not None:
        addresses = {"first": str(bus.leader), "second": str(bus.foreign_controller)}
        yield Complaint(key="two_controllers", placeholders={"bus": which, **addresses})
    elif bus.leader is None and waiting:
        twcids = ", ".join(map(str, waiting))
        yield Complaint(key="nobody_leads", placeholders={"bus": which, "twcids": twcids}, is_error=False)


def _about_the_line(bus: BusSnapshot, which: str, *, network: bool) -> Iterator[Complaint]:
    if bus.phase is BusPhase.DISCONNECTED:
        yield Complaint(key="port_lost_network" if network else "port_lost", placeholders={"bus": which})
    elif bus.line is LineHealth.DAMAGED and any(
        connector.problem is Problem.DUPLICATE_ID for connector in bus.connectors.values()
    ):
        # Two that answer at once damage each other's frames: no wire is loose.
        return
    elif bus.line not in (LineHealth.UNKNOWN, LineHealth.GOOD):
        key = f"line_{bus.line.value}"
        yield Complaint(key=key, placeholders={"bus": which}, is_error=key not in _MERELY_BAD)


def _plainly(decider: Decider, twcid: TwcId, why: Reason) -> str:
    """Return what is decided at this moment, without figures: with each other text the message is written anew."""
    decided = decider.decision.connectors.get(twcid)
    return decider.words.say_plainly(why if decided is None else decided.reason) or ""


class Issues:
    """The issues of one entry in Home Assistant's issue registry."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Nothing is wrong yet."""
        self._hass = hass
        self._entry = entry
        self._open: dict[str, Complaint] = {}
        self._debounce = Debounce[Complaint]()

    def _show(self, found: Iterable[Complaint], now: float) -> None:
        """Create what is new and lasts, and delete what is over."""
        lasting = {
            self._issue_id(one): (one, AT_ONCE if one.is_old else _LASTING.get(one.key, AT_ONCE))
            for one in found
        }
        wrong = self._debounce.take(lasting, now)
        for issue_id in self._open.keys() - wrong.keys():
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        for issue_id, complaint in wrong.items():
            if self._open.get(issue_id) != complaint:
                self._create(issue_id, complaint)
        self._open = wrong

    @callback
    def end(self) -> None:
        """Delete everything: nobody looks any more.

        Whoever ignores a car does so for ever, and not until the next start.
        """
        for issue_id in self._open:
            if not self._is_ignored(issue_id):
                ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._open = {}

    def _is_ignored(self, issue_id: str) -> bool:
        """Whether the owner chose never to be asked about this car again."""
        issue = ir.async_get(self._hass).async_get_issue(DOMAIN, issue_id)
        return self._open[issue_id].key == UNKNOWN_CAR and issue is not None and bool(issue.dismissed_version)

    def _named(self, entity_ids: Iterable[str]) -> str:
        return list_names(self._hass, entity_ids, chosen_entities(self._entry.options))

    def _name_of(self, address: TwcId) -> str:
        return connector_name(self._hass, circuit_of(address) or self._entry.entry_id, on_bus(address))

    def _about_connector(self, key: str, twcid: TwcId, *, is_fixable: bool = True, **more: str) -> Complaint:
        return self._warning(key, is_fixable=is_fixable, twcid=str(twcid), name=self._name_of(twcid), **more)

    def _warning(self, key: str, *, is_fixable: bool = True, **placeholders: str) -> Complaint:
        subject = f"_{placeholders['twcid']}" if "twcid" in placeholders else ""
        return Complaint(
            key=key,
            subject=subject,
            placeholders={"bus": which_bus(self._hass, self._entry), **placeholders},
            is_fixable=is_fixable,
            is_error=False,
        )

    def _create(self, issue_id: str, complaint: Complaint) -> None:
        data: Mapping[str, str] = {
            "entry_id": self._entry.entry_id,
            **complaint.placeholders,
            **complaint.data,
        }
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={**data} if complaint.is_fixable else None,
            is_fixable=complaint.is_fixable,
            learn_more_url=f"{DOCUMENTATION}{page}" if (page := LEARN_MORE.get(complaint.key)) else None,
            severity=ir.IssueSeverity.ERROR if complaint.is_error else ir.IssueSeverity.WARNING,
            translation_key=complaint.key,
            translation_placeholders=complaint.placeholders,
        )

    def _issue_id(self, complaint: Complaint) -> str:
        return f"{complaint.key}_{self._entry.entry_id}{complaint.subject}"


class HouseRepairs(Issues):
    """The issues about the house: of its own entry, or in a house with one bus of that bus."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Nothing is wrong yet."""
        super().__init__(hass, entry)
        self._silence = MissingReadings()
        self._phases_silence = MissingFuseReadings(PHASES)
        self._loads_silence = MissingFuseReadings(OTHER_LOADS)
        self._consumers_silence, self._unyielding = SilentConsumers(), UnyieldingConsumers()
        self._contradictions = Contradictions()
        self._overload = Overload()

    @callback
    def show(self, house: RunningHouse, now: float) -> None:
        """Tell what is wrong with the house. ``now`` is s of its clock."""
        missing = missing_entities(self._hass, self._entry.options, ())
        found = [*self._about_missing(missing), *self._about_silence(house, missing, now)]
        found += self._about_the_sun(house, house.inputs.connectors if house.inputs else {})
        found += self._about_the_fuse(house, house.inputs.connectors if house.inputs else {}, now)
        self._show(found, now)

    def _about_the_sun(self, house: RunningHouse, here: Container[TwcId]) -> Iterator[Complaint]:
        """Yield what keeps the cars from following the sun as their owner means it.

        ``here``: while nothing can be decided anew, the last decision may know one that was deleted since.
        """
        if names := [self._name_of(twcid) for twcid in unmeasured(house.inputs) if twcid in here]:
            yield self._warning("not_measured", names=", ".join(names))
        if unseen_battery(house.inputs):
            soc = self._entry.options[CONF_SITE][CONF_BATTERY_SOC]
            yield self._warning("unseen_battery", is_fixable=False, sensor=self._named([soc]))
        fault = meter_fault(house.meter, house.site, self._entry.options)
        if fault is not None:
            texts = {"sensor": self._named(fault.sensors)}
            if fault.watts is not None:
                texts["watts"] = loaded_words(self._hass).figure(fault.watts)
            yield self._warning(fault.key, is_fixable=fault.is_fixable, **texts)

    def _about_missing(self, missing: Collection[str]) -> Iterator[Complaint]:
        if missing:
            yield self._warning("missing_entities", is_fixable=False, entities=", ".join(missing))

    def _about_silence(self, house: RunningHouse, missing: Container[str], now: float) -> Iterator[Complaint]:
        """Yield which sensors say nothing usable. Those that do not exist are told of in words of their own."""
        decision, options = house.decision, self._entry.options
        readings = SiteReadings() if house.inputs is None else house.inputs.readings
        if (since := self._silence.judge(decision, now)) is not None:
            silent = [one for one in silent_sensors(decision, options) if one not in missing]
            if silent:
                key = silence_key(readings, decision)
                yield self._warning(key, is_fixable=False, sensors=self._named(silent), since=since)
        if (since := self._phases_silence.judge(decision, now)) is not None:
            silent = [one for one in silent_phases(decision, options) if one not in missing]
            if silent:
                yield self._warning(
                    "stale_phases", is_fixable=False, sensors=self._named(silent), since=since
                )
        yield from self._about_other_loads(decision, readings.other_loads, missing, now)
        yield from self._about_consumers(house, missing, now)

    def _about_consumers(
        self, house: RunningHouse, missing: Container[str], now: float
    ) -> Iterator[Complaint]:
        """Yield which other consumers are silent, and which do not yield although they should."""
        sensors = {one[CONF_NAME]: one[CONF_CONSUMER_POWER] for one in consumers_of(self._entry.options)}
        silent = self._consumers_silence.judge(house.inputs, now)
        for name, since in silent.items():
            if name in sensors and sensors[name] not in missing:
                told = {"name": name, "sensor": self._named([sensors[name]]), "since": since}
                found = self._warning("consumer_silent", is_fixable=False, **told)
                yield replace(found, subject=f"_{slugify(name)}")
        for name in self._unyielding.judge(house.decision, house.site, now):
            found = self._warning("consumer_does_not_yield", is_fixable=False, name=name)
            yield replace(found, subject=f"_{slugify(name)}")

    def _about_other_loads(
        self, decision: Decision, loads: tuple[SensorReading, ...], missing: Container[str], now: float
    ) -> Iterator[Complaint]:
        if (since := self._loads_silence.judge(decision, now)) is not None:
            silent = [one for one in silent_loads(loads, self._entry.options) if one not in missing]
            if silent:
                sensors = self._named(silent)
                yield self._warning("stale_other_loads", is_fixable=False, sensors=sensors, since=since)

    def _about_the_fuse(self, house: RunningHouse, here: Container[TwcId], now: float) -> Iterator[Complaint]:
        """Yield what makes the guard of the main fuse blind, and what it could not prevent."""
        decision, options = house.decision, self._entry.options
        if (gap := fuse_gap(options, self._hass.config.country)) is not None:
            sensors = {"sensors": self._named(gap.sensors)} if gap.sensors else {}
            yield self._warning(gap.key, is_fixable=False, **gap.texts, **sensors)
        counted = self._contradictions.judge(decision, house.inputs, options)
        for twcid, phases in counted.items():
            if twcid in here:
                texts = {"name": self._name_of(twcid), "phases": names_of(phases)}
                yield self._warning("phases_contradicted", is_fixable=False, twcid=str(twcid), **texts)
        if (fault := fuse_fault(decision, options)) is not None:
            found = self._warning(fault.key, sensors=self._named(fault.sensors), phases=fault.phases)
            yield replace(found, data={ALL_PHASES: ALL_PHASES} if fault.are_all else {})
        if unsigned := unsigned_sensors(decision, options):
            shown = names_of(decision.unsigned_phases)
            yield self._warning(
                "fuse_unsigned", is_fixable=False, sensors=self._named(unsigned), phases=shown
            )
        if hot := self._overload.judge(decision, now):
            rating = f"{house.site.fuse_amps or 0:g}"
            yield self._warning("fuse_overload", is_fixable=False, phases=names_of(hot), rating=rating)


class Repairs(HouseRepairs):
    """The issues of one bus, and of its house unless others share that."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Nothing is wrong yet."""
        super().__init__(hass, entry)
        self._waiting_cars = WaitingCars()

    @callback
    def show_bus(self, bus: BusSnapshot, decider: Decider, cars: Cars) -> None:
        """Tell what is wrong with a bus, its cars and its house."""
        found = complaints(
            bus,
            which_bus(self._hass, self._entry),
            self._name_of,
            network=is_on_network(self._entry.data[CONF_DEVICE]),
        )
        found += self._about_charging(bus, decider)
        found += self._about_strangers(cars)
        self._show(found, bus.now)

    def _about_charging(self, bus: BusSnapshot, decider: Decider) -> Iterator[Complaint]:
        """Yield what keeps the cars from charging as their owner means it."""
        cars = [one.data for one in car_subentries(self._entry)]
        missing = missing_entities(self._hass, self._entry.options, cars)
        yield from self._about_missing(missing)
        house, here = decider.house, bus.connectors
        if house.is_shared:
            circuits = {} if decider.inputs is None else decider.inputs.circuits
            loads = circuits[""].other_loads if "" in circuits else ()
            yield from self._about_other_loads(decider.decision, loads, missing, bus.now)
        else:
            yield from self._about_silence(house, missing, bus.now)
        if bus.role is not BusRole.CONTROL:
            return
        disobeying = [twcid for twcid in here if decider.cars.disobeys(twcid)]
        for twcid in disobeying:
            yield self._about_connector("car_disobeys", twcid, is_fixable=False)
        # While nothing can be decided anew, the last decision may know one that was deleted since.
        for twcid in cannot_stop(decider.inputs):
            if twcid in here and twcid not in disobeying:
                yield self._about_connector("cannot_stop", twcid)
        for twcid, why in self._waiting_cars.follow(bus, decider.decision).items():
            said = _plainly(decider, twcid, why)
            yield self._about_connector(why.value, twcid, is_fixable=False, sentence=said)
        if not house.is_shared:
            yield from self._about_the_sun(house, here)
            yield from self._about_the_fuse(house, here, bus.now)

    def _about_strangers(self, cars: Cars) -> Iterator[Complaint]:
        """Yield the cars that told a VIN and that nobody has entered."""
        for vin, twcid in cars.strangers.items():
            texts = {
                "bus": which_bus(self._hass, self._entry),
                "name": self._name_of(twcid),
                "end": short(vin),
            }
            yield Complaint(
                key=UNKNOWN_CAR,
                subject=f"_{digest(vin)}",
                placeholders=texts,
                is_fixable=True,
                is_error=False,
                is_old=vin in cars.told_before,
            )
