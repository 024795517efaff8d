"""What Meta says of a number, and what senders make of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.domain.numbers import NumberState, concerns, find_stop, read_tier, take_notice
from okaeri.domain.pacing import count_allowance
from okaeri.domain.values import Purpose
from tests.fakes import START

HOUR = timedelta(hours=1)
NUMBER = NumberState(phone_number_id="1001", display="81312345678")


def hear(state: NumberState, field: str, **details: str) -> NumberState:
    return take_notice(state, field, details, START)


@pytest.mark.parametrize(
    ("word", "tier"),
    [("TIER_250", "250"), ("TIER_2K", "2000"), ("TIER_10K", "10000"), ("TIER_100K", "100000"), ("2000", "2000"),
     ("TIER_UNLIMITED", "unlimited"), ("TIER_NOT_SET", ""), ("", "")],
)  # fmt: skip
def test_a_limit_is_read_in_each_of_metas_spellings(word: str, tier: str) -> None:
    assert read_tier(word) == tier


def test_a_flagged_number_stops_marketing_and_no_order_message() -> None:
    flagged = hear(NUMBER, "phone_number_quality_update", event="FLAGGED", current_limit="TIER_2K")
    assert (flagged.quality, flagged.limit) == ("RED", 2000)
    stop = find_stop(flagged, Purpose.MARKETING, START)
    assert stop
    assert stop.reason == "number_quality_red"
    assert find_stop(flagged, Purpose.ORDER, START) is None
    recovered = take_notice(flagged, "phone_number_quality_update", {"event": "UNFLAGGED"}, START + HOUR)
    assert find_stop(recovered, Purpose.MARKETING, START + HOUR) is None
    assert recovered.limit == 2000


def test_a_low_quality_of_which_nobody_speaks_any_more_is_forgotten_after_three_days() -> None:
    flagged = hear(NUMBER, "phone_number_quality_update", event="FLAGGED")
    assert find_stop(flagged, Purpose.MARKETING, START + timedelta(days=2, hours=23))
    assert find_stop(flagged, Purpose.MARKETING, START + timedelta(days=3)) is None


def test_a_restricted_account_sends_no_marketing_until_its_end() -> None:
    until = START + timedelta(days=3)
    details = {"restriction": "RESTRICTED_BIZ_INITIATED_MESSAGING", "until": until.isoformat()}
    restricted = hear(NUMBER, "account_update", event="ACCOUNT_RESTRICTION", **details)
    stop = find_stop(restricted, Purpose.MARKETING, until - HOUR)
    assert stop == ("account_restricted RESTRICTED_BIZ_INITIATED_MESSAGING", until)
    assert find_stop(restricted, Purpose.MARKETING, until) is None
    assert find_stop(restricted, Purpose.ORDER, START) is None


def test_a_disabled_account_sends_nothing_until_it_is_reinstated() -> None:
    disabled = hear(NUMBER, "account_update", event="DISABLED_UPDATE", ban_state="DISABLE")
    for purpose in Purpose:
        stop = find_stop(disabled, purpose, START)
        assert stop
        assert stop.reason == "account_disabled"
    free = take_notice(disabled, "account_update", {"event": "DISABLED_UPDATE", "ban_state": "REINSTATE"}, START + HOUR)
    assert find_stop(free, Purpose.MARKETING, START + HOUR) is None


def test_a_stop_without_an_end_is_believed_for_a_day_and_then_meta_is_asked() -> None:
    deleted = hear(NUMBER, "account_update", event="ACCOUNT_DELETED")
    assert find_stop(deleted, Purpose.ORDER, START + timedelta(hours=23))
    assert find_stop(deleted, Purpose.ORDER, START + timedelta(hours=24)) is None


def test_a_ban_that_is_announced_stops_marketing_first() -> None:
    announced = hear(NUMBER, "account_update", event="DISABLED_UPDATE", ban_state="SCHEDULE_FOR_DISABLE")
    assert find_stop(announced, Purpose.MARKETING, START)
    assert find_stop(announced, Purpose.ORDER, START) is None


def test_a_higher_throughput_and_a_new_limit_are_taken_on() -> None:
    upgraded = hear(NUMBER, "phone_number_quality_update", event="THROUGHPUT_UPGRADE")
    assert upgraded.per_second == 1000
    raised = hear(upgraded, "business_capability_update", max_daily_conversations_per_business="TIER_UNLIMITED")
    assert (raised.tier, raised.limit, raised.per_second) == ("unlimited", None, 1000)


def test_a_late_notice_does_not_undo_a_newer_one() -> None:
    flagged = hear(NUMBER, "phone_number_quality_update", event="FLAGGED")
    late = take_notice(flagged, "phone_number_quality_update", {"event": "UNFLAGGED"}, START - HOUR)
    assert late.quality == "RED"


@pytest.mark.parametrize(("named", "is_ours"), [("81312345678", True), ("81399999999", False), ("", True)])
def test_a_notice_of_another_number_of_the_account_is_not_ours(named: str, is_ours: bool) -> None:
    assert concerns(NUMBER, {"display_phone_number": named}) is is_ours


def test_a_number_whose_digits_we_do_not_know_is_concerned_by_all_that_is_said_of_its_account() -> None:
    assert concerns(NumberState(phone_number_id="1001"), {"display_phone_number": "81399999999"})


@pytest.mark.parametrize(
    ("limit", "opened", "left"), [(250, 0, 200), (2000, 1500, 100), (2000, 1600, 0), (2000, 9000, 0)]
)
def test_a_fifth_of_the_limit_is_kept_for_order_messages(limit: int, opened: int, left: int) -> None:
    assert count_allowance(limit, opened) == left
