"""Codes made in a WooCommerce store.

https://developer.woocommerce.com/docs/apis/rest-api/v3/coupons/
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any
from urllib.parse import quote

from okaeri.adapters.store_apis.calls import Json
from okaeri.domain.coupons import NewCoupon
from okaeri.errors import GiveUp

_TAKEN = "already_exists"  # in the code of the refusal


def create_coupon(call: Callable[[str, str, Json | None], Any], coupon: NewCoupon) -> None:
    """Makes the code, unless an earlier try did. `call` takes method, path and body. Raises as `read_answer` does."""
    try:
        call("POST", "coupons", describe_coupon(coupon))
    except GiveUp as refusal:
        if refusal.code != "refused" or _TAKEN not in str(refusal):
            raise
        # The code is drawn at random: whoever has it already is an earlier try of ours, whose answer was lost.
        found = call("GET", f"coupons?code={quote(coupon.code)}", None)
        if not any(other.get("description") == coupon.title for other in found):
            raise


def describe_coupon(coupon: NewCoupon) -> Json:
    """The body. WooCommerce keeps codes in small letters and takes them in any case."""
    described: Json = {
        "code": coupon.code,
        "description": coupon.title,
        "discount_type": "percent" if coupon.percent else "fixed_cart",
        "amount": f"{coupon.percent or coupon.amount:f}",
        "usage_limit": coupon.uses,
        "usage_limit_per_user": 1,
        "individual_use": False,
    }
    if coupon.ends_at:
        described["date_expires_gmt"] = f"{coupon.ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    if coupon.minimum:
        described["minimum_amount"] = f"{coupon.minimum:f}"
    return described
