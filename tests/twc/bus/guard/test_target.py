"""What one wall connector is offered next, beside others and at the pace of its car."""

import pytest
from twc.bus.connector.overdraw import OverdrawVerdict
from twc.bus.connector.stopping import StopDecision
from twc.bus.connector.wall_connector import WallConnector
from twc.bus.guard.target import next_offer
from twc.bus.settings import BusSettings, ConnectorSettings, StopMethod
from twc.bus.snapshot import StopState
from twc.protocol.codes import ConnectorState, ProtocolVersion
from twc.protocol.messages import ConnectorLinkReady

from bus_peers import CARPORT, GARAGE, P1, P2, START, answer, heard, settings


def offer(
    connector: WallConnector,
    *others: WallConnector,
    bus: BusSettings | None = None,
    now: float = START,
    cautious: bool = False,
) -> int | None:
    return next_offer(connector, others, bus or settings(), now, cautious=cautious)


def test_the_order_is_the_wish() -> None:
    assert offer(heard(offered=6.0, order=13)) == 13


@pytest.mark.parametrize(("version", "amps"), [(P1, 0), (P2, None)])
def test_without_room_protocol_1_is_told_zero_and_protocol_2_nothing(
    version: ProtocolVersion, amps: int | None
) -> None:
    assert offer(heard(version=version, order=None)) == amps


def test_without_room_no_stop_is_under_way() -> None:
    connector = heard(version=P1, offered=16.0, order=0)
    offer(connector)
    connector.offer.order = None
    offer(connector)
    assert connector.stop == StopDecision(None, StopState.NONE)


@pytest.mark.parametrize(("version", "amps"), [(P1, 0), (P2, 6)])
def test_a_stop_is_zero_on_protocol_1_and_the_minimum_on_protocol_2(
    version: ProtocolVersion, amps: int
) -> None:
    assert offer(heard(version=version, offered=16.0, drawn=15.0, order=0)) == amps


def test_a_stop_by_contactor_offers_the_minimum_first() -> None:
    owner = ConnectorSettings(maximum_amps=80, limit_amps=80, stop_method=StopMethod.CONTACTOR)
    connector = heard(offered=16.0, drawn=15.0, order=0)
    assert offer(connector, bus=settings(connectors={GARAGE: owner})) == 6
    assert connector.stop.state is StopState.STOPPING


@pytest.mark.parametrize("version", ProtocolVersion)
def test_when_nobody_decided_lately_nothing_goes_above_the_minimum(version: ProtocolVersion) -> None:
    assert offer(heard(version=version, offered=16.0, order=16), cautious=True) == 6


def test_when_nobody_decided_lately_a_stopped_car_stays_stopped() -> None:
    assert offer(heard(version=P1, offered=0.0, order=0), cautious=True) == 0


def test_nothing_is_raised_on_the_word_of_a_single_heartbeat() -> None:
    assert offer(heard(offered=6.0, order=16, beats=1)) == 6
    assert offer(heard(offered=6.0, order=16, beats=2)) == 16


def test_a_charge_found_running_is_not_cut_down_because_it_was_heard_only_once() -> None:
    assert offer(heard(offered=13.0, order=16, beats=1)) == 13
    assert offer(heard(offered=13.0, order=10, beats=1)) == 10


def test_a_car_that_draws_too_much_is_lowered_to_the_minimum() -> None:
    connector = heard(offered=10.0, drawn=10.0, order=10)
    for second in range(15):
        answer(connector, offered=10.0, drawn=14.0, now=START + second)
    assert offer(connector) == 6


# The 6 A bug


def stuck(
    order: int = 13, *, beats: int = 12, spike: int | None = 80, version: ProtocolVersion = P2
) -> WallConnector:
    connector = heard(offered=float(order), drawn=5.2, order=order, version=version)
    connector.cure.allowed_amps = spike
    for second in range(beats):
        answer(connector, offered=float(order), drawn=5.2, now=START + second)
        offer(connector, bus=settings(cure_six_amp_bug=True), now=START + second)
    return connector


@pytest.mark.parametrize("version", ProtocolVersion)
def test_a_stuck_car_gets_the_spike_when_its_owner_asked_for_the_cure(version: ProtocolVersion) -> None:
    assert offer(stuck(version=version), bus=settings(cure_six_amp_bug=True), now=START + 12) == 16


def test_a_stuck_car_stays_stuck_when_nobody_asked_for_the_cure() -> None:
    assert offer(stuck(), bus=settings(), now=START + 12) == 13


@pytest.mark.parametrize(
    "bus",
    [
        pytest.param(settings(15, cure_six_amp_bug=True), id="the circuit"),
        pytest.param(
            settings(
                cure_six_amp_bug=True, connectors={GARAGE: ConnectorSettings(maximum_amps=15, limit_amps=80)}
            ),
            id="its cable",
        ),
        pytest.param(
            settings(
                cure_six_amp_bug=True, connectors={GARAGE: ConnectorSettings(maximum_amps=80, limit_amps=13)}
            ),
            id="its owner's limit",
        ),
    ],
)
def test_the_spike_respects_every_limit(bus: BusSettings) -> None:
    assert offer(stuck(beats=9), bus=bus, now=START + 12) == 13


@pytest.mark.parametrize("version", ProtocolVersion)
def test_the_spike_exceeds_the_current_limit_of_an_owner_who_allowed_it_and_never_the_cable(
    version: ProtocolVersion,
) -> None:
    connector = stuck(beats=9, version=version)
    for cable, amps in ((15, 13), (16, 16)):
        owner = ConnectorSettings(maximum_amps=cable, limit_amps=13)
        bus = settings(cure_six_amp_bug=True, cure_above_limit=True, connectors={GARAGE: owner})
        assert offer(connector, bus=bus, now=START + 12) == amps


def test_the_spike_waits_for_room_beside_other_cars() -> None:
    bus = settings(cure_six_amp_bug=True)
    assert offer(stuck(beats=9), heard(CARPORT, offered=17.0), bus=bus, now=START + 12) == 13
    assert offer(stuck(beats=9), heard(CARPORT, offered=16.0), bus=bus, now=START + 12) == 16


@pytest.mark.parametrize(("spike", "amps"), [(None, 13), (0, 13), (15, 13), (16, 16), (80, 16)])
def test_the_spike_stays_within_what_is_allowed_for_a_moment(spike: int | None, amps: int) -> None:
    assert offer(stuck(beats=9, spike=spike), bus=settings(cure_six_amp_bug=True), now=START + 12) == amps


@pytest.mark.parametrize(
    ("changes", "amps"),
    [
        pytest.param({"allowed_amps": 15}, 13, id="less is allowed"),
        pytest.param({"allowed_amps": None}, 13, id="nothing but the order is allowed"),
        pytest.param({"order": 12}, 12, id="less is ordered"),
        pytest.param({"order": 0}, 6, id="it shall stop"),
        pytest.param({"order": None}, None, id="there is no room for it"),
    ],
)
def test_a_spike_ends_with_the_heartbeat_in_which_it_is_not_allowed_any_more(
    changes: dict[str, int | None], amps: int | None
) -> None:
    bus = settings(cure_six_amp_bug=True)
    connector = stuck()
    assert offer(connector, bus=bus, now=START + 12) == 16
    for name, value in changes.items():
        setattr(connector.offer if name == "order" else connector.cure, name, value)
    assert offer(connector, bus=bus, now=START + 13) == amps
    connector.offer.order, connector.cure.allowed_amps = 13, 80
    assert offer(connector, bus=bus, now=START + 14) == 13, "it does not go on where it was"


def test_a_spike_goes_on_while_more_is_ordered_than_at_its_beginning() -> None:
    bus = settings(cure_six_amp_bug=True)
    connector = stuck()
    offer(connector, bus=bus, now=START + 12)
    connector.offer.order = 14
    assert offer(connector, bus=bus, now=START + 13) == 16


def test_a_spike_ends_when_nobody_decided_lately() -> None:
    bus = settings(cure_six_amp_bug=True)
    connector = stuck()
    offer(connector, bus=bus, now=START + 12)
    assert offer(connector, bus=bus, now=START + 13, cautious=True) == 6
    assert offer(connector, bus=bus, now=START + 14) == 13


@pytest.mark.parametrize(("spike", "offers"), [(None, {6}), (6, {6}), (7, {6, 7}), (80, {6, 7})])
def test_a_car_that_does_not_begin_at_the_minimum_is_nudged_only_where_more_is_allowed(
    spike: int | None, offers: set[int]
) -> None:
    connector = heard(offered=6.0, order=6, state=ConnectorState.STARTING)
    connector.cure.allowed_amps = spike
    assert {offer(connector, now=START + second) for second in range(120)} == offers


@pytest.mark.parametrize("spike", [None, 0, 80])
@pytest.mark.parametrize("version", ProtocolVersion)
def test_a_nudge_from_above_the_minimum_goes_down(spike: int | None, version: ProtocolVersion) -> None:
    connector = heard(offered=13.0, order=13, state=ConnectorState.STARTING, version=version)
    connector.cure.allowed_amps = spike
    assert {offer(connector, now=START + second) for second in range(120)} == {12, 13}


def test_a_car_that_shall_stop_gets_no_spike() -> None:
    connector = stuck()
    connector.offer.order = 0
    assert offer(connector, bus=settings(cure_six_amp_bug=True), now=START + 12) == 6


def test_a_contactor_is_not_closed_before_there_is_room_for_what_may_flow_behind_it() -> None:
    owner = ConnectorSettings(maximum_amps=80, limit_amps=80, stop_method=StopMethod.CONTACTOR)
    bus = settings(circuit=16, connectors={GARAGE: owner})
    connector = heard(offered=6.0, order=0)
    connector.stopping.resume_open(START - 600)
    connector.offer.order = 6
    assert offer(connector, heard(CARPORT, offered=16.0, drawn=15.0), bus=bus) == 6
    assert connector.stop.contactor is None
    assert offer(connector, bus=bus) == 6
    assert connector.stop.contactor is True


def test_where_there_may_be_two_units_both_are_brought_to_the_minimum() -> None:
    connector = heard(offered=16.0, order=16)
    connector.identity.answered(P2, START)
    connector.hear_announcement(
        ConnectorLinkReady(sender=connector.twcid, sign=0x8E, max_amps=32.0, version=P2), START + 1
    )
    assert offer(connector, now=START + 1) == 6
    assert offer(connector, now=START + 61) == 16


def test_a_car_that_draws_more_than_it_was_ever_offered_is_lowered_before_anybody_complains() -> None:
    connector = heard(offered=10.0, drawn=9.2, order=10)
    for second in (1, 2):
        answer(connector, offered=10.0, drawn=14.0, now=START + second)
    assert connector.verdict is OverdrawVerdict.CAUTION
    assert offer(connector, now=START + 2) == 6
