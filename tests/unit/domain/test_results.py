"""What counts say, and that few of them say nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from okaeri.domain.engagement import SECOND_ORDERS, Place, count_second_order
from okaeri.domain.results import (
    Cohort,
    Service,
    Step,
    compare_journeys,
    count_goals,
    list_cohorts,
    list_service,
    list_steps,
    say_all,
    say_change,
    say_comparison,
    say_revenue,
    suggest,
)
from tests.fakes import START

NOVEMBER = Place("2026-11")
REMINDER = Place("2026-11", "cart-recovery", "cart_reminder_2", "whatsapp")


def numbers(**counts: int) -> dict[str, Decimal]:
    return {name: Decimal(count) for name, count in counts.items()}


def step(counts: dict[str, int], channel: str = "whatsapp") -> Step:
    return Step("cart-recovery", "cart_reminder_2", channel, "", numbers(**counts))


WELL = {"decided": 1000, "sent": 990, "delivered": 970, "read": 900, "clicked": 200, "unsubscribed": 1}


def test_a_message_that_few_read_is_to_be_said_later_or_by_mail() -> None:
    [line] = suggest(step(WELL | {"read": 580}))
    assert line == ("cart_reminder_2 (whatsapp) loses 4 of 10 between delivered and read: try a later hour or e-mail.")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, ""),
        ({"delivered": 700, "read": 690}, "loses 3 of 10 between sent and delivered"),
        ({"unsubscribed": 40}, "makes 40 of 970 leave"),
        ({"clicked": 5}, "its link followed by 5"),
        ({"failed": 200, "failed.131026": 150, "failed.131049": 50}, "fails 200 times of 990, most often with 131026"),
    ],
)
def test_what_its_numbers_ask_for(changes: dict[str, int], word: str) -> None:
    lines = list(suggest(step(WELL | changes)))
    assert (word in lines[0] and len(lines) == 1) if word else not lines


def test_few_numbers_say_nothing_and_it_is_said() -> None:
    few = step({"decided": 99, "sent": 99, "delivered": 99, "read": 1})
    assert list(say_all([few, step(WELL)])) == [
        "Too few to tell, with under 100 so far: cart_reminder_2 (whatsapp) 99."
    ]


def test_a_chance_is_no_reason_to_change_anything() -> None:
    assert not list(suggest(step({"decided": 110, "sent": 110, "delivered": 110, "read": 75}))), (
        "68 of 100, give or take nine"
    )


def test_openings_that_programs_hide_are_not_held_against_a_mail() -> None:
    assert not list(
        suggest(step({"decided": 500, "sent": 500, "delivered": 500, "opened": 20, "machine_opened": 400}, "email"))
    )


def test_months_are_added_up_and_arms_stay_apart() -> None:
    results = {
        REMINDER: numbers(decided=2, read=1),
        REMINDER._replace(month="2026-12"): numbers(decided=3),
        REMINDER._replace(arm="subject=a"): numbers(decided=1),
        REMINDER._replace(template="", channel="", arm="subject=a"): numbers(goals=1),
        REMINDER._replace(template="cart_reminder_1", arm="subject=b"): numbers(goals=1),
        NOVEMBER: numbers(orders=9),
    }
    steps = list_steps(results)
    assert [(s.template, s.arm, s.get("decided"), s.get("read")) for s in steps] == [
        ("cart_reminder_2", "", 5, 1),
        ("cart_reminder_2", "subject=a", 1, 0),
        ("cart_reminder_1", "subject=b", 0, 0),
    ]
    assert count_goals(results) == {("cart-recovery", "subject=a"): 1}
    assert list_steps(results, journey="nps") == []


def compared(
    told: int, told_goals: int, held_out: int, held_out_goals: int, each: int = 50
) -> dict[Place, dict[str, Decimal]]:
    def make(people: int, goals: int) -> dict[str, Decimal]:
        money = {"goal_revenue.EUR": Decimal(goals * each), "goal_squares.EUR": Decimal(goals * each * each)}
        return numbers(compared=people, goals=goals) | money

    return {
        Place("2026-11", "cart-recovery"): make(told, told_goals),
        Place("2026-11", "cart-recovery", arm="holdout"): make(held_out, held_out_goals),
        REMINDER: {"revenue.EUR": Decimal(9000)},
    }


def test_telling_helps_where_the_difference_is_no_chance() -> None:
    [comparison] = compare_journeys(compared(2000, 240, 500, 30))
    assert "It helps: +3." in say_comparison(comparison)
    assert say_revenue(comparison).startswith("Each brings 6.00 EUR where told and 3.00 where not: +1.")
    assert say_revenue(comparison).endswith("19 times of 20.")


def test_telling_may_do_harm() -> None:
    [comparison] = compare_journeys(compared(2000, 100, 500, 60))
    assert "It does harm: -" in say_comparison(comparison)


@pytest.mark.parametrize(
    ("people", "word"),
    [((300, 30, 100, 9), "cannot be told yet"), ((40, 5, 10, 2), "too few"), ((900, 3, 90, 1), "too few")],
)
def test_what_cannot_be_told_is_not_told(people: tuple[int, int, int, int], word: str) -> None:
    [comparison] = compare_journeys(compared(*people))
    assert word in say_comparison(comparison)


def test_cohorts_are_those_of_the_first_order() -> None:
    came_again = numbers(second_orders=3) | {"second_after.9": Decimal(1), "second_after.40": Decimal(2)}
    results = {
        Place("2026-10"): numbers(orders=12, first_orders=10),
        Place("2026-10", SECOND_ORDERS): came_again,
        NOVEMBER: numbers(orders=4, first_orders=4),
    }
    assert list_cohorts(results) == [Cohort("2026-10", 10, 3, 40), Cohort("2026-11", 4, 0, None)]
    assert list_steps(results) == []


@pytest.mark.parametrize(("days", "stands_at"), [(0, 0), (90, 90), (91, 91), (93, 91), (400, 399), (2000, 728)])
def test_days_to_the_second_order_are_kept_by_the_day_then_by_the_week(days: int, stands_at: int) -> None:
    assert f"second_after.{stands_at}" in count_second_order(START, START + timedelta(days=days, hours=5))


def test_service_by_month() -> None:
    answer = Place("2026-11", "talk-order-status", "talk_order_on_its_way", "whatsapp")
    november = numbers(orders=200, tickets=3, answered_tickets=3, solved=2, solved_at_first=1)
    november |= {"first_answer.15": Decimal(1), "first_answer.60": Decimal(1), "first_answer.later": Decimal(1)}
    [month] = list_service(
        {NOVEMBER: november, Place("2026-11", "talk-order-status"): numbers(started=14), answer: numbers(sent=14)}
    )
    assert month == Service("2026-11", 200, 14, 3, 3, 60, 2, 1)
    assert month.per_hundred == 7


def test_before_and_after() -> None:
    assert say_change("Questions", (90, 1000), (40, 1000)).endswith(
        "9.0 before, 4.0 since, of 100; fewer, 19 times of 20."
    )
    assert say_change("Questions", (90, 1000), (85, 1000)).endswith("which may be chance.")
    assert "too few to tell" in say_change("Questions", (9, 90), (8, 1000))
