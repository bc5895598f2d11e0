"""What can be a VIN, and what it says."""

import pytest
from twc.cars.vin import VinFault, fault_of, has_odd_check_digit, model_of, normalised, short

MADE_IN_FREMONT = "5YJ3E7EB1KF123456"
MADE_IN_BERLIN = "XP7YGCEK5RB123456"
ZOE = "VF1AG000664123456"


def test_it_is_compared_in_upper_case_without_what_people_type_between():
    assert normalised(" 5yj3e7eb1kf-123 456\t") == MADE_IN_FREMONT
    assert normalised("  ") == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (MADE_IN_FREMONT, None),
        (ZOE, None),
        (MADE_IN_FREMONT[:-1], VinFault.LENGTH),
        (MADE_IN_FREMONT + "7", VinFault.LENGTH),
        ("5YJ3E7EB1KF12345O", VinFault.LETTERS),
        ("5YJ3E7EB1KF12345I", VinFault.LETTERS),
        ("5YJ3E7EB1KF12345Q", VinFault.LETTERS),
        ("5YJ3E7EB1KF12345Ä", VinFault.LETTERS),
    ],
)
def test_seventeen_letters_and_digits_without_i_o_and_q(text, fault):
    assert fault_of(text) is fault


def test_a_check_digit_counts_only_where_every_car_has_one():
    assert not has_odd_check_digit(MADE_IN_FREMONT)
    assert has_odd_check_digit(MADE_IN_FREMONT.replace("1KF", "2KF"))
    assert not has_odd_check_digit(ZOE)


def test_a_teslas_model_and_nobody_elses():
    assert model_of(MADE_IN_FREMONT) == "Model 3"
    assert model_of(MADE_IN_BERLIN) == "Model Y"
    assert model_of(ZOE) is None
    assert model_of("5YJ9E7EB1KF123456") is None


def test_the_end_tells_two_cars_of_a_house_apart():
    assert short(MADE_IN_FREMONT) == "3456"
