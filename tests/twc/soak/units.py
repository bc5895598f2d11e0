"""What wall connectors do: they lose their power, fall silent, obey no limit, talk nonsense, or are one too many."""

from dataclasses import replace
from typing import TYPE_CHECKING

from twc.simulator.car import Car
from twc.simulator.car_models import CAR_MODELS
from twc.simulator.connector import SimulatedConnector
from twc.simulator.station import Station
from twc.simulator.unit import EU, US, Unit

from soak.happenings import Happening, Kind
from soak.lasting import Change, Lasting
from soak.world import SERIAL_NUMBERS

if TYPE_CHECKING:
    from soak.trouble import Trouble


def reboot(trouble: "Trouble", happening: Happening) -> bool:
    station = trouble.station(happening.who)
    if station is None:
        return False
    station.power_cycle()
    trouble.ended[Kind.REBOOT, happening.who] = trouble.world.now
    return True


def cut_power(trouble: "Trouble", happening: Happening) -> bool:
    station = trouble.world.stations[happening.who]
    station.power_cycle()
    station.remove()
    return True


def give_power(trouble: "Trouble", _kind: Kind, who: int) -> None:
    station = Station(trouble.world.line, trouble.world.stations[who].connector)
    station._tap.muted = trouble.lately(Kind.SILENCE, who)
    trouble.world.stations[who] = station


def mute(trouble: "Trouble", happening: Happening) -> bool:
    trouble.world.stations[happening.who]._tap.muted = True
    return True


def unmute(trouble: "Trouble", _kind: Kind, who: int) -> None:
    trouble.world.stations[who]._tap.muted = False


def _habit(trouble: "Trouble", who: int, **habits: object) -> None:
    connector = trouble.world.stations[who].connector
    connector.take_habits(replace(connector.unit.habits, **habits))  # type: ignore[arg-type]


def make_deaf(trouble: "Trouble", happening: Happening) -> bool:
    _habit(trouble, happening.who, ignores_limits=True)
    return True


def make_confused(trouble: "Trouble", happening: Happening) -> bool:
    _habit(trouble, happening.who, nonsense_share=happening.scaled(0.02, 0.5))
    return True


def heal_habit(trouble: "Trouble", _kind: Kind, who: int) -> None:
    deaf, confused = trouble.lately(Kind.DEAF, who), trouble.lately(Kind.NONSENSE, who)
    habits = trouble.world.units[who].habits
    share = trouble.world.stations[who].connector.unit.habits.nonsense_share if confused else 0.0
    _habit(trouble, who, **{**_fields(habits), "ignores_limits": deaf, "nonsense_share": share})


def make_twin(trouble: "Trouble", happening: Happening) -> bool:
    mine = trouble.world.stations[happening.who].connector
    other = trouble.world.stations[(happening.who + 1) % 3].connector
    mine.twcid = other.twcid
    return True


def part_twins(trouble: "Trouble", _kind: Kind, who: int) -> None:
    if (station := trouble.station(who)) is not None:
        station.power_cycle()


def hang_guest(trouble: "Trouble", happening: Happening) -> bool:
    unit = Unit(serial_number=SERIAL_NUMBERS[3], model=EU if happening.size % 2 else US)
    trouble.world.guest = Station(trouble.world.line, SimulatedConnector(unit, seed=happening.size))
    if happening.size > 50:
        trouble.world.guest.plug(Car(CAR_MODELS["zoe"]))
    return True


def send_guest_away(trouble: "Trouble", _kind: Kind, _who: int) -> None:
    if trouble.world.guest is not None:
        trouble.world.guest.remove()
        trouble.world.guest = None


def _fields(habits: object) -> dict[str, object]:
    return {name: getattr(habits, name) for name in habits.__slots__}  # type: ignore[attr-defined]


LASTING = {
    Kind.POWER: Lasting(cut_power, give_power, 5, 600, own=True),
    Kind.SILENCE: Lasting(mute, unmute, 3, 300, own=True),
    Kind.DEAF: Lasting(make_deaf, heal_habit, 5, 300, own=True),
    Kind.NONSENSE: Lasting(make_confused, heal_habit, 5, 300, own=True),
    Kind.TWIN: Lasting(make_twin, part_twins, 10, 900, own=True),
    Kind.FOURTH: Lasting(hang_guest, send_guest_away, 30, 900),
}
CHANGES: dict[Kind, Change] = {Kind.REBOOT: reboot}
