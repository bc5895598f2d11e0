"""What the owner changes, and what becomes of the decisions and of the sensors of the house."""

from random import Random
from typing import TYPE_CHECKING

from twc.bus.settings import StopMethod
from twc.charging.settings import ChargeMode
from twc.protocol.codes import TwcId

from soak.happenings import Happening, Kind
from soak.house import SITES, Truth
from soak.lasting import Change, Lasting
from soak.world import Wish

if TYPE_CHECKING:
    from soak.trouble import Trouble


def circuit(trouble: "Trouble", happening: Happening) -> bool:
    trouble.world.change(circuit_limit_amps=round(happening.scaled(6, 80)))
    return True


def limit(trouble: "Trouble", happening: Happening) -> bool:
    which = "maximum_amps" if happening.turn < 30 else "limit_amps"
    trouble.world.choose(trouble.world.units[happening.who], **{which: round(happening.scaled(6, 48))})
    return True


def stop_method(trouble: "Trouble", happening: Happening) -> bool:
    methods = list(StopMethod)
    method = methods[happening.size % len(methods)]
    trouble.world.choose(trouble.world.units[happening.who], stop_method=method)
    return True


def wish(trouble: "Trouble", happening: Happening) -> bool:
    modes = list(ChargeMode)
    trouble.world.wishes[trouble.world.units[happening.who].factory_twcid] = Wish(
        mode=modes[happening.size % len(modes)],
        enabled=happening.turn >= 20,
        priority=happening.turn % 3,
    )
    return True


def stop_deciding(trouble: "Trouble", _happening: Happening) -> bool:
    trouble.world.deciding = False
    return True


def decide_again(trouble: "Trouble", _kind: Kind, _who: int) -> None:
    trouble.world.deciding = True


def order_anything(trouble: "Trouble", happening: Happening) -> bool:
    dice = Random(happening.size)
    twcids = [unit.factory_twcid for unit in trouble.world.units] + [TwcId(0x7777)]
    trouble.world.orders = {
        twcid: dice.choice((None, 0, 6, 7, 16, 40, 200, -5)) for twcid in twcids if dice.random() < 0.9
    }
    return True


def order_wisely(trouble: "Trouble", _kind: Kind, _who: int) -> None:
    trouble.world.orders = None


def falsify_readings(trouble: "Trouble", happening: Happening) -> bool:
    trouble.world.house.truth = (Truth.SILENT, Truth.GONE, Truth.GARBAGE)[happening.size % 3]
    return True


def read_truly(trouble: "Trouble", _kind: Kind, _who: int) -> None:
    trouble.world.house.truth = Truth.HONEST


def move_house(trouble: "Trouble", happening: Happening) -> bool:
    trouble.world.house.site = SITES[happening.size % len(SITES)]
    return True


LASTING = {
    Kind.ORDERS: Lasting(order_anything, order_wisely, 5, 600),
    Kind.INDECISION: Lasting(stop_deciding, decide_again, 5, 600),
    Kind.READINGS: Lasting(falsify_readings, read_truly, 5, 1800),
}
CHANGES: dict[Kind, Change] = {
    Kind.CIRCUIT: circuit,
    Kind.LIMIT: limit,
    Kind.STOP_METHOD: stop_method,
    Kind.WISH: wish,
    Kind.SITE: move_house,
}
