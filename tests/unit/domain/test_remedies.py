"""Who may give what, and what a refusal tells."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from okaeri.domain.remedies import Refused, Remedy, RemedyKind, check_remedy, find_left, list_allowed, name_remedies
from okaeri.domain.stores import Role

ROLES = {
    "agent": Role(refund=Decimal(20), credit=Decimal(30), replacement=True),
    "lead": Role(refund=Decimal(200), credit=Decimal(100), replacement=True),
    "guest": Role(),
}


def make_refund(amount: str) -> Remedy:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    return Remedy(remedy_id=amount, kind=RemedyKind.REFUND, amount=amount, currency="EUR", by="mia", at=at)


def check(kind: RemedyKind, amount: str | None, role: str = "agent", *given: str, worth: str = "500") -> Refused | None:
    return check_remedy(
        kind,
        None if amount is None else Decimal(amount),
        role=role,
        roles=ROLES,
        before=[make_refund(one) for one in given],
        worth=Decimal(worth),
    )


def test_within_the_limit_it_is_given() -> None:
    assert check(RemedyKind.REFUND, "20") is None
    assert check(RemedyKind.CREDIT, "30") is None
    assert check(RemedyKind.REPLACEMENT, None) is None


def test_over_the_limit_the_refusal_names_who_may() -> None:
    assert check(RemedyKind.REFUND, "20.01") == Refused("over_limit", Decimal(20), Decimal(0), ("lead",))
    refused = check(RemedyKind.REFUND, "300", "lead")
    assert refused is not None and refused.who_may == ()
    refused = check(RemedyKind.REPLACEMENT, None, "guest")
    assert refused is not None and refused.who_may == ("agent", "lead")


def test_two_refunds_of_a_ticket_count_together() -> None:
    assert check(RemedyKind.REFUND, "5", "agent", "15") is None
    assert check(RemedyKind.REFUND, "5.01", "agent", "15") == Refused("over_limit", Decimal(20), Decimal(15), ("lead",))
    assert check(RemedyKind.CREDIT, "30", "agent", "15") is None


def test_no_more_is_refunded_than_was_paid() -> None:
    assert check(RemedyKind.REFUND, "12", "lead", "30", worth="40") == Refused(
        "more_than_paid", Decimal(10), Decimal(30)
    )


@pytest.mark.parametrize(
    ("kind", "amount", "code"),
    [
        (RemedyKind.REFUND, None, "amount_missing"),
        (RemedyKind.CREDIT, "0", "amount_not_positive"),
        (RemedyKind.REFUND, "-5", "amount_not_positive"),
        (RemedyKind.REPLACEMENT, "5", "amount_unexpected"),
    ],
)
def test_an_amount_makes_sense(kind: RemedyKind, amount: str | None, code: str) -> None:
    refused = check(kind, amount, "lead")
    assert refused is not None and refused.code == code


def test_a_role_that_the_shop_does_not_know_gives_nothing() -> None:
    refused = check(RemedyKind.CREDIT, "1", "stranger")
    assert refused is not None and refused.who_may == ("agent", "lead")
    assert list_allowed(None) == () == list_allowed(ROLES["guest"])


def test_what_is_left_is_what_was_not_given() -> None:
    assert list_allowed(ROLES["agent"]) == (RemedyKind.REPLACEMENT, RemedyKind.REFUND, RemedyKind.CREDIT)
    assert find_left(RemedyKind.REFUND, ROLES["agent"], [make_refund("15")]) == 5
    assert find_left(RemedyKind.REPLACEMENT, ROLES["agent"], []) is None


def test_remedies_are_named_as_people_say_them() -> None:
    assert name_remedies([make_refund("20.00"), make_refund("5.00")]) == "refund 20.00 EUR, refund 5.00 EUR"
