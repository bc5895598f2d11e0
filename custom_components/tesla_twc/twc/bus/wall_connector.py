"""What is known of one wall connector, and since when. Mutable, and only inside this room."""

from collections import deque

from ..protocol.codes import Code, ConnectorState, Operation, PlugState, ProtocolVersion, TwcId
from ..protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorReply,
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
from .answers import AnswerBook
from .counted_phases import CountedPhases
from .energy import EnergyMeter
from .identity import Identity
from .line_quality import AnswerTally
from .nudging import Nudge
from .overdraw import OverdrawWatch, Verdict, excess_amps
from .power import charging_watts
from .questions import Questions
from .rising import RisePace
from .settings import HARD_CAP_AMPS, MINIMUM_AMPS, BusSettings, ConnectorSettings, RememberedConnector
from .six_amp_cure import SixAmpCure
from .snapshot import CHARGING_AMPS, StopState
from .stopping import StopDecision, Stopping
from .timing import CONSISTENT_HEARTBEATS, FOLLOW_SECONDS, LOST_SECONDS, RESERVED_SECONDS, STALE_SECONDS

UNANSWERED_HEARTBEATS = 3
"""Who answered none of so many heartbeats, and never one before, makes room for somebody else."""

_MEASURING_ERROR = 1.25
"""The reported current is up to 15 % above a reference (protocol.md 3.9); more than this of the rating is doubted."""

_AT_ONCE_AMPS = 2.0
"""A current does not change by more between two answers to one heartbeat (protocol.md 3.14: 3.5 A/s)."""

_PLUGGED_STATES = (
    ConnectorState.CHARGING,
    ConnectorState.NOT_CHARGING,
    ConnectorState.PLUGGED_READY,
    ConnectorState.STARTING,
)

_NOTHING_CHOSEN = ConnectorSettings()
"""Its owner has chosen nothing yet."""

_BEFORE_A_CAR_BEGINS = (ConnectorState.READY, ConnectorState.ERROR, ConnectorState.NOT_CHARGING)
_WAITING_FOR_A_LIMIT = (ConnectorState.PLUGGED_READY, ConnectorState.STARTING, ConnectorState.CHARGING)


def _wants_its_limit(before: ConnectorHeartbeat | None, now: ConnectorHeartbeat) -> bool:
    """Whether a car begins: its limit is sent again, whatever is reported (protocol.md 3.7)."""
    return before is not None and before.state in _BEFORE_A_CAR_BEGINS and now.state in _WAITING_FOR_A_LIMIT


class WallConnector:
    """One wall connector as the controller sees it."""

    serial_number: str | None = None
    firmware: str | None = None
    model: str | None = None

    def __init__(self, identity: Identity, now: float, energy: EnergyMeter | None = None) -> None:
        """Begin to know it."""
        self.identity = identity
        self.born_at = now
        self.questions = Questions(now)
        self.energy = energy or EnergyMeter()
        self.counted = CountedPhases()
        self.stopping = Stopping()
        self.cure = SixAmpCure()
        self.pace = RisePace()
        self.overdraw = OverdrawWatch()
        self.verdict = Verdict.FINE
        self.stop = StopDecision(None, StopState.NONE)
        self.nudge = Nudge()
        self.tally = AnswerTally()

        self.announced_at: float | None = None
        self.announcements = 0
        self._announcements_unanswered = 0
        self._rebooted = False
        self.heard_at: float | None = None
        self.linked_at: float | None = None
        """Since when it answers without a gap."""
        self.consistent_heartbeats = 0
        self.heartbeat: ConnectorHeartbeat | None = None
        self.answers_due = AnswerBook()
        self.heartbeat_sent_at = float("-inf")
        self.missed = 0
        """Heartbeats in a row without an answer."""
        self._recent: deque[ConnectorHeartbeat] = deque(maxlen=CONSISTENT_HEARTBEATS)
        self._doubted_amps: float | None = None

        self.order: int | None = MINIMUM_AMPS
        """A the decisions want it to have; 0 = shall not charge, None = the circuit has no room for it."""
        self.commanded_amps: int | None = None
        self._answers_since_command = 0
        self._resend = False
        self._owed_amps = 0.0
        self._owed_at = float("-inf")
        self.tries = 0
        """Heartbeats sent in vain with the present offer."""
        self.refusing_since: float | None = None
        self.resumed_offer_amps = 0.0
        """The offer it had before the controller restarted; counts until it is heard."""
        self.resumed = False
        self.released = False
        """Whether it is left without heartbeats for want of room, or was before the controller restarted."""

        self.meter: Meter | None = None
        self.plug_state: PlugState | None = None
        self.plugged_in: bool | None = None
        self.plugged_in_since: float | None = None

    @classmethod
    def from_announcement(cls, message: ConnectorLinkReady, now: float) -> "WallConnector":
        """Meet it for the first time."""
        return cls(Identity(message.sender, message.version, message.max_amps, message.sign), now)

    @classmethod
    def from_memory(cls, known: RememberedConnector, now: float) -> "WallConnector":
        """Take up where the last controller stopped: it may be charging right now."""
        connector = cls(
            Identity(known.twcid, known.version, known.rated_amps, known.sign),
            now,
            EnergyMeter(known.energy_kwh, known.kwh_per_count),
        )
        connector.resumed = True
        connector.resumed_offer_amps = known.offered_amps
        connector.released = known.released
        if known.contactor_open:
            connector.stopping.resume_open(now)
        connector.serial_number, connector.firmware = known.serial_number, known.firmware
        connector.model = known.model
        return connector

    def to_memory(self) -> RememberedConnector:
        """Return what must survive a restart."""
        return RememberedConnector(
            twcid=self.twcid,
            version=self.version,
            rated_amps=self.identity.rated_amps,
            sign=self.identity.sign,
            offered_amps=max(self.offered_amps, self.commanded_amps or 0, self.resumed_offer_amps),
            released=self.released,
            contactor_open=self.stopping.to_be_closed,
            energy_kwh=None if self.energy.kwh is None else round(self.energy.kwh, 3),
            kwh_per_count=self.energy.watch.to_memory(),
            serial_number=self.serial_number,
            firmware=self.firmware,
            model=self.model,
        )

    @property
    def twcid(self) -> TwcId:
        """Its address."""
        return self.identity.twcid

    @property
    def version(self) -> ProtocolVersion:
        """Its protocol version."""
        return self.identity.version

    @property
    def offered_amps(self) -> float:
        """The offer in force, the higher of its last two reports: one frame may be damaged."""
        return max((heartbeat.offered_amps for heartbeat in self._recent), default=0.0)

    @property
    def drawn_amps(self) -> float:
        """The current it draws, as last reported."""
        return self.heartbeat.drawn_amps if self.heartbeat else 0.0

    @property
    def recently_drawn_amps(self) -> float:
        """The current it draws, the higher of its last two reports."""
        return max((heartbeat.drawn_amps for heartbeat in self._recent), default=0.0)

    @property
    def owed_amps(self) -> float:
        """The highest offer its car may still be following: a lower one was not yet seen to be obeyed."""
        return max(self._owed_amps, self.offered_amps, float(self.commanded_amps or 0))

    @property
    def momentary_amps(self) -> int:
        """The most it may be offered for a moment, to wake its car."""
        return (self.order or 0) if self.cure.allowed_amps is None else self.cure.allowed_amps

    @property
    def charging(self) -> bool:
        """Whether current flows, whatever the state says."""
        return self.drawn_amps >= CHARGING_AMPS

    def settings(self, bus: BusSettings) -> ConnectorSettings:
        """The owner's choices for it."""
        return bus.connectors.get(self.twcid, _NOTHING_CHOSEN)

    def cap_amps(self, bus: BusSettings) -> int:
        """The most its cable, its model and the circuit allow, whole A (protocol.md 6.1: hard cap)."""
        rating = int(self.identity.rated_amps)
        return min(rating, self.settings(bus).maximum_amps, bus.circuit_limit_amps, HARD_CAP_AMPS)

    def limit_amps(self, bus: BusSettings) -> int:
        """The most it may be offered now: the owner's limit, inside the cap."""
        return min(self.cap_amps(bus), self.settings(bus).limit_amps)

    def spike_limit_amps(self, bus: BusSettings) -> int:
        """The most it may be offered for some seconds to wake its car, before the circuit and the orders have a say."""
        return self.cap_amps(bus) if bus.cure_above_limit else self.limit_amps(bus)

    def seconds_silent(self, now: float) -> float:
        """How long it has not answered, since it last did or since we know it."""
        return now - (self.born_at if self.heard_at is None else self.heard_at)

    def grow_older(self, now: float) -> None:
        """Forget the offer of the last run when it would have been heard by now."""
        if self.heard_at is None and self.seconds_silent(now) >= RESERVED_SECONDS:
            self.resumed_offer_amps = 0.0

    def answers(self, now: float) -> bool:
        """Whether it counts as linked."""
        return self.linked_at is not None and self.seconds_silent(now) < LOST_SECONDS

    def reserved(self, now: float) -> bool:
        """Whether it may still be drawing what it was last offered."""
        return (self.heard_at is not None or self.resumed) and self.seconds_silent(now) < RESERVED_SECONDS

    @property
    def proven(self) -> bool:
        """Whether it is more than an address in one frame that may have been damaged."""
        return self.ever_answered or self.announcements >= CONSISTENT_HEARTBEATS

    @property
    def ever_answered(self) -> bool:
        """Whether it answered a heartbeat once, in this run or in an earlier one: nobody invented it."""
        return self.resumed or self.linked_at is not None

    @property
    def never_answers(self) -> bool:
        """Whether it announces itself and answers no heartbeat: it was invented, does not hear us, or is not heard."""
        return not self.ever_answered and self.missed >= UNANSWERED_HEARTBEATS

    @property
    def begins_anew(self) -> bool:
        """Whether it has no offer and could be started by one, though its contactor was opened by order before."""
        without_offer = self._rebooted or (self.heartbeat is not None and not self.heartbeat.offered_amps)
        return self.stopping.may_close_by_itself and without_offer

    def hear_announcement(self, message: ConnectorLinkReady, now: float) -> None:
        """It has no controller, or thinks so."""
        self.announced_at = now
        self.announcements += 1
        self._announcements_unanswered += 1
        if self.identity.announced(message, now):
            self.questions.restart(now)
            self._rebooted = self._resend = True
            self.stopping.reboot(now)
        unanswered = self._announcements_unanswered >= CONSISTENT_HEARTBEATS
        if self._rebooted and unanswered and self.seconds_silent(now) >= STALE_SECONDS:
            self._forget_offer()

    def believes(self, message: ConnectorHeartbeat) -> bool:
        """Whether the amps of an answer can be true: noise passes the checksum now and then (protocol.md 1.5)."""
        if message.offered_amps > HARD_CAP_AMPS:
            return False
        highest = self.identity.rated_amps * _MEASURING_ERROR + 2
        if message.drawn_amps <= highest:
            self._doubted_amps = None
            return True
        agrees = self._doubted_amps is not None and abs(message.drawn_amps - self._doubted_amps) <= 1
        self._doubted_amps = message.drawn_amps
        return agrees

    def hear_damage(self) -> None:
        """Something came in place of its answer."""
        self.answers_due.damaged()
        self.identity.garbled()

    def hear_second_answer(self, message: ConnectorHeartbeat, now: float) -> None:
        """Take one more answer to a heartbeat that was answered a moment ago."""
        if message.version is not self.version:
            self.identity.answered(message.version, now)
            return
        self.identity.twins.answered_again(
            message.drawn_amps,
            contradicting=self._contradicts(message),
            repeated=len(self._recent) > 1 and message == self._recent[0],
            now=now,
        )

    def _contradicts(self, message: ConnectorHeartbeat) -> bool:
        """Whether an answer says something else than the one before: a unit that answers twice repeats itself."""
        last = self.heartbeat
        if last is None:
            return False
        moved = abs(last.drawn_amps - message.drawn_amps)
        return (last.state, last.offered_amps) != (message.state, message.offered_amps) or (
            moved > _AT_ONCE_AMPS
        )

    def hear_heartbeat(self, message: ConnectorHeartbeat, bus: BusSettings, now: float) -> bool:
        """Take its answer. Returns whether its next heartbeat is urgent: anything but the exact current changed."""
        if self.linked_at is None or self.seconds_silent(now) >= LOST_SECONDS:
            self.linked_at = now
            self.consistent_heartbeats = 0
            self._forget_offer()
        self._announcements_unanswered, self._rebooted = 0, False
        before = self.heartbeat
        self.heartbeat, self.heard_at = message, now
        self.tally.answered(now)
        self.identity.twins.draws(message.drawn_amps, now)
        self.answers_due.accepted()
        self.missed = 0
        self._recent.append(message)
        self.consistent_heartbeats += 1
        self._answers_since_command += 1
        self.resumed_offer_amps = 0.0
        self._settle(now)
        self._resend = self._resend or _wants_its_limit(before, message)
        if not message.offered_amps:
            self.stopping.doubt()
        self._track_plug(before, message, now)
        if (
            before is None
            or message.state is not before.state
            or self.charging != (before.drawn_amps >= CHARGING_AMPS)
        ):
            self.questions.hurry(now)
        if all(self.questions.unsupported(code) for code in (Code.GET_METER, Code.GET_FIRMWARE)):
            self.energy.do_without_counter()
        if self.charging:
            stated = self.settings(bus).phases
            self.counted.reckon(self.meter, self.energy, stated=stated, assumed=bus.phases)
        self.energy.integrate(self.watts(bus), now)
        was = self.verdict
        self.verdict = self.overdraw.judge(
            offered_amps=max(self.offered_amps, float(self.commanded_amps or 0)),
            cap_amps=self.cap_amps(bus),
            drawn_amps=message.drawn_amps,
            now=now,
            in_error=message.state is ConnectorState.ERROR,
        )
        changed = before is None or (before.state, before.offered_amps) != (
            message.state,
            message.offered_amps,
        )
        return changed or self.overdraw.doubts or self.verdict is not was

    def _settle(self, now: float) -> None:
        """Give up what it was offered before, once two reports and the time a car takes show that it has followed."""
        last = self._recent[-1].offered_amps
        in_force = max(last, float(self.commanded_amps or 0))
        if in_force >= self._owed_amps:
            self._owed_amps, self._owed_at = in_force, now
            return
        heard = min(self._answers_since_command, self.consistent_heartbeats) >= CONSISTENT_HEARTBEATS
        fallen = not any(excess_amps(report.offered_amps, report.drawn_amps) for report in self._recent)
        if heard and fallen and now - self._owed_at >= FOLLOW_SECONDS:
            self._owed_amps = in_force

    def _forget_offer(self) -> None:
        """What it was told before it lost us, or before it rebooted, says nothing any more."""
        self.commanded_amps = None
        self.resumed_offer_amps = 0.0
        self._owed_amps = 0.0
        self.tries = 0
        self._recent.clear()

    def _track_plug(self, before: ConnectorHeartbeat | None, message: ConnectorHeartbeat, now: float) -> None:
        """The state proves a car, never its absence where the firmware has a better answer (protocol.md 2.4).

        A state that merely lasts does not outvote a newer plug state: 03 may stick after the car has left.
        """
        news = before is None or before.state is not message.state or self.plug_state is None
        if self.charging or (message.state in _PLUGGED_STATES and news):
            self._set_plugged(True, now)
        elif message.state is ConnectorState.READY and not self._tells_plug_state:
            self._set_plugged(False, now)

    @property
    def _tells_plug_state(self) -> bool:
        """Protocol-1 firmware never does (protocol.md 2.1); of the others it turns out when they are asked."""
        never_did = self.version is ProtocolVersion.P1 and self.plug_state is None
        return not (never_did or self.questions.unsupported(Code.GET_PLUG_STATE))

    def _set_plugged(self, plugged_in: bool, now: float) -> None:
        if plugged_in is self.plugged_in:
            return
        arrived_before_our_eyes = plugged_in and self.plugged_in is False
        self.plugged_in = plugged_in
        self.plugged_in_since = now if plugged_in else None
        if not plugged_in:
            self.questions.car_left()
            self.stopping.doubt()
            return
        self.questions.car_arrived(now)
        self.cure.car_arrived()
        self.energy.watch.measure_anew()
        if arrived_before_our_eyes:
            self.stopping.establishing.car_arrived(now)

    def hear_data(self, message: Data | Unaddressed, now: float) -> None:
        """Take an answer to a question."""
        match message:
            case Meter():
                self.meter = message
                self.energy.read_counter(message.energy_kwh)
                self.counted.compare(self.energy)
            case Firmware() | UnaddressedFirmware():
                self.firmware = message.firmware
            case PlugStateReply():
                self.plug_state = message.plug_state
                if message.plug_state is not PlugState.UNEXPLAINED:
                    self._set_plugged(message.plug_state is not PlugState.UNPLUGGED or self.charging, now)
            case VinPart():
                self.questions.vin.read(message.code, message.text)
            case ContactorReply():
                self.stopping.acknowledged(closed=message.closed, now=now)
                return
            case SerialNumber() | UnaddressedSerialNumber():
                self.serial_number = message.serial_number
            case UnaddressedModel():
                self.model = message.model
        # The first reading of a counter has to be confirmed by a second one, which should not take a minute.
        soon = self.charging or self.energy.kwh is None
        self.questions.answered(message.code, now, charging=soon)

    def heartbeat_left(self, now: float) -> None:
        """A heartbeat to it is on the wire."""
        self.heartbeat_sent_at = now
        self.tally.asked(now)
        self.answers_due.asked(now)

    def sent(self, operation: Operation, amps: int | None, now: float) -> None:
        """A heartbeat with this operation and offer went out."""
        accepted = self.heartbeat is not None and self.heartbeat.offered_amps == amps
        if not operation.carries_amps or amps is None or accepted or amps != self.commanded_amps:
            self.tries = 0
            self.refusing_since = None
        if not operation.carries_amps or amps is None:
            return
        if amps != self.commanded_amps:
            self._answers_since_command = 0
            self._owed_amps = max(self.owed_amps, float(amps))
            self._owed_at = now
        self.commanded_amps = amps
        self._resend = False
        if not accepted:
            self.tries += 1
            self.refusing_since = now if self.refusing_since is None else self.refusing_since

    def insists(self, amps: int | None) -> bool:
        """Whether an offer has to be sent even if it is what was last reported.

        The report may be older than what was sent since (a lost answer), and a car that begins anew waits for its
        limit (protocol.md 3.7).
        """
        return self._resend or self.commanded_amps not in (None, amps)

    def contactor_ordered(self, now: float) -> None:
        """The order to its contactor went out; the next decision says whether to repeat it."""
        self.stopping.commanded(now)
        self.stop = StopDecision(self.stop.amps, self.stop.state)

    def watts(self, bus: BusSettings) -> float:
        """The power it draws."""
        phases = self.counted.in_use(stated=self.settings(bus).phases, assumed=bus.phases)
        return charging_watts(self.drawn_amps, self.meter, phases, bus.nominal_volts)
