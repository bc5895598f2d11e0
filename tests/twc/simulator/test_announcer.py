"""Wall connectors that begin to announce themselves in the same instant do not talk over each other for ever."""

import pytest
from twc.protocol.codes import ProtocolVersion, TwcId
from twc.protocol.messages import ConnectorLinkReady, ControllerLinkReady2
from twc.simulator.announcer import FASTEST_SHARE, Announcer
from twc.simulator.unit import FIRMWARE_MIDDLE, Unit, old_unit

from driver import OUR_ID

UNITS = {
    "new": [Unit(serial_number="A18B0005850"), Unit(serial_number="A17A0003495")],
    "middle": [
        Unit(serial_number=number, firmware=FIRMWARE_MIDDLE) for number in ("A18B0005850", "A17A0003495")
    ],
    "old": [old_unit("A16K0001234"), old_unit("A16K0004321")],
}
SOON_SECONDS = 45


def heard_alone(driver) -> set[TwcId]:
    return {message.sender for message in driver.of(ConnectorLinkReady)}


@pytest.mark.parametrize("units", UNITS.values(), ids=UNITS)
def test_two_that_reboot_in_the_same_instant_are_both_heard_soon(driver, hang, clock, units):
    stations = [hang(unit) for unit in units]
    twcids = {station.connector.twcid for station in stations}
    for _ in range(50):
        driver.heard.clear()
        for station in stations:
            station.power_cycle()
        clock.advance(SOON_SECONDS)
        assert heard_alone(driver) == twcids


@pytest.mark.parametrize("units", UNITS.values(), ids=UNITS)
def test_two_that_answer_the_same_fbe2_are_both_heard_soon(driver, hang, clock, units):
    stations = [hang(unit) for unit in units]
    clock.advance(15)
    for _ in range(2):
        driver.send(ControllerLinkReady2(sender=OUR_ID, sign=0x77, max_amps=0.0, version=ProtocolVersion.P2))
        clock.advance(0.1)
    driver.heard.clear()
    clock.advance(SOON_SECONDS)
    assert heard_alone(driver) == {station.connector.twcid for station in stations}


@pytest.mark.parametrize("haste", [0.0, 0.3, 1.0])
def test_no_clock_is_slower_than_the_firmware_says_nor_much_faster(haste):
    announcer = Announcer(6.0, haste)
    announcer.announced(0.0)
    assert announcer.due is not None
    assert 6.0 * (1 - FASTEST_SHARE) <= announcer.due <= 6.0


def test_every_unit_has_a_clock_of_its_own(driver, hang, clock):
    stations = [hang(Unit(serial_number=f"A18B000{number:04d}")) for number in range(1, 4)]
    clock.advance(62)
    times = {
        station.connector.twcid: [
            time
            for time, message in driver.heard
            if isinstance(message, ConnectorLinkReady) and message.sender == station.connector.twcid
        ]
        for station in stations
    }
    assert len({round(heard[-1] - heard[-2], 3) for heard in times.values()}) == len(stations)
