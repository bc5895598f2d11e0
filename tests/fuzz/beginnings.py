"""Where programs begin: the first words and the listening before them are lived once, and not again in every try."""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from io import BytesIO
import pickle

from twc.bus.settings import BusSettings, ConnectorSettings, StopMethod
from twc.protocol.codes import ConnectorState, TwcId
from twc.protocol.messages import Message

from controller_bench import NAMES, Bench

THREE = NAMES[:3]


def _nobody(bench: Bench) -> None:
    """The port was just opened."""


def _linked(bench: Bench, circuit_limit_amps: int = 32, order: int = 32) -> None:
    """Three wall connectors are linked, and none has a car."""
    if circuit_limit_amps != bench.settings.circuit_limit_amps:
        bench.change(replace(bench.settings, circuit_limit_amps=circuit_limit_amps))
    _live(bench, 12.5)
    for _ in range(2):
        for name in THREE:
            bench.hear(bench.peers[name].announcement())
            _live(bench, 3.0)
    bench.controller.offer(dict.fromkeys(THREE, order), bench.now)
    _live(bench, 25.0)
    assert all(
        bench.controller.snapshot(bench.now).connectors[name].offered_amps is not None for name in THREE
    )


def _charging(bench: Bench, circuit_limit_amps: int = 32, order: int = 10) -> None:
    """Three cars charge."""
    _linked(bench, circuit_limit_amps, order)
    for name in THREE:
        bench.peers[name].state = ConnectorState.CHARGING
    for _ in range(12):
        for name in THREE:
            bench.peers[name].draw(1.0, bench.now)
        bench.controller.offer(dict.fromkeys(THREE, order), bench.now)
        _live(bench, 2.0)
    assert all(bench.peers[name].drawn >= 6 for name in THREE)


def _charging_in_a_wide_circuit(bench: Bench) -> None:
    """Three cars charge with all they may have."""
    _charging(bench, 80, 20)


def _held_back(bench: Bench) -> None:
    """One may charge, one shall not, and one has to wait for room."""
    _charging(bench)
    bench.controller.offer(dict(zip(THREE, (10, 0, None), strict=True)), bench.now)
    _live(bench, 12.0)


def _handing_over(bench: Bench) -> None:
    """Two were just told to leave their amps to the third."""
    _charging(bench)
    bench.controller.offer(dict(zip(THREE, (6, 6, 20), strict=True)), bench.now)
    _live(bench, 1.0)


def _contactors(bench: Bench) -> None:
    """The contactors of two were told to open."""
    choices = ConnectorSettings(maximum_amps=80, limit_amps=80, stop_method=StopMethod.CONTACTOR)
    bench.change(BusSettings(circuit_limit_amps=32, connectors=dict.fromkeys(NAMES, choices)))
    _charging(bench)
    bench.controller.offer(dict.fromkeys(THREE, 0), bench.now)
    _live(bench, 8.0)
    for name in THREE:
        bench.peers[name].draw(0.0, bench.now)
    _live(bench, 8.0)


def _restarted(bench: Bench) -> None:
    """Three cars charge, and the controller has just been started anew."""
    _charging(bench)
    bench.restart(8.0)


def _crowded(bench: Bench) -> None:
    """Three cars charge, one of them goes silent, and a fourth wall connector asks for a controller."""
    _charging(bench, 24, 8)
    bench.peers[THREE[2]].mute = True
    for _ in range(3):
        bench.controller.offer(dict.fromkeys(NAMES, 8), bench.now)
        bench.hear(bench.peers[NAMES[3]].announcement())
        _live(bench, 5.0)


def _stuck(bench: Bench) -> None:
    """One of three cars sticks at 6 A, and is about to be woken."""
    bench.change(replace(bench.settings, cure_six_amp_bug=True))
    _charging(bench, 80, 12)
    for _ in range(5):
        bench.peers[THREE[0]].draw(5.2 / 12, bench.now)
        bench.controller.offer(dict.fromkeys(THREE, 12), bench.now)
        _live(bench, 2.0)
    assert bench.peers[THREE[0]].offered == 12


def _live(bench: Bench, seconds: float) -> None:
    end = bench.now + seconds
    while bench.now < end:
        bench.wakeups = 0
        bench.wait(end - bench.now)


BEGINNINGS: tuple[Callable[[Bench], None], ...] = (
    _nobody,
    _linked,
    _charging,
    _charging_in_a_wide_circuit,
    _held_back,
    _contactors,
    _restarted,
    _crowded,
    _handing_over,
    _stuck,
)


_Shared = type | Enum | TwcId | Message | BusSettings
"""What never changes is shared by all tries and not copied."""


class _Copier:
    """Makes copies of a bench in a tenth of a millisecond."""

    def __init__(self, original: Bench) -> None:
        """Take what to copy."""
        self._shared: list[object] = []
        file = BytesIO()
        pickler = pickle.Pickler(file, pickle.HIGHEST_PROTOCOL)
        pickler.persistent_id = self._share
        pickler.dump(original)
        self._pickled = file.getvalue()

    def _share(self, item: object) -> int | None:
        if not isinstance(item, _Shared):
            return None
        self._shared.append(item)
        return len(self._shared) - 1

    def copy(self) -> Bench:
        """Return another one."""
        unpickler = pickle.Unpickler(BytesIO(self._pickled))
        unpickler.persistent_load = self._shared.__getitem__
        bench = unpickler.load()
        assert isinstance(bench, Bench)
        return bench


def _lived(beginning: Callable[[Bench], None]) -> _Copier:
    bench = Bench()
    beginning(bench)
    bench.judge_sum()
    bench.judge_knowledge()
    return _Copier(bench)


_LIVED = tuple(map(_lived, BEGINNINGS))


def begin(number: int, *, honest: bool) -> Bench:
    """Return a bench that is at one of the beginnings; ``honest`` as in ``Bench``."""
    bench = _LIVED[number].copy()
    bench.honest = honest
    return bench
