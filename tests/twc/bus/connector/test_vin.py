"""The VIN, put together from its three parts."""

import pytest
from twc.bus.connector.vin import VinReader, is_checked
from twc.protocol.codes import Code

START, MIDDLE, END = Code.VIN_START, Code.VIN_MIDDLE, Code.VIN_END
TESLA = "5YJ3E1EAXJF000001"
WRONG_DIGIT = "5YJ3E1EA5JF000001"


def read(reader: VinReader, vin: str) -> bool:
    """Read a whole round; returns whether another one is worth while."""
    for code, text in ((START, vin[:7]), (MIDDLE, vin[7:14]), (END, vin[14:])):
        assert reader.missing is code
        reader.read(code, text)
    assert reader.missing is None
    return reader.finish_round()


@pytest.mark.parametrize(
    ("vin", "agrees"),
    [
        ("11111111111111111", True),
        ("1M8GDM9AXKP042788", True),
        ("5GZCZ43D13S812715", True),
        ("SGZCZ43D13S812715", False),
        ("1M8GDM9A1KP042788", False),
    ],
)
def test_the_check_digit_tells_a_vin_from_a_damaged_one(vin: str, *, agrees: bool) -> None:
    assert is_checked(vin) is agrees


def test_a_vin_with_a_right_check_digit_is_known_after_one_round() -> None:
    reader = VinReader()
    assert not read(reader, TESLA)
    assert reader.vin == TESLA


def test_nothing_is_asked_once_the_vin_is_known() -> None:
    reader = VinReader()
    read(reader, TESLA)
    assert reader.missing is None
    assert not reader.finish_round()


def test_a_vin_with_a_wrong_check_digit_is_believed_when_two_rounds_read_the_same() -> None:
    reader = VinReader()
    assert read(reader, WRONG_DIGIT)
    assert reader.vin is None
    assert not read(reader, WRONG_DIGIT)
    assert reader.vin == WRONG_DIGIT


def test_two_rounds_that_disagree_prove_no_vin() -> None:
    reader = VinReader()
    assert read(reader, WRONG_DIGIT)
    assert read(reader, WRONG_DIGIT[:-1] + "2")
    assert reader.vin is None


def test_letters_that_no_vin_has_are_never_believed() -> None:
    reader = VinReader()
    assert read(reader, "5YJ3E1EAIJF00000O")
    assert read(reader, "5YJ3E1EAIJF00000O")
    assert reader.vin is None


@pytest.mark.parametrize("empty", [START, MIDDLE, END])
def test_an_empty_part_is_the_final_answer_for_this_car(empty: Code) -> None:
    reader = VinReader()
    for code, text in ((START, TESLA[:7]), (MIDDLE, TESLA[7:14]), (END, TESLA[14:])):
        reader.read(code, "" if code is empty else text)
    assert reader.absent
    assert reader.missing is None
    assert not reader.finish_round()
    assert reader.vin is None


def test_an_empty_part_heard_late_does_not_take_a_known_vin_away() -> None:
    reader = VinReader()
    read(reader, TESLA)
    reader.read(START, "")
    assert not reader.absent
    assert reader.vin == TESLA


def test_a_part_that_is_too_short_is_asked_again() -> None:
    reader = VinReader()
    reader.read(START, TESLA[:6])
    assert reader.missing is START
    assert reader.finish_round()


def test_parts_read_in_an_earlier_round_are_kept() -> None:
    reader = VinReader()
    reader.read(START, TESLA[:7])
    assert reader.finish_round()
    assert reader.missing is MIDDLE
