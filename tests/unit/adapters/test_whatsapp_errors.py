"""Meta's codes, each with its next step: the rows of its error reference that a sender can meet."""

from __future__ import annotations

import pytest

from okaeri.adapters.whatsapp_errors import RULES, find_wait_s, make_error, read_error_body, read_status_error
from okaeri.errors import GiveUp, StopSender, TryAgain

STOPPING = (0, 190, 3, 10, 200, 210, 299, 131005, 33, 368, 131031, 131037, 131042, 131045, 131048, 131064, 133010)
PASSING = (1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133004)
WAITING = {131049: 86_400, 132001: 3600, 132015: 10_800, 132069: 3600}
PERMANENT = (100, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131047, 131050, 131051, 131053, 131062,
             132000, 132005, 132007, 132008, 132012, 132016, 132068, 135000, 137000)  # fmt: skip


@pytest.mark.parametrize("code", STOPPING)
def test_a_fault_of_account_token_or_number_stops_the_sender(code: int) -> None:
    error = make_error(code)
    assert isinstance(error, StopSender)
    assert (error.code, error.until_s >= 900) == (str(code), True)


@pytest.mark.parametrize("code", PASSING)
def test_a_passing_fault_is_tried_again_soon(code: int) -> None:
    error = make_error(code)
    assert isinstance(error, TryAgain)
    assert error.after_s is None or error.after_s <= 900


@pytest.mark.parametrize(("code", "wait_s"), WAITING.items())
def test_what_cannot_go_out_now_waits_as_long_as_meta_asks(code: int, wait_s: float) -> None:
    error = make_error(code)
    assert isinstance(error, TryAgain)
    assert error.after_s == wait_s


@pytest.mark.parametrize("code", PERMANENT)
def test_a_permanent_refusal_is_final(code: int) -> None:
    assert isinstance(make_error(code), GiveUp)


def test_too_many_messages_to_one_person_wait_four_to_the_power_of_the_attempt() -> None:
    assert [find_wait_s(131056, attempt) for attempt in range(6)] == [4, 16, 64, 256, 900, 900]


def test_a_code_that_is_new_to_us_ends_one_message_unless_meta_says_it_passes() -> None:
    assert 999_999 not in RULES
    assert isinstance(make_error(999_999), GiveUp)
    assert isinstance(make_error(999_999, transient=True), TryAgain)
    assert isinstance(make_error(131026, transient=True), GiveUp)


def test_a_status_names_its_code_as_text() -> None:
    assert read_status_error("131026", 0).code == "131026"
    assert isinstance(read_status_error("", 0), GiveUp)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"error": {"code": 190, "is_transient": False}}, (190, False)),
        ({"error": {"code": "131000", "is_transient": True}}, (131000, True)),
        ({"error": {"message": "no code"}}, (-1, False)),
        ({"messages": []}, None),
        ({"error": "text"}, None),
        ([], None),
        (None, None),
    ],
)
def test_an_error_body_is_known_by_its_code(body: object, found: tuple[int, bool] | None) -> None:
    assert read_error_body(body) == found
