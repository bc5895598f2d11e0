"""When a connection that is open is taken for dead."""

import pytest
from twc.bus.line_watch import LONGEST_SECONDS, SILENT_SECONDS, LineWatch, watch_for


@pytest.fixture
def watch() -> LineWatch:
    """A watch of a line that was heard at 100 s, as the first connection was opened."""
    watch = LineWatch()
    watch.opened(90.0)
    watch.heard(100.0)
    return watch


def test_a_line_that_falls_silent_is_given_up_after_twelve_seconds_and_once(watch: LineWatch) -> None:
    assert not watch.gives_up(111.9)
    assert watch.gives_up(112.0)
    assert not watch.gives_up(1000.0)


def test_every_byte_proves_that_the_line_lives(watch: LineWatch) -> None:
    for second in range(100, 200, 10):
        watch.heard(second)
        assert not watch.gives_up(second + 11.0)


def test_attempts_in_vain_grow_rare(watch: LineWatch) -> None:
    now, pauses = 100.0, []
    for _ in range(9):
        opened = now
        while not watch.gives_up(now):
            now += 1.0
        pauses.append(now - opened)
        watch.opened(now)
    assert pauses == [12, 24, 48, 96, 192, 384, 600, 600, 600]
    assert LONGEST_SECONDS == 600


def test_a_line_that_is_heard_again_is_as_dear_as_at_first(watch: LineWatch) -> None:
    assert watch.gives_up(112.0)
    watch.opened(113.0)
    assert watch.gives_up(137.0)
    watch.opened(138.0)
    watch.heard(140.0)
    assert watch.gives_up(140.0 + SILENT_SECONDS)


def test_a_connection_is_not_judged_while_there_is_none(watch: LineWatch) -> None:
    assert not LineWatch().gives_up(1000.0)
    assert watch.gives_up(112.0)
    assert not watch.gives_up(500.0)
    watch.opened(500.0)
    assert not watch.gives_up(501.0)


def test_a_line_on_which_nobody_ever_spoke_is_left_open() -> None:
    watch = LineWatch()
    watch.opened(0.0)
    assert not watch.gives_up(10_000.0)


@pytest.mark.parametrize(
    "device",
    ["socket://10.0.0.7:8899", "tcp://gateway:1", "RFC2217://gateway:1", "esphome://garage.local/?key=x"],
)
def test_a_device_on_the_network_is_watched(device: str) -> None:
    assert isinstance(watch_for(device), LineWatch)


@pytest.mark.parametrize(
    "device", ["/dev/ttyUSB0", "/dev/serial/by-id/usb-FTDI", "COM3", "simulated", "x://y"]
)
def test_a_local_port_is_not(device: str) -> None:
    assert watch_for(device) is None
