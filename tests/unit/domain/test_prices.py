"""What a message costs, from what day on, and what is free."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from okaeri.adapters.prices import load_shipped
from okaeri.domain.messages import Charge, MessageCost, MessageState, settle_cost
from okaeri.domain.prices import (
    FreeRule,
    PriceList,
    Rate,
    add_up,
    estimate_cost,
    estimate_email_cost,
    find_charge,
    find_market,
    price_again,
    read_charge,
)
from okaeri.domain.values import Channel
from tests.unit.domain.test_delivery import make_message

BRAZIL, COLOMBIA, JAPAN = "+5511987654321", "+573001234567", "+819012345678"
SUMMER, SEPTEMBER = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 9, 30, 23, 59, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)


def estimate(recipient: str = BRAZIL, category: str = "UTILITY", at: datetime = OCTOBER, **how: Any) -> MessageCost:
    return estimate_cost(load_shipped(), recipient, category, at=at, **how)


@pytest.mark.parametrize(
    ("recipient", "market"),
    [(BRAZIL, "BR"), (COLOMBIA, "CO"), (JAPAN, "JP"), ("+77012345678", "KZ"), ("+79012345678", "RU"),
     ("BR.13491208655302741918", "BR"), ("XX.1349", ""), ("+999123", ""), ("", "")],
)  # fmt: skip
def test_the_market_is_that_of_the_calling_code_or_of_the_user_id(recipient: str, market: str) -> None:
    assert find_market(load_shipped(), recipient) == market


def test_a_rate_counts_from_its_day_on() -> None:
    assert [estimate(at=at).amount for at in (datetime(2025, 12, 31, tzinfo=UTC), SUMMER, OCTOBER)] == [
        None,
        "0.0085",
        "0.0034",
    ]


def test_what_the_list_does_not_know_is_unknown_and_never_a_guess() -> None:
    unknown = estimate(JAPAN)
    assert (unknown.amount, unknown.market, unknown.category, unknown.settled) == (None, "JP", "utility", False)


def test_no_figure_that_we_ship_was_compared_with_metas_own_list() -> None:
    shipped = load_shipped()
    assert shipped.rates
    assert not any(rate.verified for rate in shipped.rates)
    assert all(rate.source for rate in shipped.rates)


@pytest.mark.parametrize(
    ("at", "category", "how", "kind", "amount"),
    [
        # Until September an answer, and a utility template inside the 24 hours, cost nothing; since October they do.
        (SEPTEMBER, "service", {"in_window": True}, "free_customer_service", "0"),
        (SEPTEMBER, "utility", {"in_window": True}, "free_customer_service", "0"),
        (SEPTEMBER, "utility", {}, "regular", "0.0034"),
        (SEPTEMBER, "marketing", {"in_window": True}, "regular", "0.025"),
        (OCTOBER, "service", {"in_window": True}, "regular", "0.0034"),
        (OCTOBER, "utility", {"in_window": True}, "regular", "0.0034"),
        # The three days after an advertisement stay free, whatever is said.
        (OCTOBER, "marketing", {"in_free_entry_point": True}, "free_entry_point", "0"),
        (OCTOBER, "service", {"in_window": True, "in_free_entry_point": True}, "free_entry_point", "0"),
    ],
)
def test_what_is_free_depends_on_the_day(
    at: datetime, category: str, how: dict[str, Any], kind: str, amount: str
) -> None:
    cost = estimate(category=category, at=at, **how)
    assert (cost.type, cost.amount) == (kind, amount)


def test_an_answer_is_priced_as_a_utility_message_where_it_has_no_rate_of_its_own() -> None:
    assert estimate(COLOMBIA, "service").amount == "0.0008"


def test_aws_asks_its_fee_beside_metas_rate_and_where_meta_asks_nothing() -> None:
    assert estimate(by_aws=True).amount == "0.0084"
    free = estimate(by_aws=True, in_free_entry_point=True)
    assert free.amount == "0.005"
    assert settle_cost(free, Charge("free_entry_point", "referral_conversion", billable=False)).amount == "0.005"


def test_a_thousand_e_mails_cost_ten_cents() -> None:
    cost = estimate_email_cost(load_shipped(), at=OCTOBER)
    assert (Decimal(cost.amount or 0) * 1000, cost.currency) == (Decimal("0.1"), "USD")


@pytest.mark.parametrize(
    ("pricing", "charge"),
    [
        ({}, None),
        (
            {"billable": "True", "pricing_model": "PMP", "type": "regular", "category": "utility"},
            Charge("regular", "utility", billable=True),
        ),
        ({"billable": "False", "category": "utility"}, Charge("", "utility", billable=False)),
        (
            {"type": "free_entry_point", "category": "referral_conversion"},  # without the deprecated `billable`
            Charge("free_entry_point", "referral_conversion", billable=False),
        ),
        (
            {"type": "regular", "category": "authentication-international"},
            Charge("regular", "authentication_international", billable=True),
        ),
    ],
)
def test_metas_word_on_the_price_is_read(pricing: dict[str, str], charge: Charge | None) -> None:
    assert read_charge(pricing) == charge


@pytest.mark.parametrize(
    ("how", "charge", "amount"),
    [
        ({}, Charge("regular", "utility", billable=True), "0.0034"),
        ({}, Charge("free_customer_service", "utility", billable=False), "0"),
        # Thought free, and billed all the same.
        ({"in_free_entry_point": True}, Charge("regular", "utility", billable=True), "0.0034"),
        # Billed as something else than we sent: what that costs is not in the estimate.
        ({}, Charge("regular", "marketing", billable=True), None),
    ],
)
def test_metas_word_settles_the_estimate(how: dict[str, Any], charge: Charge, amount: str | None) -> None:
    settled = settle_cost(estimate(**how), charge)
    assert (settled.amount, settled.category, settled.type, settled.settled) == (
        amount,
        charge.category,
        charge.type,
        True,
    )


def test_a_message_that_meta_filed_anew_is_priced_by_the_list() -> None:
    settled = settle_cost(estimate(), Charge("regular", "marketing", billable=True))
    assert price_again(load_shipped(), settled, OCTOBER).amount == "0.025"
    elsewhere = settle_cost(estimate(JAPAN), Charge("regular", "marketing", billable=True))
    assert price_again(load_shipped(), elsewhere, OCTOBER).amount is None


@pytest.mark.parametrize(
    ("change", "is_charged"),
    [
        ({"state": MessageState.QUEUED}, False),
        ({"state": MessageState.PARKED}, False),
        ({"state": MessageState.SUPPRESSED}, False),
        ({"state": MessageState.FAILED, "provider_id": "wamid.1"}, False),  # WhatsApp bills what was delivered
        ({"state": MessageState.FAILED, "provider_id": "ses.1", "channel": Channel.EMAIL}, True),  # SES what it took
        ({"state": MessageState.FAILED, "channel": Channel.EMAIL}, False),
        ({"state": MessageState.ACCEPTED}, True),
        ({"state": MessageState.READ}, True),
    ],
)
def test_only_what_went_out_is_charged(change: dict[str, Any], is_charged: bool) -> None:
    message = make_message(**{"cost": estimate(), **change})
    assert (find_charge(message) is not None) is is_charged


def test_a_sum_says_how_much_of_it_is_unknown() -> None:
    sums, unknown = add_up([estimate(), estimate(category="marketing"), estimate(JAPAN)])
    assert (sums, unknown) == ({"USD": Decimal("0.0284")}, 1)


def test_a_longer_calling_code_wins() -> None:
    prices = PriceList(
        markets={"1": "North America", "1787": "Rest of Latin America"},
        rates=(Rate(market="Rest of Latin America", category="utility", amount="0.01", since=date(2026, 1, 1)),),
        rules=(FreeRule(since=date(2025, 7, 1)),),
    )
    assert find_market(prices, "+17875550100") == "Rest of Latin America"
    assert find_market(prices, "+12125550100") == "North America"
