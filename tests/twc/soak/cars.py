"""What cars do: they come and go, have moods, and now and then draw more than they may."""

from dataclasses import replace
from typing import TYPE_CHECKING

from twc.simulator.car import Car
from twc.simulator.car_models import CAR_MODELS

from soak.happenings import Happening, Kind
from soak.lasting import Change, Lasting

if TYPE_CHECKING:
    from soak.trouble import Trouble


def plug(trouble: "Trouble", happening: Happening) -> bool:
    station = trouble.station(happening.who)
    if station is None:
        return False
    if station.connector.car is not None:
        station.unplug()
        trouble.world.clock.advance(5)
    models = sorted(CAR_MODELS)
    model = CAR_MODELS[models[happening.size % len(models)]]
    station.plug(Car(model, charge=happening.turn / 110))
    return True


def unplug(trouble: "Trouble", happening: Happening) -> bool:
    station = trouble.station(happening.who)
    return station is not None and station.unplug() is not None


def mood(trouble: "Trouble", happening: Happening) -> bool:
    station = trouble.station(happening.who)
    car = station.connector.car if station is not None else None
    if car is None:
        return False
    what = ("asleep", "paused", "refuses", "stuck_at_six")[happening.size % 4]
    setattr(car, what, happening.turn < 50)
    return True


def overdraw(trouble: "Trouble", happening: Happening) -> bool:
    car = trouble.world.stations[happening.who].connector.car
    if car is None:
        return False
    trouble.greedy[happening.who] = (car, car.model)
    car.model = replace(car.model, shortfall_amps=-happening.scaled(0.5, 15), maximum_amps=48.0)
    return True


def content(trouble: "Trouble", _kind: Kind, who: int) -> None:
    car, model = trouble.greedy.pop(who)
    car.model = model


LASTING = {Kind.OVERDRAW: Lasting(overdraw, content, 5, 300, own=True)}
CHANGES: dict[Kind, Change] = {Kind.PLUG: plug, Kind.UNPLUG: unplug, Kind.MOOD: mood}
