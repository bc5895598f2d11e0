"""Replays a recorded conversation and compares what the controller of today would have sent.

The controller hears what was heard and is made to have said what was said, so that it never leaves the record. Before
each heartbeat it is asked what it would send at that moment. Whose turn it is, and which questions are asked in
between, is left to the record.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..bus.controller import Controller
from ..bus.line.schedule import no_chance
from ..bus.listener import Listener
from ..bus.port.capture import Direction
from ..bus.settings import BusSettings, RememberedConnector
from ..bus.snapshot import BusRole, BusSnapshot
from ..bus.timing import RESERVED_SECONDS
from ..protocol.codes import Code, TwcId
from ..protocol.decoding import decode
from ..protocol.framing import FrameRejected, RejectedFrame
from ..protocol.messages import (
    ConnectorLinkReady,
    ControllerHeartbeat,
    ControllerLinkReady1,
    ControllerLinkReady2,
    ControllerMessage,
    Message,
    Order,
)
from .download import Download, RecordedFrame

WARM_UP_SECONDS = RESERVED_SECONDS
"""The beginning of a record depends on what was before it; after this time the controller knows all that matters."""

CUT_OFF = "delimiter"
"""The reason given for frames whose beginning may be missing; with another reason a frame may be understood today."""

_START = 1_000_000.0
"""The controller's clock at the download: its times are never negative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Heartbeats in a row to one wall connector that would be other ones today."""

    twcid: TwcId
    said: ControllerHeartbeat
    would: ControllerHeartbeat | None
    """None: the controller of today would have sent nothing."""
    first: float
    last: float
    """s; the moment of the download is 0."""
    heartbeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One frame of the record, and what it means today."""

    frame: RecordedFrame
    message: Message | None
    """None where it was blanked, or cannot be understood."""
    reason: str | None = None
    """Why it cannot be understood."""


class RecordFollower(Controller):
    """A controller that sends the recorded messages, and tells what it would have sent in their place."""

    def __init__(self, settings: BusSettings, known: tuple[RememberedConnector, ...]) -> None:
        """Take the settings and the wall connectors of the record."""
        super().__init__(settings, known, sign=0, chance=no_chance)
        self._said: ControllerMessage | None = None
        self._would: ControllerHeartbeat | None = None

    def say(self, said: ControllerMessage, now: float) -> ControllerHeartbeat | None:
        """Take a message as said, and return the heartbeat that would have been said in place of a heartbeat."""
        if self._awaited is not None:
            # The record goes on while an answer is awaited, so that answer was given up.
            self._unanswered(self._awaited, now)
        self._said, self._would = said, None
        if self.poll(now) is None:
            self._echoes.sent(said, now)
        return self._would

    def advance(self, now: float) -> None:
        """Let time pass without sending anything."""
        self._said = None
        self.poll(now)

    def hear_blanked(self, code: Code | None) -> None:
        """Take an answer whose content was blanked for privacy."""
        if self._awaited is not None and self._awaited.code is code:
            self._awaited = None

    def _next_message(self, now: float) -> ControllerMessage | None:
        said = self._said
        if isinstance(said, Order):
            connector = self._roster.get(said.receiver)
            if connector is None:
                return None
            if isinstance(said, ControllerHeartbeat):
                served = self._schedule.serves(connector.twcid)
                would = self._heartbeat(connector, now)
                self._would = would if served else None
                if would != said:
                    connector.sent(
                        said.operation, round(said.amps) if said.operation.carries_amps else None, now
                    )
                    # It obeys the record, and never heard what is only reckoned here.
                    connector.disobedience.tell(connector.facts.offered_amps, now)
            else:
                self._ask(connector, said.code, now)
        return said


class RecordListener(Listener):
    """Somebody who only hears a record: nobody gave orders where Home Assistant listened, or was an idle unit."""

    def say(self, said: ControllerMessage, now: float) -> None:
        """Take that nothing of ours was an order."""

    def advance(self, now: float) -> None:
        """Let time pass."""
        self.poll(now)

    def hear_blanked(self, code: Code | None) -> None:
        """Take an answer whose content was blanked for privacy: it tells nothing."""

    def offer(self, amps: Mapping[TwcId, int | None], now: float) -> None:
        """Take orders that nobody could have carried out."""


class Rehearsal:
    """Goes through a record; its results are complete when ``steps`` has ended."""

    def __init__(self, download: Download) -> None:
        """Take a record."""
        self.differences: list[Difference] = []
        self.compared = 0
        """Heartbeats for which the controller of today was asked what it would send."""
        self.blanked = 0
        self._download = download
        self._orders = dict(download.first_orders)
        self._changes = list(download.orders)
        follower = RecordFollower if download.role is BusRole.CONTROL else RecordListener
        self._controller: RecordFollower | RecordListener = follower(download.settings, download.connectors)
        self._begins = download.frames[0].time if download.frames else 0.0

    @property
    def seconds(self) -> float:
        """How long the record is."""
        return -self._begins

    def steps(self) -> Iterator[Step]:
        """Go through the frames, one by one."""
        listening = self._download.settings.cold_listening_seconds
        self._controller.connected(_START + self._begins - listening)
        for frame in self._download.frames:
            yield self._take(frame)

    def snapshot(self) -> BusSnapshot:
        """Return what the controller of today knows at the end."""
        self._controller.advance(_START)
        return self._controller.snapshot(_START)

    @property
    def counts(self) -> Counter[str]:
        """What the controller of today counted."""
        return self._controller.counts

    def _take(self, frame: RecordedFrame) -> Step:
        now = _START + frame.time
        self._controller.advance(now)
        self._give_orders(frame.time)
        sent = frame.direction is Direction.SENT
        if not sent:
            self._controller.line_active(now)
        if frame.body is None:
            self.blanked += 1
            if frame.rejected is not None:
                self._controller.rejected(RejectedFrame(b"", ()), now)
            else:
                self._controller.hear_blanked(frame.code)
            return Step(frame=frame, message=None, reason=frame.rejected)
        message = _read(frame.body)
        if isinstance(message, RejectedFrame) or frame.rejected == CUT_OFF:
            rejected = message if isinstance(message, RejectedFrame) else RejectedFrame(frame.body, ())
            self._controller.rejected(rejected, now)
            return Step(frame=frame, message=None, reason=frame.rejected or rejected.reason)
        if not sent:
            # An answer at the very beginning answers a question from before the record.
            if frame is not self._download.frames[0] or isinstance(message, ConnectorLinkReady):
                self._controller.receive(message, now)
        elif isinstance(message, _SAYABLE):
            self._say(message, frame.time)
        return Step(frame=frame, message=message)

    def _give_orders(self, time: float) -> None:
        """Give the controller the orders of that time, each time anew, because it does not follow old ones."""
        while self._changes and self._changes[0].time <= time:
            change = self._changes.pop(0)
            self._orders[change.twcid] = change.amps
        self._controller.offer(self._orders, _START + time)

    def _say(self, said: ControllerMessage, time: float) -> None:
        would = self._controller.say(said, _START + time)
        if not isinstance(said, ControllerHeartbeat) or time - self._begins < WARM_UP_SECONDS:
            return
        self.compared += 1
        if would == said:
            return
        self._note(Difference(twcid=said.receiver, said=said, would=would, first=time, last=time))

    def _note(self, new: Difference) -> None:
        """Note a difference, or that the last one of this wall connector goes on."""
        same = [number for number, known in enumerate(self.differences) if known.twcid == new.twcid]
        last = self.differences[same[-1]] if same else None
        if last is None or (last.said, last.would) != (new.said, new.would):
            self.differences.append(new)
            return
        self.differences[same[-1]] = replace(last, last=new.last, heartbeats=last.heartbeats + 1)


_SAYABLE = Order | ControllerLinkReady1 | ControllerLinkReady2


def _read(body: bytes) -> Message | RejectedFrame:
    try:
        return decode(body)
    except FrameRejected as error:
        return error.rejected
