"""Codes made in a store of each platform: once, whatever is lost on the way; used once; refused for what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from okaeri.domain.coupons import NewCoupon
from okaeri.errors import GiveUp, TryAgain
from tests.functional.store_apis.shops import Shops, make_shopify_order, make_store, make_woocommerce_order

PLATFORMS = pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
ENDS = datetime(2126, 12, 31, 15, tzinfo=UTC)


def make_coupon(**changes: Any) -> NewCoupon:
    values: dict[str, Any] = {
        "code": "KINARI-7F3K-9QWT",
        "title": "surprise-gift KINARI-7F3K-9QWT",
        "percent": Decimal("12.5"),
        "minimum": Decimal(50),
        "starts_at": datetime(2026, 11, 2, tzinfo=UTC),
        "ends_at": ENDS,
    }
    return NewCoupon(**values | changes)


def create(shops: Shops, platform: str, **changes: Any) -> None:
    shops.make_api().create_coupon(make_store(platform), make_coupon(**changes))


def list_made(shops: Shops, platform: str) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = shops.control("GET", "coupons", store=platform)
    return made


def place(shops: Shops, platform: str, order_id: int, **changes: Any) -> str:
    """An order with the code, as the checkout would take or refuse it; the refusal, empty where it is taken."""
    make = make_shopify_order if platform == "shopify" else make_woocommerce_order
    used = {"discount_codes": [{"code": "kinari-7f3k-9qwt"}], "coupon_lines": [{"code": "kinari-7f3k-9qwt"}]}
    order = make(id=order_id, **used | changes)
    answer = requests.post(f"{shops.url}/_/orders", json={"store": platform, "order": order}, timeout=10)
    return "" if answer.status_code == 200 else answer.text


@PLATFORMS
def test_a_code_is_made_as_it_was_promised(shops: Shops, platform: str) -> None:
    create(shops, platform)
    [made] = list_made(shops, platform)
    assert made["code"].upper() == "KINARI-7F3K-9QWT"
    assert (Decimal(made["percent"]), Decimal(made["minimum"])) == (Decimal("12.5"), Decimal(50))
    assert made["amount"] is None
    assert (datetime.fromisoformat(made["ends_at"]), made["uses"]) == (ENDS, 1)


@PLATFORMS
def test_a_code_may_be_worth_an_amount_and_have_no_end(shops: Shops, platform: str) -> None:
    create(shops, platform, percent=None, amount=Decimal("4.50"), minimum=None, ends_at=None, uses=10)
    [made] = list_made(shops, platform)
    assert (made["percent"], Decimal(made["amount"]), made["minimum"], made["ends_at"], made["uses"]) == (
        *(None, Decimal("4.5"), None, None),
        10,
    )


@PLATFORMS
def test_a_code_that_was_asked_for_twice_is_made_once(shops: Shops, platform: str) -> None:
    create(shops, platform)
    create(shops, platform)
    assert len(list_made(shops, platform)) == 1


@PLATFORMS
def test_a_lost_answer_leaves_a_code_that_the_next_try_finds(shops: Shops, platform: str) -> None:
    if platform == "shopify":  # the token first, so that the fault hits what makes the code
        api = shops.make_api()
        api.create_coupon(make_store(platform), make_coupon(code="OTHER", title="other"))
    else:
        api = shops.make_api()
    shops.control("POST", "faults", {"drop_response": True, "times": 1})
    with pytest.raises(TryAgain):
        api.create_coupon(make_store(platform), make_coupon())
    api.create_coupon(make_store(platform), make_coupon())
    assert [made["title"] for made in list_made(shops, platform)][-1] == "surprise-gift KINARI-7F3K-9QWT"


@PLATFORMS
def test_a_code_that_somebody_else_has_made_is_not_given_away(shops: Shops, platform: str) -> None:
    create(shops, platform, title="the shop's own")
    with pytest.raises(GiveUp) as refused:
        create(shops, platform)
    assert refused.value.code == "refused"


@PLATFORMS
def test_a_code_is_taken_by_one_order(shops: Shops, platform: str) -> None:
    create(shops, platform)
    assert place(shops, platform, 2001) == ""
    assert place(shops, platform, 2001) == ""  # told of once more
    assert "was used already" in place(shops, platform, 2002)
    [made] = list_made(shops, platform)
    assert made["used_by"] == ["2001"]


@PLATFORMS
def test_a_code_of_yesterday_and_one_for_larger_orders_are_refused_at_the_checkout(shops: Shops, platform: str) -> None:
    create(shops, platform, ends_at=datetime.now(UTC) - timedelta(hours=1))
    assert "has ended" in place(shops, platform, 2001)
    shops.open()
    create(shops, platform, minimum=Decimal(1_000_000))
    assert "is for orders from" in place(shops, platform, 2001)


def test_an_app_that_may_not_make_codes_is_told_so(shops: Shops) -> None:
    shops.open(scopes=["read_orders"])
    with pytest.raises(GiveUp) as refused:
        create(shops, "shopify")
    assert refused.value.code == "not_allowed"


def test_a_key_that_only_reads_makes_no_codes(shops: Shops) -> None:
    shops.open(permissions="read")
    with pytest.raises(GiveUp) as refused:
        create(shops, "woocommerce")
    assert refused.value.code == "not_allowed"


def test_a_bucket_that_is_empty_is_waited_for(shops: Shops) -> None:
    shops.control("POST", "configure", {"bucket_holds": 12, "bucket_per_second": 1})
    api = shops.make_api()
    with pytest.raises(TryAgain) as throttled:
        for number in range(3):
            api.create_coupon(make_store("shopify"), make_coupon(code=f"KINARI-{number}"))
    assert throttled.value.code == "throttled"
    assert throttled.value.after_s is not None and throttled.value.after_s > 0
    shops.control("POST", "configure", {"bucket_holds": 1_000, "bucket_per_second": 50})
