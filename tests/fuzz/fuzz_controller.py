"""A program of bytes drives the controller: what it hears, what it is told, and what time it is.

Four honest wall connectors answer it, and the bytes decide what they do. In an honest program nobody lies in their
name, and all they take together must stay within the circuit; in any other program everything may be heard. The first
byte of a program also chooses where it begins: with nobody known, or in the middle of a day (``beginnings``).
"""

from collections.abc import Callable

from twc.bus.settings import BusSettings, ConnectorSettings, StopMethod
from twc.protocol.codes import Code, ConnectorState, Damage
from twc.protocol.decoding import decode
from twc.protocol.framing import FrameRejected, RejectedFrame, Rejection, checksum
from twc.protocol.messages import BODY_LENGTHS, Message

from beginnings import BEGINNINGS, begin
from controller_bench import DROWSY_SECONDS, NAMES, OURS, Bench

ORDERS = (None, 0, 6, 16, 32, 5, 200, -3)
CODES = tuple(Code)
STATES = tuple(ConnectorState)
DAMAGES = tuple(Damage)
METHODS = tuple(StopMethod)
LONGEST_PROGRAM = 64
POLLED = 128
"""After an instruction from here on the controller is asked for its next word at once, due or not."""


class Bytes:
    """The program, byte by byte; zeros after its end."""

    def __init__(self, data: bytes) -> None:
        """Begin at the beginning."""
        self._data, self._at = data, 0

    @property
    def left(self) -> bool:
        """Whether there is more."""
        return self._at < len(self._data)

    def take(self) -> int:
        """Return the next byte."""
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def many(self, count: int) -> bytes:
        """Return so many bytes."""
        found = self._data[self._at : self._at + count]
        self._at += count
        return found.ljust(count, b"\x00")


def one_input(data: bytes) -> None:
    """Try one program; raises AssertionError, or whatever the code under test raises."""
    program = Bytes(data[:LONGEST_PROGRAM])
    how = program.take()
    bench = begin(how // 4 % len(BEGINNINGS), honest=how % 4 != 0)
    while program.left and not bench.tired:
        code = program.take()
        INSTRUCTIONS[code % len(INSTRUCTIONS)](bench, program)
        if code >= POLLED:
            bench.poll()
    bench.judge_sum()
    bench.judge_knowledge()


# Time


def wait_briefly(bench: Bench, program: Bytes) -> None:
    """Let up to 2.5 s pass."""
    bench.wait(program.take() / 100)


def wait(bench: Bench, program: Bytes) -> None:
    """Let up to 25 s pass."""
    bench.wait(program.take() / 10)


def drowse(bench: Bench, program: Bytes) -> None:
    """Let up to a minute and a half pass while the computer is busy."""
    bench.wait(program.take() / 3, DROWSY_SECONDS)


def sleep(bench: Bench, program: Bytes) -> None:
    """Let up to two minutes pass in which the computer does something else."""
    bench.sleep(program.take() / 2)


# The line


def announce(bench: Bench, program: Bytes) -> None:
    """Let a wall connector announce itself, as it does without a controller."""
    bench.hear(bench.peer(program.take()).announcement())


def hear_anything(bench: Bench, program: Bytes) -> None:
    """Hear any message that can be decoded: any code, any fields."""
    code = CODES[program.take() % len(CODES)]
    length = max(BODY_LENGTHS[code]) - 3
    payload = code.to_bytes(2, "big") + program.many(min(length, 9)).ljust(length, b"\x00")
    message = _read(bench, payload)
    if message is not None and not (bench.honest and getattr(message, "sender", None) in bench.peers):
        bench.hear_doubtful(message)


def _read(bench: Bench, payload: bytes) -> Message | None:
    """Decode it; what cannot be decoded is heard as damage."""
    try:
        return decode(payload + bytes([checksum(payload)]))
    except FrameRejected as error:
        bench.hear_damage(error.rejected)
        return None


def lie(bench: Bench, program: Bytes) -> None:
    """Hear something in the name of a wall connector, but never in an honest program."""
    peer, kind, high, low = bench.peer(program.take()), program.take(), program.take(), program.take()
    if bench.honest:
        return
    code = (Code.CONNECTOR_HEARTBEAT, Code.CONNECTOR_LINK_READY)[kind % 2]
    fields = peer.twcid.to_bytes(2, "big")
    if code is Code.CONNECTOR_HEARTBEAT:
        fields += OURS.to_bytes(2, "big") + bytes([kind // 2 % 16, high % 80, low, low % 80, high])
    else:
        fields += bytes([low, *((0x0C, 0x80) if high % 2 else (0x1F, 0x40))])
    message = _read(bench, (code.to_bytes(2, "big") + fields).ljust(peer.version.body_length - 1, b"\x00"))
    if message is not None:
        bench.hear_doubtful(message)


def answer(bench: Bench, program: Bytes) -> None:
    """Let the wall connector that was asked last answer, whatever it likes."""
    asked, said = bench.question, program.many(5)
    if asked is None:
        return
    code = Code(0xFD00 | asked.code & 0xFF)
    fields = asked.receiver.to_bytes(2, "big") + said
    message = _read(bench, (code.to_bytes(2, "big") + fields).ljust(max(BODY_LENGTHS[code]) - 1, b"\x00"))
    if message is not None:
        bench.hear_doubtful(message)


def damage(bench: Bench, program: Bytes) -> None:
    """Hear something that is no message."""
    kind = DAMAGES[program.take() % len(DAMAGES)]
    bench.hear_damage(RejectedFrame(b"", (Rejection(kind, "damage"),)))


def lose(bench: Bench, program: Bytes) -> None:
    """Let the next answers get lost."""
    bench.lose_answers = program.take() % 40


def port(bench: Bench, program: Bytes) -> None:
    """Lose the port for a while."""
    bench.lose_port(program.take() / 2)


def restart(bench: Bench, program: Bytes) -> None:
    """Stop the program and start it with what it remembers."""
    bench.restart(program.take() / 2)


# The owner


def offer(bench: Bench, program: Bytes) -> None:
    """Decide."""
    which = program.take()
    orders = {
        name: ORDERS[program.take() % len(ORDERS)] for bit, name in enumerate(NAMES) if which >> bit & 1
    }
    bench.controller.offer(orders, bench.now)


def offer_all(bench: Bench, program: Bytes) -> None:
    """Decide the same for all."""
    bench.controller.offer(dict.fromkeys(NAMES, program.take() % 81), bench.now)


def change(bench: Bench, program: Bytes) -> None:
    """Change the settings."""
    circuit, most, limit, how = program.many(4)
    choices = ConnectorSettings(
        maximum_amps=6 + most % 75, limit_amps=limit % 81, stop_method=METHODS[how % len(METHODS)]
    )
    bench.change(
        BusSettings(
            circuit_limit_amps=6 + circuit % 75,
            cure_six_amp_bug=how >= 128,
            connectors=dict.fromkeys(NAMES, choices),
        )
    )


def forget(bench: Bench, program: Bytes) -> None:
    """Forget a wall connector."""
    bench.forget(NAMES[program.take() % 4])


# The cars


def draw(bench: Bench, program: Bytes) -> None:
    """Let a car draw."""
    bench.peer(program.take()).draw(program.take() / 255, bench.now)
    bench.judge_sum()


def state(bench: Bench, program: Bytes) -> None:
    """Change what a wall connector says it is doing."""
    bench.peer(program.take()).state = STATES[program.take() % len(STATES)]


def trouble(bench: Bench, program: Bytes) -> None:
    """Let a wall connector reboot, fall silent, or lose its car."""
    peer, kind = bench.peer(program.take()), program.take() % 4
    if kind == 0:
        peer.reboot()
    elif kind == 1:
        peer.give_up()
    else:
        peer.mute = kind == 2


INSTRUCTIONS: tuple[Callable[[Bench, Bytes], None], ...] = (
    wait_briefly,
    wait,
    announce,
    hear_anything,
    lie,
    damage,
    lose,
    port,
    restart,
    offer,
    offer_all,
    change,
    forget,
    draw,
    state,
    trouble,
    sleep,
    drowse,
    answer,
    offer_all,
    draw,
    state,
)
