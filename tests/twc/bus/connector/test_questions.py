"""Which question is asked when, and when to give up asking."""

import pytest
from twc.bus.connector.questions import (
    METER_CHARGING_SECONDS,
    METER_IDLE_SECONDS,
    PLUG_STATE_SECONDS,
    QUESTION_RETRY_SECONDS,
    UNANSWERED_LIMIT,
    VIN_FRESH_SECONDS,
    VIN_ROUND_SECONDS,
    VIN_ROUNDS,
    Questions,
)
from twc.protocol.codes import Code

TESLA = {Code.VIN_START: "5YJ3E1E", Code.VIN_MIDDLE: "AXJF000", Code.VIN_END: "001"}
OTHER_TESLA = {Code.VIN_START: "5YJ3E1E", Code.VIN_MIDDLE: "A3JF000", Code.VIN_END: "003"}
WRONG_DIGIT = {**TESLA, Code.VIN_END: "002"}
NO_VIN = dict.fromkeys(TESLA, "")
VIN_QUESTIONS = {Code.GET_VIN_START, Code.GET_VIN_MIDDLE, Code.GET_VIN_END}
START = 100.0


class Conversation:
    """Asks whatever is due, one question a second, as a schedule with room would."""

    def __init__(self, *, alone: bool = False) -> None:
        self.questions = Questions(START)
        self.alone = alone
        self.now = START
        self.charging = False
        self.asked: list[tuple[float, Code]] = []
        self.silent: set[Code] = set()
        """Questions that the firmware does not know."""
        self.vin: dict[Code, str] = NO_VIN

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            due = self.questions.next(alone=self.alone)
            if due is not None and due[0] <= self.now:
                self._ask(due[1])
            self.now += 1.0

    def _ask(self, code: Code) -> None:
        self.asked.append((self.now, code))
        self.questions.asked(code, self.now)
        if code in self.silent:
            return
        reply = Code(code + 0x0200)
        assert self.questions.expects(reply)
        if reply in self.vin:
            self.questions.read_vin(reply, self.vin[reply])
        self.questions.answered(reply, self.now, charging=self.charging)

    def times(self, code: Code) -> list[float]:
        return [time - START for time, asked in self.asked if asked is code]

    def count(self, *codes: Code) -> int:
        return sum(asked in codes for _, asked in self.asked)


def test_firmware_and_serial_number_are_asked_once() -> None:
    conversation = Conversation()
    conversation.run(600)
    assert conversation.count(Code.GET_FIRMWARE) == 1
    assert conversation.count(Code.GET_SERIAL_NUMBER) == 1


@pytest.mark.parametrize("alone", [False, True])
def test_plug_and_meter_are_read_before_what_never_changes(alone: bool) -> None:
    conversation = Conversation(alone=alone)
    conversation.run(2)
    assert [code for _, code in conversation.asked] == [Code.GET_PLUG_STATE, Code.GET_METER]


def test_whether_a_car_is_there_is_asked_everywhere_before_anything_else_is_asked_of_one() -> None:
    first, second = Questions(START), Questions(START + 5.0)
    asked = []
    for _ in range(4):
        due, questions = min(
            ((due, one) for one in (first, second) if (due := one.next(alone=False)) is not None),
            key=lambda item: item[0],
        )
        questions.asked(due[1], START + 10.0)
        asked.append(due[1])
    assert asked == [Code.GET_PLUG_STATE, Code.GET_PLUG_STATE, Code.GET_METER, Code.GET_METER]


def test_what_has_changed_is_asked_before_what_was_never_asked():
    questions = Questions(START)
    for code in (Code.GET_PLUG_STATE, Code.GET_METER):
        questions.asked(code, START + 5.0)
        questions.answered(Code(code + 0x0200), START + 5.0, charging=False)
    questions.hurry(START + 8.0)
    due = questions.next(alone=False)
    assert due is not None
    assert due[1] is Code.GET_PLUG_STATE


def test_a_counter_is_confirmed_at_once_and_not_for_ever():
    questions = Questions(START)
    now = START
    asked = []
    for _ in range(12):
        now += 2.0
        due = questions.next(alone=False)
        assert due is not None
        asked.append(due[1])
        questions.asked(due[1], now)
        questions.answered(Code(due[1] + 0x0200), now, charging=True)
        if due[1] is Code.GET_METER:
            questions.confirm_counter(now)
    assert asked[:5] == [Code.GET_PLUG_STATE, *[Code.GET_METER] * 4]
    assert asked[5] is not Code.GET_METER


def test_the_plug_state_is_asked_every_ten_seconds() -> None:
    conversation = Conversation()
    conversation.run(60)
    assert conversation.times(Code.GET_PLUG_STATE) == pytest.approx([0, 10, 20, 30, 40, 50])
    assert PLUG_STATE_SECONDS == 10.0


@pytest.mark.parametrize(
    ("charging", "interval"), [(True, METER_CHARGING_SECONDS), (False, METER_IDLE_SECONDS)]
)
def test_the_meter_is_read_more_often_while_a_car_charges(*, charging: bool, interval: float) -> None:
    conversation = Conversation()
    conversation.charging = charging
    conversation.run(200)
    first, second, *_ = conversation.times(Code.GET_METER)
    assert second - first == pytest.approx(interval, abs=1.0)


def test_a_change_makes_plug_and_meter_worth_reading_now() -> None:
    conversation = Conversation()
    conversation.run(5)
    conversation.asked.clear()
    conversation.questions.hurry(conversation.now)
    conversation.run(2)
    assert [code for _, code in conversation.asked] == [Code.GET_PLUG_STATE, Code.GET_METER]


def test_an_unanswered_question_is_not_repeated_at_once() -> None:
    conversation = Conversation()
    conversation.silent = {Code.GET_METER}
    conversation.run(60)
    first, second, third = conversation.times(Code.GET_METER)
    assert (second - first, third - second) == (QUESTION_RETRY_SECONDS, QUESTION_RETRY_SECONDS)


def test_a_question_unanswered_three_times_is_unsupported_and_not_asked_again() -> None:
    conversation = Conversation()
    conversation.silent = {Code.GET_METER}
    conversation.run(3600)
    assert conversation.count(Code.GET_METER) == UNANSWERED_LIMIT
    assert conversation.questions.unsupported(Code.GET_METER)
    assert not conversation.questions.unsupported(Code.GET_PLUG_STATE)


def test_a_question_that_was_answered_once_is_asked_for_ever() -> None:
    conversation = Conversation()
    conversation.run(10)
    conversation.silent = {Code.GET_PLUG_STATE}
    conversation.run(600)
    assert conversation.count(Code.GET_PLUG_STATE) > 10
    assert not conversation.questions.unsupported(Code.GET_PLUG_STATE)


def test_a_reboot_gives_every_question_a_new_chance() -> None:
    conversation = Conversation()
    conversation.silent = {Code.GET_METER}
    conversation.run(100)
    conversation.asked.clear()
    conversation.silent = set()
    conversation.questions.restart(conversation.now)
    conversation.run(10)
    for code in (Code.GET_METER, Code.GET_PLUG_STATE, Code.GET_FIRMWARE, Code.GET_SERIAL_NUMBER):
        assert conversation.count(code) == 1


def test_answers_nobody_asked_for_are_not_expected() -> None:
    questions = Questions(START)
    assert not questions.expects(Code.METER)
    questions.asked(Code.GET_METER, START)
    assert questions.expects(Code.METER)
    questions.answered(Code.METER, START, charging=False)
    assert not questions.expects(Code.METER)


def test_replies_that_do_not_say_whose_they_are_are_asked_for_only_where_one_wall_connector_is() -> None:
    together, alone = Conversation(alone=False), Conversation(alone=True)
    for conversation in (together, alone):
        conversation.silent = {Code.GET_FIRMWARE, Code.GET_SERIAL_NUMBER}
        conversation.run(120)
    unaddressed = (
        Code.GET_UNADDRESSED_MODEL,
        Code.GET_UNADDRESSED_FIRMWARE,
        Code.GET_UNADDRESSED_SERIAL_NUMBER,
    )
    assert together.count(*unaddressed) == 0
    assert [alone.count(code) for code in unaddressed] == [1, 1, 1]


def test_the_old_questions_are_not_asked_where_the_new_ones_are_answered() -> None:
    conversation = Conversation(alone=True)
    conversation.run(120)
    assert conversation.count(Code.GET_UNADDRESSED_MODEL) == 1
    assert conversation.count(Code.GET_UNADDRESSED_FIRMWARE, Code.GET_UNADDRESSED_SERIAL_NUMBER) == 0


def test_no_vin_is_asked_for_without_a_car() -> None:
    conversation = Conversation()
    conversation.run(600)
    assert conversation.count(*VIN_QUESTIONS) == 0


def test_a_readable_vin_is_asked_for_once_per_car() -> None:
    conversation = Conversation()
    conversation.vin = TESLA
    conversation.questions.car_arrived(conversation.now)
    conversation.run(600)
    assert conversation.questions.vin.vin == "5YJ3E1EAXJF000001"
    assert conversation.count(*VIN_QUESTIONS) == 3


def test_an_empty_vin_is_the_final_answer_for_this_car() -> None:
    conversation = Conversation()
    conversation.questions.car_arrived(conversation.now)
    conversation.run(3600)
    assert [code for _, code in conversation.asked if code in VIN_QUESTIONS] == [Code.GET_VIN_START]


def test_the_next_car_is_asked_again() -> None:
    conversation = Conversation()
    conversation.questions.car_arrived(conversation.now)
    conversation.run(60)
    conversation.questions.car_left()
    conversation.vin = TESLA
    conversation.questions.car_arrived(conversation.now)
    conversation.run(60)
    assert conversation.questions.vin.vin == "5YJ3E1EAXJF000001"


def test_the_vin_is_read_once_more_when_a_charge_begins() -> None:
    conversation = Conversation()
    conversation.vin = TESLA
    conversation.questions.car_arrived(conversation.now)
    conversation.questions.charge_began(conversation.now)
    conversation.run(60)
    assert conversation.count(*VIN_QUESTIONS) == 3, "it was being read already"
    conversation.vin = OTHER_TESLA
    conversation.questions.charge_began(START + VIN_FRESH_SECONDS)
    assert conversation.count(*VIN_QUESTIONS) == 3, "it was read a moment ago"
    conversation.run(30)
    conversation.questions.charge_began(conversation.now)
    assert conversation.questions.vin.vin == "5YJ3E1EAXJF000001", "until another one is read"
    conversation.run(60)
    assert conversation.questions.vin.vin == "".join(OTHER_TESLA.values())
    conversation.vin = NO_VIN
    conversation.questions.charge_began(conversation.now)
    conversation.run(60)
    assert conversation.questions.vin.vin == "".join(OTHER_TESLA.values()), "nothing was told"


def test_a_vin_with_a_wrong_check_digit_is_read_a_second_time_half_a_minute_later() -> None:
    conversation = Conversation()
    conversation.vin = WRONG_DIGIT
    conversation.questions.car_arrived(conversation.now)
    conversation.run(600)
    assert conversation.questions.vin.vin == "5YJ3E1EAXJF000002"
    first, second = conversation.times(Code.GET_VIN_START)
    assert second - first == pytest.approx(VIN_ROUND_SECONDS, abs=4.0)


def test_a_vin_that_never_agrees_with_itself_is_given_up_after_three_rounds() -> None:
    conversation = Conversation()
    conversation.questions.car_arrived(conversation.now)
    for last in range(100, 200):
        conversation.vin = {**TESLA, Code.VIN_END: str(last)}
        conversation.run(20)
    assert conversation.questions.vin.vin is None
    assert conversation.count(Code.GET_VIN_START) == VIN_ROUNDS
    assert conversation.count(*VIN_QUESTIONS) == 3 * VIN_ROUNDS


def test_a_part_that_comes_back_unusable_ends_the_round() -> None:
    conversation = Conversation()
    conversation.vin = {**TESLA, Code.VIN_MIDDLE: "AXJ"}
    conversation.questions.car_arrived(conversation.now)
    conversation.run(3600)
    assert conversation.count(Code.GET_VIN_MIDDLE) == VIN_ROUNDS
    first, second, _ = conversation.times(Code.GET_VIN_MIDDLE)
    assert second - first >= VIN_ROUND_SECONDS


def test_a_firmware_that_knows_no_vin_is_asked_three_times_for_its_first_part() -> None:
    conversation = Conversation()
    conversation.silent = set(VIN_QUESTIONS)
    conversation.questions.car_arrived(conversation.now)
    conversation.run(3600)
    assert [code for _, code in conversation.asked if code in VIN_QUESTIONS] == [Code.GET_VIN_START] * 3


def test_a_reboot_does_not_end_the_search_for_the_vin_of_a_car() -> None:
    conversation = Conversation()
    conversation.silent = set(VIN_QUESTIONS)
    conversation.questions.car_arrived(conversation.now)
    conversation.run(15)
    conversation.questions.restart(conversation.now)
    conversation.silent, conversation.vin = set(), TESLA
    conversation.run(60)
    assert conversation.questions.vin.vin == "5YJ3E1EAXJF000001"


def test_a_reboot_after_the_car_left_asks_for_no_vin() -> None:
    conversation = Conversation()
    conversation.questions.car_arrived(conversation.now)
    conversation.questions.car_left()
    conversation.questions.restart(conversation.now)
    conversation.run(60)
    assert conversation.count(*VIN_QUESTIONS) == 0
