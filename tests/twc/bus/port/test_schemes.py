"""What the name of a port tells of the way to it."""

import pytest
from twc.bus.port.errors import PortProblem, explain
from twc.bus.port.schemes import is_on_network, scheme_of


@pytest.mark.parametrize(
    ("port", "scheme", "network"),
    [
        ("/dev/ttyUSB0", "", False),
        ("COM3", "", False),
        ("gateway:23", "", False),
        ("socket://10.0.0.7:8899", "socket", True),
        ("TCP://gateway:1", "tcp", True),
        ("rfc2217://gateway:1", "rfc2217", True),
        ("esphome://garage.local/?key=x", "esphome", True),
        ("esphome-hass://esphome/01JABC?port_name=RS485", "esphome-hass", True),
        ("esphomelike://x", "esphomelike", False),
        ("linux:///dev/ttyUSB0", "linux", False),
        ("device:///dev/ttyUSB0", "device", False),
        ("simulated://", "simulated", False),
    ],
)
def test_a_scheme_tells_whether_there_is_a_network(port: str, scheme: str, network: bool) -> None:
    assert (scheme_of(port), is_on_network(port)) == (scheme, network)


def test_who_may_not_open_a_port_of_this_machine_lacks_a_permission_and_elsewhere_there_is_a_firewall() -> (
    None
):
    assert explain(PermissionError(13, "no"), "linux:///dev/ttyUSB0") is PortProblem.NO_PERMISSION
    assert explain(PermissionError(13, "no"), "esphome-hass://x/y") is PortProblem.UNREACHABLE
