"""One wall connector as the controller sees it, composed of what it told, what it is offered and what watches it."""

from ...protocol.codes import Code, ConnectorState, Operation, ProtocolVersion, TwcId
from ...protocol.messages import (
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
from ..settings import HARD_CAP_AMPS, BusSettings, ConnectorSettings, RememberedConnector
from ..snapshot import CHARGING_AMPS, StopState
from ..timing import RESERVED_SECONDS
from .answer_tally import AnswerTally
from .counted_phases import CountedPhases
from .disobedience import DisobedienceWatch
from .energy import EnergyMeter
from .facts import ConnectorFacts
from .identity import Identity
from .metering import count_energy, drawn_watts, take_meter
from .nudge import Nudge
from .offer_state import OfferState
from .overdraw import OverdrawVerdict, OverdrawWatch
from .plug import Plug, PlugChange
from .questions import Questions
from .reply_matching import ReplyMatcher
from .rising import RisePace
from .six_amp_cure import SixAmpCure
from .stopping import StopDecision, Stopping

_NOTHING_CHOSEN = ConnectorSettings()
"""Its owner has chosen nothing yet."""

_BEFORE_A_CAR_BEGINS = (ConnectorState.READY, ConnectorState.ERROR, ConnectorState.NOT_CHARGING)
_WAITING_FOR_A_LIMIT = (ConnectorState.PLUGGED_READY, ConnectorState.STARTING, ConnectorState.CHARGING)


def _wants_its_limit(before: ConnectorHeartbeat | None, now: ConnectorHeartbeat) -> bool:
    """Whether a car begins: its limit is sent again, whatever is reported (protocol.md 3.7)."""
    return before is not None and before.state in _BEFORE_A_CAR_BEGINS and now.state in _WAITING_FOR_A_LIMIT


class WallConnector:
    """One wall connector as the controller sees it: its facts, its offer, its plug and all that watches over them."""

    def __init__(self, identity: Identity, now: float, energy: EnergyMeter | None = None) -> None:
        """Begin to know it."""
        self.identity = identity
        self.facts = ConnectorFacts(now)
        self.offer = OfferState()
        self.plug = Plug()
        self.questions = Questions(now)
        self.replies = ReplyMatcher()
        self.tally = AnswerTally()
        self.energy = energy or EnergyMeter()
        self.counted = CountedPhases()
        self.stopping = Stopping()
        self.stop = StopDecision(None, StopState.NONE)
        self.cure = SixAmpCure()
        self.pace = RisePace()
        self.nudge = Nudge()
        self.overdraw = OverdrawWatch()
        self.verdict = OverdrawVerdict.FINE
        self.disobedience = DisobedienceWatch()

    @classmethod
    def from_announcement(cls, message: ConnectorLinkReady, now: float) -> "WallConnector":
        """Meet it for the first time."""
        return cls(Identity(message.sender, message.version, message.max_amps, message.sign), now)

    @classmethod
    def from_memory(cls, known: RememberedConnector, now: float) -> "WallConnector":
        """Take up where the last controller stopped: it may be charging right now."""
        assert known.rated_amps is not None, "one that never announced itself is met first"
        connector = cls(
            Identity(known.twcid, known.version, known.rated_amps, known.sign),
            now,
            EnergyMeter(known.energy_kwh, known.kwh_per_count),
        )
        connector.offer.resumed_amps = known.offered_amps
        if known.released:
            connector.offer.leave_alone()
        if known.contactor_open:
            connector.stopping.resume_open(now, known.opened_at)
        connector.facts.resumed = True
        connector.facts.recall(known)
        return connector

    @classmethod
    def from_hearsay(
        cls, known: RememberedConnector, message: ConnectorLinkReady, now: float
    ) -> "WallConnector":
        """Meet one that was only overheard until now: its energy goes on, and nothing else is taken for granted."""
        connector = cls.from_announcement(message, now)
        connector.energy = EnergyMeter(known.energy_kwh, known.kwh_per_count)
        connector.facts.recall(known)
        return connector

    def to_memory(self) -> RememberedConnector:
        """Return what must survive a restart."""
        facts, offer = self.facts, self.offer
        return RememberedConnector(
            twcid=self.twcid,
            version=self.version,
            rated_amps=self.identity.rated_amps,
            sign=self.identity.sign,
            offered_amps=max(facts.offered_amps, offer.commanded_amps or 0, offer.resumed_amps),
            released=offer.released or (offer.order is None and self.version is not ProtocolVersion.P1),
            contactor_open=self.stopping.to_be_closed,
            opened_at=self.stopping.opened_at,
            energy_kwh=None if self.energy.kwh is None else round(self.energy.kwh, 3),
            kwh_per_count=self.energy.watch.to_memory(),
            serial_number=facts.serial_number,
            firmware=facts.firmware,
            model=facts.model,
        )

    @property
    def twcid(self) -> TwcId:
        """Its address."""
        return self.identity.twcid

    @property
    def version(self) -> ProtocolVersion:
        """Its protocol version."""
        return self.identity.version

    # What it may have

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

    @property
    def momentary_amps(self) -> int:
        """The most it may be offered for a moment, to wake its car."""
        return (self.offer.order or 0) if self.cure.allowed_amps is None else self.cure.allowed_amps

    # What it has

    @property
    def owed_amps(self) -> float:
        """The highest offer its car may still be following: a lower one was not yet seen to be obeyed."""
        return max(self.offer.owed_amps, self.facts.offered_amps)

    @property
    def begins_anew(self) -> bool:
        """Whether it has no offer and could be started by one, though its contactor was opened by order before."""
        heartbeat = self.facts.heartbeat
        without_offer = self.facts.rebooted or (heartbeat is not None and not heartbeat.offered_amps)
        return self.stopping.may_close_by_itself and without_offer

    def watts(self, bus: BusSettings) -> float:
        """The power it draws."""
        stated = self.settings(bus).phases
        return drawn_watts(self.facts, self.counted, stated=stated, bus=bus)

    # What time and the line tell

    def grow_older(self, now: float) -> None:
        """Forget the offer of the last run when it would have been heard by now."""
        if self.facts.heard_at is None and self.facts.seconds_silent(now) >= RESERVED_SECONDS:
            self.offer.resumed_amps = 0.0

    def hear_announcement(self, message: ConnectorLinkReady, now: float) -> None:
        """Take an announcement: it has no controller, or lost it."""
        self.facts.take_announcement(now)
        if self.identity.announced(message, now):
            self.facts.rebooted = True
            self.offer.resend()
            self.questions.restart(now)
            self.plug.forget_state()
            self.stopping.reboot(now)
        if self.facts.asks_after_reboot(now):
            self._forget_offer()

    def hear_damage(self) -> None:
        """Take that damage came in place of its answer."""
        self.replies.damaged()
        self.identity.garbled()

    def hear_second_answer(self, message: ConnectorHeartbeat, now: float) -> None:
        """Take one more answer to a heartbeat that was answered a moment ago."""
        if message.version is not self.version:
            self.identity.answered(message.version, now)
            return
        self.identity.duplicates.answered_again(
            message.drawn_amps,
            contradicting=self.facts.contradicts(message),
            repeated=self.facts.repeats(message),
            now=now,
        )

    def hear_heartbeat(self, message: ConnectorHeartbeat, bus: BusSettings, now: float) -> bool:
        """Take its answer. Returns whether its next heartbeat is urgent: anything but the exact current changed."""
        facts = self.facts
        if not facts.answers(now):
            facts.begin_link(now)
            self._forget_offer()
        before = facts.heartbeat
        facts.take_heartbeat(message, now)
        self.tally.answered(now)
        self.identity.duplicates.take_current(message.drawn_amps, now)
        self.replies.accepted()
        self.offer.answered(facts.recent, facts.consistent_heartbeats, now)
        if _wants_its_limit(before, message):
            self.offer.resend()
        if not message.offered_amps:
            self.stopping.doubt()
        change = self.plug.take_heartbeat(before, message, tells_plug_state=self.tells_plug_state, now=now)
        self._plug_changed(change, now)
        if (
            before is None
            or message.state is not before.state
            or facts.charging != (before.drawn_amps >= CHARGING_AMPS)
        ):
            self.questions.hurry(now)
        if before is not None and facts.charging and before.drawn_amps < CHARGING_AMPS:
            self.questions.charge_began(now)
        self._count_energy(bus, now)
        was = self.verdict
        self.verdict = self.overdraw.judge(
            offered_amps=max(facts.offered_amps, float(self.offer.commanded_amps or 0)),
            cap_amps=self.cap_amps(bus),
            drawn_amps=message.drawn_amps,
            now=now,
            in_error=message.state is ConnectorState.ERROR,
        )
        self.disobedience.hear(
            self.offer.commanded_amps, message.drawn_amps, now, is_current=self.overdraw.believes_current
        )
        changed = before is None or (before.state, before.offered_amps) != (
            message.state,
            message.offered_amps,
        )
        return changed or self.overdraw.doubts or self.verdict is not was

    def _forget_offer(self) -> None:
        """Forget what it was told, and what it answered, before it lost the controller or rebooted."""
        self.offer.forget()
        self.facts.recent.clear()

    def _count_energy(self, bus: BusSettings, now: float) -> None:
        """Add what it drew since its last heartbeat."""
        if self.questions.knows_no_counter(old=self.version is ProtocolVersion.P1):
            self.energy.do_without_counter()
        stated = self.settings(bus).phases
        count_energy(self.facts, self.energy, self.counted, stated=stated, bus=bus, now=now)

    @property
    def tells_plug_state(self) -> bool:
        """Whether it tells a car that sleeps from none when it is asked about its plug.

        Protocol-1 firmware never does (protocol.md 2.1); of the others it turns out when they are asked.
        """
        never_did = self.version is ProtocolVersion.P1 and self.plug.state is None
        return not (never_did or self.questions.unsupported(Code.GET_PLUG_STATE))

    def _plug_changed(self, change: PlugChange | None, now: float) -> None:
        """Pass on a change at the plug to every part that starts anew with a car."""
        if change is None:
            return
        if change is PlugChange.LEFT:
            self.questions.car_left()
            self.stopping.doubt()
            return
        self.questions.car_arrived(now)
        self.cure.car_arrived()
        self.energy.watch.measure_anew()
        if change is PlugChange.ARRIVED:
            self.stopping.establishing.car_arrived(now)

    def hear_data(self, message: Data | Unaddressed, now: float) -> None:
        """Take an answer to a question."""
        match message:
            case Meter():
                take_meter(message, self.facts, self.energy, self.counted)
            case Firmware() | UnaddressedFirmware():
                self.facts.firmware = message.firmware
            case PlugStateReply():
                change = self.plug.take_state(message.plug_state, charging=self.facts.charging, now=now)
                self._plug_changed(change, now)
            case VinPart():
                self.questions.read_vin(message.code, message.text)
            case ContactorReply():
                self.stopping.acknowledged(closed=message.closed, now=now)
                return
            case SerialNumber() | UnaddressedSerialNumber():
                self.facts.serial_number = message.serial_number
            case UnaddressedModel():
                self.facts.model = message.model
        # The first reading of a counter has to be confirmed by a second one, which should not take a minute.
        soon = self.facts.charging or self.energy.kwh is None
        self.questions.answered(message.code, now, charging=soon)
        if isinstance(message, Meter) and self.energy.kwh is None:
            self.questions.confirm_counter(now)

    # What was sent to it

    def heartbeat_left(self, now: float) -> None:
        """Take that a heartbeat to it is on the wire."""
        self.tally.asked(now)
        self.replies.asked(now)

    def sent(self, operation: Operation, amps: int | None, now: float) -> None:
        """Take that a heartbeat with this operation and offer went out."""
        facts = self.facts
        self.offer.sent(operation, amps, heartbeat=facts.heartbeat, reported_amps=facts.offered_amps, now=now)
        if operation.carries_amps and amps is not None:
            self.disobedience.tell(amps, now)

    def contactor_ordered(self, now: float) -> None:
        """Take that the order to its contactor went out; the next decision says whether to repeat it."""
        self.stopping.commanded(now)
        self.stop = StopDecision(self.stop.amps, self.stop.state)
