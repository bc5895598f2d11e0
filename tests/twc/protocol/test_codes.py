"""The addresses and names that owners and other programs see."""

from hypothesis import given, strategies as st
import pytest
from twc.protocol.codes import (
    FORBIDDEN_CODES,
    QUERIES,
    Code,
    ConnectorState,
    Operation,
    PlugState,
    ProtocolVersion,
    TwcId,
)


@given(st.integers(0, 0xFFFF))
def test_an_address_is_written_and_read_as_four_hex_digits(number: int) -> None:
    address = TwcId(number)
    assert len(str(address)) == 4
    assert TwcId.parse(str(address)) == address == number
    assert TwcId.parse(str(address).lower()) == address
    assert repr(address) == f"TwcId({address})"


@pytest.mark.parametrize("number", [-1, 0x10000])
def test_an_address_has_two_bytes(number: int) -> None:
    with pytest.raises(ValueError, match=f"a TWCID has two bytes, {number} does not fit"):
        TwcId(number)


def test_no_forbidden_code_can_be_named() -> None:
    assert not FORBIDDEN_CODES.keys() & set(Code)
    assert set(FORBIDDEN_CODES) == {0xFC19, 0xFC1A, 0xFBE8, 0xFCE5, 0xFCA1}


def test_questions_change_nothing_in_a_wall_connector() -> None:
    assert {int(code) for code in QUERIES} == {
        0xFBEB, 0xFBEC, 0xFBED, 0xFBEE, 0xFBEF, 0xFBF1, 0xFBB4, 0xFB19, 0xFB1A, 0xFB1B,
    }  # fmt: skip


def test_operations_05_08_and_09_carry_amps() -> None:
    assert {operation for operation in Operation if operation.carries_amps} == {0x05, 0x08, 0x09}


def test_an_old_wall_connector_can_use_5_amps_and_a_newer_one_6() -> None:
    assert [version.minimum_amps for version in ProtocolVersion] == [5, 6]


def test_names_are_lower_case_for_translations_and_json() -> None:
    assert ConnectorState.NOT_CHARGING.slug == "not_charging"
    assert PlugState.UNPLUGGED.slug == "unplugged"
    assert Operation.SET_SESSION_LIMIT.slug == "set_session_limit"
    assert Code.CONTROLLER_LINK_READY_1.slug == "controller_link_ready_1"
