"""What happens between the program and the wall connectors: the line, the adapter, and another controller."""

from dataclasses import replace
from typing import TYPE_CHECKING

from twc.simulator.line_faults import QUIET, Faults, noisy

from soak.happenings import Happening, Kind
from soak.lasting import Lasting

if TYPE_CHECKING:
    from soak.trouble import Trouble


def spoil_line(trouble: "Trouble", happening: Happening) -> bool:
    trouble.on_the_line[happening.kind] = happening
    _apply_to_line(trouble)
    return True


def clear_line(trouble: "Trouble", kind: Kind, _who: int) -> None:
    del trouble.on_the_line[kind]
    _apply_to_line(trouble)


def _apply_to_line(trouble: "Trouble") -> None:
    line = trouble.on_the_line
    faults: Faults = QUIET
    if (noise := line.get(Kind.NOISE)) is not None:
        faults = noisy(noise.scaled(0.01, 0.2))
    if (zeros := line.get(Kind.LOST_ZEROS)) is not None:
        faults = replace(faults, lost_zeros=faults.lost_zeros + zeros.scaled(0.01, 0.2))
    if (gateway := line.get(Kind.GATEWAY)) is not None:
        delay = gateway.scaled(0.005, 0.06)
        faults = replace(faults, delay_seconds=delay, jitter_seconds=delay, split=0.3)
    if (replay := line.get(Kind.REPLAY)) is not None:
        faults = replace(faults, replayed=replay.scaled(0.005, 0.05))
    trouble.world.line.faults = replace(
        faults, echo=Kind.ECHO in line, transmitter_dead=Kind.TRANSMITTER in line
    )


def pull_port(trouble: "Trouble", _happening: Happening) -> bool:
    trouble.world.port.unplug()
    return True


def put_port_back(trouble: "Trouble", _kind: Kind, _who: int) -> None:
    trouble.world.port.plug_in()


def let_foreign_in(trouble: "Trouble", _happening: Happening) -> bool:
    trouble.world.foreign.appear()
    return True


def send_foreign_away(trouble: "Trouble", _kind: Kind, _who: int) -> None:
    trouble.world.foreign.leave()


LASTING = {
    Kind.PORT: Lasting(pull_port, put_port_back, 0.5, 300),
    Kind.TRANSMITTER: Lasting(spoil_line, clear_line, 1, 300),
    Kind.NOISE: Lasting(spoil_line, clear_line, 10, 3600),
    Kind.LOST_ZEROS: Lasting(spoil_line, clear_line, 10, 3600),
    Kind.ECHO: Lasting(spoil_line, clear_line, 10, 3600),
    Kind.GATEWAY: Lasting(spoil_line, clear_line, 10, 3600),
    Kind.REPLAY: Lasting(spoil_line, clear_line, 10, 3600),
    Kind.FOREIGN: Lasting(let_foreign_in, send_foreign_away, 3, 600),
}
