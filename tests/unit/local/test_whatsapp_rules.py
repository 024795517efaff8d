"""Meta's rules on when a business may write, as the stand-in enforces them."""

from __future__ import annotations

from datetime import datetime

import pytest

from local.whatsapp import rules
from local.whatsapp.errors import GraphError

HOUR, DAY = 3600, 86_400
NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("given", "written"),
    [("+81 90-1234-5678", "+819012345678"), ("(090) 1234 5678", "+8109012345678"), ("819012345678", "+81819012345678")],
)
def test_a_number_without_plus_gets_the_business_own_country_code(given: str, written: str) -> None:
    assert rules.read_phone(given, "+81312345678") == written


@pytest.mark.parametrize("given", ["", "misaki", "+81 90x", "12"])
def test_what_is_no_number_is_refused(given: str) -> None:
    with pytest.raises(GraphError) as refused:
        rules.read_phone(given, "+81312345678")
    assert refused.value.code == 131009


def test_the_window_closes_24_hours_after_the_last_message_and_never_opens_by_itself() -> None:
    rules.check_service_window(NOW - DAY + 1, NOW)
    for last in (None, NOW - DAY):
        with pytest.raises(GraphError) as refused:
            rules.check_service_window(last, NOW)
        assert refused.value.code == 131047


def test_an_answer_within_a_day_of_an_advertisement_opens_72_free_hours() -> None:
    assert rules.find_free_entry_end(NOW - HOUR, None, NOW) == NOW + 72 * HOUR
    assert rules.find_free_entry_end(NOW - 2 * DAY, None, NOW) is None
    assert rules.find_free_entry_end(NOW - 2 * DAY, NOW + HOUR, NOW) == NOW + HOUR


def test_45_messages_may_be_borrowed_from_the_future_of_a_person() -> None:
    free_at = 0.0
    for _ in range(45):
        free_at = rules.count_pair(free_at, NOW)
    with pytest.raises(GraphError) as refused:
        rules.count_pair(free_at, NOW)
    assert refused.value.code == 131056
    assert rules.count_pair(free_at, NOW + 6) == free_at + 6


def test_a_number_sends_so_many_in_any_second() -> None:
    sent_at = [NOW - 0.9 + i * 0.01 for i in range(80)]
    rules.check_number_rate(sent_at[:79], NOW, 80)
    with pytest.raises(GraphError) as refused:
        rules.check_number_rate(sent_at, NOW, 80)
    assert refused.value.code == 130429
    rules.check_number_rate(sent_at, NOW + 0.2, 80)


@pytest.mark.parametrize(
    ("phone", "stopped", "sent", "code"),
    [
        ("+12125550188", False, 0, 131049),  # New York
        ("+14165550188", False, 0, None),  # Toronto has the same country code
        ("+5511987654321", False, 2, None),
        ("+5511987654321", False, 3, 131049),
        ("+819012345678", False, 30, None),  # no cap in Japan
        ("+819012345678", True, 0, 131050),
        (None, False, 3, 131049),
    ],
)
def test_marketing_is_stopped_capped_or_not_delivered(
    phone: str | None, stopped: bool, sent: int, code: int | None
) -> None:
    earlier = [NOW - DAY - 1] * 5 + [NOW - HOUR] * sent
    if code is None:
        rules.check_marketing(phone, stopped, earlier, NOW, per_day=3)
    else:
        with pytest.raises(GraphError) as refused:
            rules.check_marketing(phone, stopped, earlier, NOW, per_day=3)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("category", "in_window", "day", "kind"),
    [
        ("service", True, "2026-09-30", "free_customer_service"),
        ("utility", True, "2026-09-30", "free_customer_service"),
        ("utility", False, "2026-09-30", "regular"),
        ("marketing", True, "2026-09-30", "regular"),
        ("service", True, "2026-10-01", "regular"),
        ("utility", True, "2026-10-01", "regular"),
    ],
)
def test_what_is_free_inside_the_window_changed_in_october(category: str, in_window: bool, day: str, kind: str) -> None:
    now = datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()
    priced = rules.price(category, False, in_window=in_window, now=now)
    assert (priced["type"], priced["billable"]) == (kind, kind == "regular")


@pytest.mark.parametrize(
    ("phone", "wa_id"),
    [("+5511987654321", "551187654321"), ("+551134567890", "551134567890"), ("+525512345678", "5215512345678"),
     ("+5491123456789", "5491123456789"), ("+819012345678", "819012345678")],
)  # fmt: skip
def test_whatsapp_calls_brazilian_and_mexican_numbers_otherwise(phone: str, wa_id: str) -> None:
    assert rules.write_wa_id(phone) == wa_id


def test_a_portfolio_writes_first_to_so_many_people_a_day() -> None:
    opened_at = {"JP.1": NOW - HOUR, "JP.2": NOW - DAY - 1}
    rules.check_portfolio(opened_at, "JP.1", NOW, 1)  # the same person again
    rules.check_portfolio(opened_at, "JP.3", NOW, 2)
    rules.check_portfolio(opened_at, "JP.3", NOW, None)
    with pytest.raises(GraphError) as refused:
        rules.check_portfolio(opened_at, "JP.3", NOW, 1)
    assert refused.value.code == 131048


def test_nothing_is_billed_in_a_free_entry_point() -> None:
    assert rules.price("marketing", True, in_window=False, now=NOW) == {
        "billable": False,
        "pricing_model": "PMP",
        "type": "free_entry_point",
        "category": "referral_conversion",
    }
