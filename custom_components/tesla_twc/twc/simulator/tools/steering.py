"""The commands that steer a running simulation, one a line: ``plug 1 tesla``, ``noise 5%``, ``help``."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..car import Car
from ..car_models import CAR_MODELS
from ..line_faults import noisy
from ..scene import KINDS, Scene
from ..station import Station
from .arguments import CommandError, UsageError, choice, expect, number, share, switch
from .monitor import BusMonitor


@dataclass(frozen=True, slots=True)
class _Command:
    usage: str
    help: str
    run: Callable[["Steering", list[str]], str]


class Steering:
    """Carries out commands on a scene."""

    def __init__(self, scene: Scene, monitor: BusMonitor) -> None:
        """Take the scene to steer and the monitor to ask."""
        self._scene = scene
        self._monitor = monitor

    def run(self, line: str) -> str:
        """Carry out one command and return its answer, which may be empty. Raises CommandError."""
        words = line.partition("#")[0].split()
        if not words:
            return ""
        name, *arguments = words
        command = _COMMANDS.get(name.lower())
        if command is None:
            raise CommandError(f'there is no command "{name}"; "help" lists them')
        try:
            return command.run(self, arguments)
        except UsageError as error:
            raise CommandError(f"{error}; usage: {command.usage}") from None

    def help(self, _arguments: list[str]) -> str:
        """List the commands."""
        width = max(len(command.usage) for command in _COMMANDS.values())
        return "\n".join(f"{command.usage:<{width}}  {command.help}" for command in _COMMANDS.values())

    def status(self, arguments: list[str]) -> str:
        """Describe every wall connector and the line."""
        expect(arguments, 0, 0)
        lines = [_describe(number, station) for number, station in self._scene.stations.items()]
        lines.append(
            f"line: {self._monitor.collisions} collisions, {len(self._monitor.violations)} broken rules, "
            f"peak {self._monitor.peak_drawn_amps:.1f} A drawn"
        )
        return "\n".join(lines)

    def rules(self, arguments: list[str]) -> str:
        """List the rules that controllers broke."""
        expect(arguments, 0, 0)
        return "\n".join(map(str, self._monitor.violations)) or "no rule was broken"

    def plug(self, arguments: list[str]) -> str:
        """Plug a car in."""
        expect(arguments, 1, 3)
        station = self._station(arguments[0])
        model = choice(arguments[1] if len(arguments) > 1 else "tesla", CAR_MODELS, "car")
        charge = share(arguments[2]) if len(arguments) > 2 else 0.2
        if station.connector.car is not None:
            raise CommandError(f"a {station.connector.car.model.name} is plugged in already")
        station.plug(Car(CAR_MODELS[model], charge=charge))
        return ""

    def unplug(self, arguments: list[str]) -> str:
        """Pull a plug."""
        expect(arguments, 1, 1)
        if self._station(arguments[0]).unplug() is None:
            raise CommandError("no car is plugged in there")
        return ""

    def car(self, arguments: list[str]) -> str:
        """Change the mood of a car."""
        expect(arguments, 2, 2)
        car = self._station(arguments[0]).connector.car
        mood = choice(arguments[1], _MOODS, "mood")
        if car is None:
            raise CommandError("no car is plugged in there")
        _MOODS[mood](car)
        return ""

    def unit(self, arguments: list[str]) -> str:
        """Let a wall connector obey or not."""
        expect(arguments, 2, 2)
        connector = self._station(arguments[0]).connector
        changes = _OBEDIENCE[choice(arguments[1], _OBEDIENCE, "way to obey")]
        connector.take_habits(replace(connector.unit.habits, **{**_OBEDIENCE["obeys"], **changes}))
        return ""

    def noise(self, arguments: list[str]) -> str:
        """Damage a share of all transmissions."""
        expect(arguments, 1, 1)
        noise, line = noisy(share(arguments[0])), self._scene.line
        line.faults = replace(
            noise,
            echo=line.faults.echo,
            transmitter_dead=line.faults.transmitter_dead,
            delay_seconds=line.faults.delay_seconds,
            jitter_seconds=line.faults.jitter_seconds,
            split=line.faults.split,
        )
        return ""

    def echo(self, arguments: list[str]) -> str:
        """Let adapters hear themselves."""
        expect(arguments, 1, 1)
        self._scene.line.faults = replace(self._scene.line.faults, echo=switch(arguments[0]))
        return ""

    def transmitter(self, arguments: list[str]) -> str:
        """Cut what adapters send off from the line."""
        expect(arguments, 1, 1)
        dead = not switch(arguments[0])
        self._scene.line.faults = replace(self._scene.line.faults, transmitter_dead=dead)
        return ""

    def delay(self, arguments: list[str]) -> str:
        """Put a slow gateway between adapters and the line."""
        expect(arguments, 1, 2)
        delay, jitter = (number(text, "milliseconds") / 1000 for text in (*arguments, "0")[:2])
        self._scene.line.faults = replace(
            self._scene.line.faults, delay_seconds=delay, jitter_seconds=jitter, split=0.2 if delay else 0.0
        )
        return ""

    def silence(self, arguments: list[str]) -> str:
        """Keep what a wall connector says off the wire."""
        expect(arguments, 2, 2)
        self._station(arguments[0]).silence(number(arguments[1], "seconds"))
        return ""

    def reboot(self, arguments: list[str]) -> str:
        """Cut a wall connector's power for a moment."""
        expect(arguments, 1, 1)
        self._station(arguments[0]).power_cycle()
        return ""

    def clash(self, arguments: list[str]) -> str:
        """Give one wall connector the TWCID of another."""
        expect(arguments, 2, 2)
        self._station(arguments[0]).connector.twcid = self._station(arguments[1]).connector.twcid
        return ""

    def foreign(self, arguments: list[str]) -> str:
        """Let another controller appear or leave."""
        expect(arguments, 1, 1)
        if switch(arguments[0]):
            self._scene.foreign.appear()
        else:
            self._scene.foreign.leave()
        self._scene.line.sample()
        return ""

    def add(self, arguments: list[str]) -> str:
        """Hang another wall connector on the line."""
        expect(arguments, 0, 1)
        kind = choice(arguments[0] if arguments else "p2", KINDS, "kind")
        try:
            return f"wall connector {self._scene.add(kind)}"
        except ValueError as error:
            raise CommandError(str(error)) from None

    def remove(self, arguments: list[str]) -> str:
        """Take a wall connector off the line."""
        expect(arguments, 1, 1)
        self._station(arguments[0])
        self._scene.remove(int(arguments[0]))
        self._scene.line.sample()
        return ""

    def limit(self, arguments: list[str]) -> str:
        """Tell the monitor the circuit limit to watch."""
        expect(arguments, 1, 1)
        off = arguments[0].lower() == "off"
        self._monitor.circuit_limit_amps = None if off else number(arguments[0], "amps")
        return ""

    def _station(self, text: str) -> Station:
        station = self._scene.stations.get(int(text)) if text.isdecimal() else None
        if station is None:
            known = ", ".join(map(str, self._scene.stations)) or "none"
            raise CommandError(f'there is no wall connector "{text}"; there are: {known}')
        return station


def _describe(number: int, station: Station) -> str:
    connector, car = station.connector, station.connector.car
    link = "linked" if connector.linked else "no controller"
    cable = (
        "no car"
        if car is None
        else f"{car.model.name} {car.charge:.0%}{' (needs a re-plug)' * car.needs_replug}"
    )
    return (
        f"{number}: {connector.twcid} P{connector.version:d} {connector.rated_amps:g} A, {link}, "
        f"state {connector.state:02X} {connector.state.slug}, offers {connector.offered_amps:g} A, "
        f"draws {connector.drawn_amps:.1f} A, {connector.true_kwh:.2f} kWh, {cable}"
    )


def _mood(**changes: bool) -> Callable[[Car], None]:
    def change(car: Car) -> None:
        for name, value in changes.items():
            setattr(car, name, value)

    return change


def _fill_up(car: Car) -> None:
    car.charge = 1.0


_MOODS: dict[str, Callable[[Car], None]] = {
    "refuse": _mood(refuses=True),
    "accept": _mood(refuses=False),
    "sleep": _mood(asleep=True),
    "wake": _mood(asleep=False),
    "pause": _mood(paused=True),
    "resume": _mood(paused=False),
    "stick": _mood(stuck_at_six=True),
    "full": _fill_up,
}

_OBEDIENCE: dict[str, dict[str, Any]] = {
    "obeys": {
        "ignores_limits": False,
        "ignores_lowering": False,
        "ignores_zero": False,
        "lowers_late_seconds": 0.0,
    },
    "ignores-zero": {"ignores_zero": True},
    "ignores-lowering": {"ignores_lowering": True},
    "ignores-limits": {"ignores_limits": True},
    "late": {"lowers_late_seconds": 20.0},
}

_COMMANDS: dict[str, _Command] = {
    "help": _Command("help", "this list", Steering.help),
    "status": _Command("status", "what every wall connector is doing", Steering.status),
    "plug": _Command("plug N [CAR] [CHARGE%]", f"plug a car in: {', '.join(CAR_MODELS)}", Steering.plug),
    "unplug": _Command("unplug N", "pull the plug", Steering.unplug),
    "car": _Command("car N MOOD", f"change its mood: {', '.join(_MOODS)}", Steering.car),
    "unit": _Command("unit N HOW", f"whether it follows its offers: {', '.join(_OBEDIENCE)}", Steering.unit),
    "reboot": _Command("reboot N", "cut the wall connector's power for a moment", Steering.reboot),
    "silence": _Command("silence N SECONDS", "keep what it says off the wire", Steering.silence),
    "clash": _Command("clash N M", "give wall connector N the TWCID of M", Steering.clash),
    "add": _Command("add [KIND]", f"hang one more on the line: {', '.join(KINDS)}", Steering.add),
    "remove": _Command("remove N", "take a wall connector off the line", Steering.remove),
    "foreign": _Command("foreign on|off", "let another controller appear or leave", Steering.foreign),
    "noise": _Command("noise SHARE%", "damage a share of all frames", Steering.noise),
    "echo": _Command("echo on|off", "let adapters hear what they send", Steering.echo),
    "transmitter": _Command("transmitter on|off", "whether adapters reach the line", Steering.transmitter),
    "delay": _Command("delay MS [JITTER_MS]", "put a slow gateway in between", Steering.delay),
    "limit": _Command("limit AMPS|off", "the circuit limit to watch", Steering.limit),
    "rules": _Command("rules", "the rules that controllers broke", Steering.rules),
}
