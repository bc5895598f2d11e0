"""Somebody on the line invents wall connectors: those that are there keep their charge, and nothing is left of it."""

from dataclasses import replace

from twc.bus.roster import MAX_REMEMBERED, MAX_STRANGERS
from twc.bus.snapshot import Presence
from twc.protocol.codes import ProtocolVersion, TwcId
from twc.protocol.encoding import encode
from twc.protocol.framing import wrap
from twc.protocol.messages import ConnectorLinkReady
from twc.simulator.car_models import ZOE
from twc.simulator.line import Role
from twc.simulator.unit import Unit

from bus_peers import remembered
from installation import Installation

GARAGE = Unit(serial_number="A18G0007973")
CARPORT = Unit(serial_number="A18G0002019")


class Inventor:
    """Announces wall connectors that do not exist."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._tap = installation.line.tap("inventor", Role.CONNECTOR, lambda data: None)

    def announce(self, number: int) -> None:
        twcid = TwcId(0x1000 + number)
        hello = ConnectorLinkReady(sender=twcid, sign=7, max_amps=32.0, version=ProtocolVersion.P2)
        self._tap.send(wrap(encode(hello)))

    def flood(self, addresses: int, *, rounds: int, pause: float = 0.5) -> int:
        """Announce every address so many times. Returns the most wall connectors that were known meanwhile."""
        most = 0
        for number in range(addresses * rounds):
            self.announce(number % addresses)
            self._installation.run(pause)
            most = max(most, len(self._installation.snapshot.connectors))
        return most


async def test_a_flood_of_invented_addresses_is_bounded_and_leaves_nothing_behind() -> None:
    installation = await Installation(GARAGE, circuit=32).open()
    car = installation.plug(ZOE)
    installation.run(120)
    assert installation.seen().presence is Presence.LINKED
    most = Inventor(installation).flood(110, rounds=5, pause=0.5)
    assert most <= 1 + MAX_STRANGERS
    assert installation.snapshot.counts["crowded"] > 300
    installation.run(70)
    assert set(installation.snapshot.connectors) == {installation.twcid()}
    assert [known.twcid for known in installation.controller.remembered()] == [installation.twcid()]
    assert installation.monitor.longest_heartbeat_gap(installation.twcid()) <= 2.6
    installation.run(60)
    assert car.amps > 20
    assert installation.station().contactor_closings == 1


async def test_who_leaves_the_line_no_rest_stops_the_cars_like_a_cut_wire_and_leaves_nothing_behind() -> None:
    installation = await Installation(GARAGE, circuit=32).open()
    car = installation.plug(ZOE)
    installation.run(120)
    most = Inventor(installation).flood(600, rounds=1, pause=0.08)
    assert most <= 1 + MAX_STRANGERS
    assert car.amps < 1, "no controller talks over others, so none was heard for 48 s"
    installation.run(120)
    assert installation.seen().presence is Presence.LINKED
    assert set(installation.snapshot.connectors) == {installation.twcid()}
    assert car.amps > 20


async def test_who_never_answered_is_not_remembered_over_a_restart() -> None:
    installation = await Installation(GARAGE).open()
    installation.run(60)
    Inventor(installation).flood(3, rounds=3)
    assert len(installation.snapshot.connectors) == 4
    await installation.restart(away=1)
    assert len(installation.snapshot.connectors) == 1


async def test_a_real_one_is_met_in_spite_of_invented_ones_that_never_cease() -> None:
    installation = await Installation(GARAGE, circuit=80).open()
    installation.run(60)
    inventor = Inventor(installation)
    for second in range(40):
        inventor.announce(second % 12)
        installation.run(1)
    installation.hang(CARPORT)
    for second in range(120):
        inventor.announce(second % 12)
        installation.run(1)
    assert installation.seen(1).presence is Presence.LINKED


async def test_who_never_answered_counts_as_announced_until_it_is_forgotten() -> None:
    installation = await Installation(GARAGE).open()
    installation.run(60)
    inventor = Inventor(installation)
    for _ in range(3):
        inventor.announce(1)
        installation.run(1)
    seen = set()
    for _ in range(70):
        installation.run(1)
        if (invented := installation.snapshot.connectors.get(TwcId(0x1001))) is not None:
            seen.add(invented.presence)
    assert seen == {Presence.ANNOUNCED}
    assert TwcId(0x1001) not in installation.snapshot.connectors


async def test_of_an_overgrown_memory_those_are_taken_up_of_whom_something_is_known() -> None:
    installation = Installation(GARAGE)
    real = replace(remembered(installation.twcid()), firmware="4.5.10.2", energy_kwh=42.0)
    invented = [remembered(TwcId(0x1000 + number)) for number in range(600)]
    installation._take_up((*invented, real))
    await installation.open()
    installation.run(60)
    known = installation.controller.remembered()
    assert len(known) == MAX_REMEMBERED
    assert real.twcid in {one.twcid for one in known}
    assert installation.seen().presence is Presence.LINKED
