"""Messages in words: every field is there, with its unit, and nothing reads like what it is not."""

import json

from hypothesis import given
import pytest
from twc.protocol.codes import PlugState, ProtocolVersion, TwcId
from twc.protocol.decoding import decode
from twc.protocol.describing import Description, describe
from twc.protocol.messages import ContactorReply, Message, PlugStateReply

from captures import CAPTURES, Capture
from message_strategies import messages, with_checksum

INTACT = [capture for capture in CAPTURES if capture.is_frame and not capture.malformed]


def described(body_hex: str) -> Description:
    return describe(decode(with_checksum(bytes.fromhex(body_hex))))


@given(messages)
def test_every_message_can_be_said_in_json_and_in_a_sentence(message: Message) -> None:
    description = describe(message)
    assert json.loads(json.dumps(description.fields)) == description.fields
    assert set(description.units) <= set(description.fields)
    assert description.sentence.startswith(description.name)
    assert "\n" not in description.sentence


@pytest.mark.parametrize("capture", INTACT, ids=lambda c: f"number_{c.id}")
def test_a_published_frame_is_described_by_its_published_facts(capture: Capture) -> None:
    meaning = capture.meaning
    description = describe(decode(capture.body))
    same = {
        "sender": "sender",
        "receiver": "receiver",
        "sign": "sign",
        "max_amps": "max_amps",
        "amps_actual": "drawn_amps",
        "energy_counter_kwh": "energy_kwh",
        "firmware": "firmware",
        "model": "model",
        "serial": "serial_number",
        "vin_part": "vin_part",
    }
    for theirs, ours in same.items():
        assert meaning.get(theirs) == description.fields.get(ours)
    if meaning["name"] in ("master_heartbeat", "slave_heartbeat"):
        offered = meaning["amps_offered"] if "amps_offered" in meaning else (meaning["amps"] or None)
        assert description.fields["offered_amps"] == offered
    if "protocol" in meaning:
        assert description.protocol == meaning["protocol"]
    if "volts" in meaning:
        assert [description.fields[f"volts_l{phase}"] for phase in (1, 2, 3)] == meaning["volts"]
        assert [description.fields[f"amps_l{phase}"] for phase in (1, 2, 3)] == meaning["phase_amps"]


@given(messages)
def test_every_number_has_a_unit(message: Message) -> None:
    description = describe(message)
    numbers = {
        key for key, value in description.fields.items() if type(value) in (int, float) or "amps" in key
    }
    assert numbers == set(description.units)


def test_an_offer_is_told_from_a_keep_alive() -> None:
    offer = described("FBE0 7777 3495 09 0640 00 0000000000")
    keep_alive = described("FBE0 7777 3495 00 0000 00 0000000000")
    assert offer.fields["offered_amps"] == 16.0
    assert keep_alive.fields["offered_amps"] is None
    assert offer.sentence == (
        "controller_heartbeat 7777 -> 3495 operation set_session_limit, offered 16.00 A"
    )
    assert "offered" not in keep_alive.sentence


def test_a_forced_error_shows_its_bits_and_no_amps() -> None:
    error = described("FBE0 7777 3495 02 0400 00 0000000000")
    assert error.fields["error_bits"] == "04"
    assert error.fields["offered_amps"] is None


def test_a_controller_with_a_car_of_its_own_says_so() -> None:
    assert described("FBE0 7777 3495 00 0000 01 0000000000").sentence == (
        "controller_heartbeat 7777 -> 3495 operation keep_alive, controller plugged in"
    )


def test_nothing_drawn_is_said_and_not_left_out() -> None:
    assert described("FDE0 3495 7777 00 0000 0000 0000").sentence.endswith("offered 0.00 A, drawn 0.00 A")


def test_a_heartbeat_is_one_readable_line() -> None:
    assert described("FDE0 3495 7777 01 0640 05F4 0000").sentence == (
        "connector_heartbeat 3495 -> 7777 state charging, offered 16.00 A, drawn 15.24 A"
    )


def test_a_meter_is_one_readable_line() -> None:
    assert described("FDEB 3495 0000039C 00F4 00F0 00F5 0D 0C 0D 0000").sentence == (
        "meter 3495 energy 924 kWh, l1 244 V, l2 240 V, l3 245 V, l1 6.50 A, l2 6.00 A, l3 6.50 A"
    )


def test_a_question_has_no_facts_but_its_route() -> None:
    assert described("FBEB 7777 3495 0000000000000000 00").sentence == "get_meter 7777 -> 3495"
    assert describe(ContactorReply(closed=True, sender=TwcId(0x3495))).sentence == "contactor_closed 3495"


def test_an_absent_vin_is_left_out_of_the_sentence_but_not_of_the_fields() -> None:
    empty = described("FDEE 3495" + "00" * 15)
    assert empty.sentence == "vin_start 3495"
    assert empty.fields["vin_part"] == ""


def test_an_answer_without_an_address_is_described_without_one() -> None:
    assert described("FD1A 45565732543332484C FF 00").sentence == "unaddressed_model model EVW2T32HL"


def test_the_protocol_is_told_only_where_the_length_tells_it() -> None:
    assert described("FBE0 7777 3495 00 0000 00 000000").protocol == ProtocolVersion.P1
    reply = PlugStateReply(sender=TwcId(0x3495), plug_state=PlugState.UNPLUGGED)
    assert describe(reply).protocol is None
