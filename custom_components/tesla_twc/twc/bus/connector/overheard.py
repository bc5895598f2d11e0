"""One wall connector on a bus that we do not lead: what it tells its controller, or tells as a controller itself."""

from ...protocol.codes import ConnectorState, ProtocolVersion, TwcId
from ...protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorReply,
    ControllerHeartbeat,
    Data,
    Firmware,
    Meter,
    PlugStateReply,
    SerialNumber,
    Unaddressed,
    UnaddressedFirmware,
    UnaddressedModel,
    UnaddressedSerialNumber,
    VinPart,
)
from ..settings import HARD_CAP_AMPS, BusSettings, RememberedConnector
from ..snapshot import CHARGING_AMPS
from ..timing import CONSISTENT_HEARTBEATS, LOST_SECONDS
from .answer_tally import AnswerTally
from .counted_phases import CountedPhases
from .energy import EnergyMeter
from .facts import ConnectorFacts
from .metering import count_energy, drawn_watts, take_meter
from .overheard_vin import OverheardVin
from .plug import Plug, PlugChange

NO_COUNTER_SECONDS = 180.0
"""A counter that is asked for is heard within so long: a real controller reads it every 12 s, others once a minute
(protocol.md 1.12). Where nobody asks, the energy is integrated alone."""
PLUG_ASKED_SECONDS = 60.0
"""Whoever asks about the plug does so every 30 s at least; real controllers never do."""
PLUG_UNKNOWN_SECONDS = 900.0
"""A controller that is alone never says whether it has a car; so long after its current ended nobody knows."""
FRAMES_PROVE = CONSISTENT_HEARTBEATS
"""So many frames show that there is a wall connector, and no address in a damaged one (protocol.md 1.5)."""


class OverheardConnector:
    """What is known of it. There is nothing here that it could be told."""

    def __init__(self, twcid: TwcId, now: float, known: RememberedConnector | None = None) -> None:
        """Begin to know it, or go on with what an earlier run knew."""
        self.twcid = twcid
        self.version = ProtocolVersion.P2
        """Only that version tells figures; a heartbeat or an announcement shows it by its length."""
        self.rated_amps: float | None = None
        self.leads = False
        """Whether it is a controller itself."""
        self.facts = ConnectorFacts(now)
        self.plug = Plug()
        self.vin = OverheardVin()
        self.tally = AnswerTally()
        self.energy = EnergyMeter()
        self.counted = CountedPhases()
        self._sign = 0
        self.tells_plug_state = True
        """Whether anything that is heard tells a car that sleeps from none."""
        self._contactor_open = False
        """Whether we opened its contactor when we were its controller, and are to close it when we are again."""
        self._claimed: tuple[float, ProtocolVersion] | None = None
        self._frames = 0
        self._first_heard_at: float | None = None
        self._meter_heard = False
        self._plug_told_at = self._flowed_at = float("-inf")
        if known is not None:
            self._recall(known)

    def _recall(self, known: RememberedConnector) -> None:
        self.version, self.rated_amps, self._sign = known.version, known.rated_amps, known.sign
        self._contactor_open, self.leads = known.contactor_open, known.leads
        self.energy = EnergyMeter(known.energy_kwh, known.kwh_per_count)
        self.facts.resumed = True
        self.facts.recall(known)

    def to_memory(self) -> RememberedConnector:
        """Return what must survive a restart."""
        return RememberedConnector(
            twcid=self.twcid,
            version=self.version,
            rated_amps=self.rated_amps,
            sign=self._sign,
            offered_amps=self.facts.offered_amps,
            contactor_open=self._contactor_open,
            energy_kwh=None if self.energy.kwh is None else round(self.energy.kwh, 3),
            kwh_per_count=self.energy.watch.to_memory(),
            serial_number=self.facts.serial_number,
            firmware=self.facts.firmware,
            model=self.facts.model,
            leads=self.leads,
        )

    @property
    def proven(self) -> bool:
        """Whether it is more than an address in one frame that may have been damaged."""
        return self.facts.resumed or self._frames >= FRAMES_PROVE

    def last_sign_of_life(self) -> float:
        """When anything of it was heard last, or since when it is known."""
        times = (self.facts.born_at, self.facts.heard_at, self.facts.announced_at)
        return max(time for time in times if time is not None)

    def is_there(self, now: float) -> bool:
        """Whether it was heard lately, led or waiting for a controller."""
        times = (self.facts.heard_at, self.facts.announced_at)
        return any(time is not None and now - time < LOST_SECONDS for time in times)

    # What it draws

    @property
    def drawn_amps(self) -> float | None:
        """The current it reports, A per phase; of a controller the highest of its phases."""
        if not self.leads:
            return None if self.facts.heartbeat is None else self.facts.drawn_amps
        return None if self.facts.meter is None else max(self.facts.meter.phase_amps)

    @property
    def charging(self) -> bool:
        """Whether current flows."""
        return (self.drawn_amps or 0.0) >= CHARGING_AMPS

    def watts(self, bus: BusSettings) -> float:
        """The power it draws, W; ``bus`` has what its owner says of it."""
        if not self.leads:
            return drawn_watts(self.facts, self.counted, stated=self._stated_phases(bus), bus=bus)
        meter = self.facts.meter
        if meter is None or not self.charging:
            return 0.0
        return sum(volts * amps for volts, amps in zip(meter.volts, meter.phase_amps, strict=True))

    def _stated_phases(self, bus: BusSettings) -> int | None:
        own = bus.connectors.get(self.twcid)
        return None if own is None else own.phases

    # What it tells

    def hear_announcement(self, message: ConnectorLinkReady, now: float) -> None:
        """Take an announcement: it has no controller, or lost it."""
        self._frames += 1
        self.facts.take_announcement(now)
        claimed = (message.max_amps, message.version)
        if self.rated_amps is None or claimed == self._claimed:
            self.rated_amps, self.version = claimed
        self._claimed, self._sign, self.leads = claimed, message.sign, False

    def asked(self, now: float) -> None:
        """Take that its controller sent it a heartbeat."""
        self.tally.asked(now)

    def hear_heartbeat(self, message: ConnectorHeartbeat, bus: BusSettings, now: float) -> bool:
        """Take its answer to its controller. Returns whether it can be believed."""
        facts = self.facts
        self._frames += 1
        if not facts.judge_amps(message, self.rated_amps or HARD_CAP_AMPS):
            return False
        self._heard(now)
        if not facts.answers(now):
            facts.begin_link(now)
        before = None if self.leads else facts.heartbeat
        self.leads, self.version = False, message.version
        facts.take_heartbeat(message, now)
        self.tally.answered(now)
        self.tells_plug_state = now - self._plug_told_at < PLUG_ASKED_SECONDS or self.vin.is_told(now)
        change = self.plug.take_heartbeat(before, message, tells_plug_state=self.tells_plug_state, now=now)
        self._plug_changed(change)
        self._do_without_counter(now)
        stated = self._stated_phases(bus)
        count_energy(facts, self.energy, self.counted, stated=stated, bus=bus, now=now)
        return True

    def hear_figures(self, message: Data, bus: BusSettings, now: float) -> None:
        """Take what it tells of itself as a controller (protocol.md 1.12)."""
        self._frames += 1
        self.leads = True
        self._heard(now)
        self.hear_data(message, now)
        if isinstance(message, Meter):
            if self.charging:
                # Current proves a car; that none flows proves nothing.
                self._flowed_at = now
                self._plug_changed(self.plug.take_car(now))
            self.energy.integrate(self.watts(bus), now)

    def grow_older(self, now: float) -> None:
        """Know no longer whether there is a car, where only its current ever told so."""
        told = now - self._plug_told_at < PLUG_ASKED_SECONDS
        if self.leads and not told and now - self._flowed_at >= PLUG_UNKNOWN_SECONDS:
            self.plug.forget()

    def hear_plug(self, message: ControllerHeartbeat, now: float) -> None:
        """Take whether it has a car, as it tells those that it leads in its heartbeats (protocol.md 2.3)."""
        self._frames += 1
        self.leads = True
        self._heard(now)
        self._plug_told_at = now
        if not self._meter_heard:
            # Of the first protocol it tells nothing else, and of the second everything in good time.
            self.version = message.version
        if message.plugged_in:
            self._plug_changed(self.plug.take_car(now))
        elif not self.charging:
            self._plug_changed(self.plug.take_departure(now))

    def hear_data(self, message: Data | Unaddressed, now: float) -> None:
        """Take an answer, whoever asked for it."""
        match message:
            case Meter():
                self._meter_heard = True
                take_meter(message, self.facts, self.energy, self.counted)
            case Firmware() | UnaddressedFirmware():
                self.facts.firmware = message.firmware
            case PlugStateReply():
                self._plug_told_at = now
                self._plug_changed(
                    self.plug.take_state(message.plug_state, charging=self.facts.charging, now=now)
                )
            case VinPart():
                self.vin.hear(message.code, message.text, now)
            case SerialNumber() | UnaddressedSerialNumber():
                self.facts.serial_number = message.serial_number
            case UnaddressedModel():
                self.facts.model = message.model
            case ContactorReply():
                pass

    def _heard(self, now: float) -> None:
        self.facts.heard_at = now
        if self._first_heard_at is None:
            self._first_heard_at = now

    def _do_without_counter(self, now: float) -> None:
        """Integrate alone where no counter will be told."""
        assert self._first_heard_at is not None, "it was heard a moment ago"
        never = self.version is ProtocolVersion.P1 or now - self._first_heard_at >= NO_COUNTER_SECONDS
        if never and not self._meter_heard:
            self.energy.do_without_counter()

    def _plug_changed(self, change: PlugChange | None) -> None:
        if change is PlugChange.LEFT:
            self.vin.car_left()
        elif change is not None:
            self.energy.watch.measure_anew()

    @property
    def in_error(self) -> bool:
        """Whether it reports an error."""
        heartbeat = self.facts.heartbeat
        return not self.leads and heartbeat is not None and heartbeat.state is ConnectorState.ERROR
