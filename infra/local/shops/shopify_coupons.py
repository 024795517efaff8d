"""Shopify's discount codes over one shop: made by a mutation, found by their code."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from .coupons import Coupon, fold
from .shopify_views import name_id
from .state import OneShop, State

type Json = dict[str, Any]


class ShopifyCoupons:
    """The root fields of discount codes."""

    def __init__(self, state: State, shop: OneShop) -> None:
        self.state, self.shop = state, shop

    def list_fields(self) -> dict[str, Callable[..., Json | None]]:
        return {"codeDiscountNodeByCode": self.find, "discountCodeBasicCreate": self.create}

    def find(self, code: str) -> Json | None:
        coupon = self.shop.coupons.get(fold(code))
        return self._show(coupon) if coupon else None

    def create(self, basicCodeDiscount: Json) -> Json:
        """What a store refuses: a code that is there, one without a title or buyers, one that is worth nothing."""
        asked = basicCodeDiscount
        value = (asked.get("customerGets") or {}).get("value") or {}
        percentage, amount = value.get("percentage"), (value.get("discountAmount") or {}).get("amount")
        for name in ("code", "title", "startsAt", "context"):
            if not asked.get(name):
                return self._refuse("BLANK", name, f"{name} can't be blank")
        if (percentage is None) == (amount is None) or not 0 < (percentage or 1) <= 1:
            return self._refuse("INVALID", "customerGets", "Value must be between 0.0 and 1.0")
        if fold(asked["code"]) in self.shop.coupons:
            return self._refuse("TAKEN", "code", "Code must be unique. Please try a different code.")
        minimum = ((asked.get("minimumRequirement") or {}).get("subtotal") or {}).get("greaterThanOrEqualToSubtotal")
        coupon = Coupon(
            code=asked["code"],
            title=asked["title"],
            percent=Decimal(str(percentage)) * 100 if percentage else None,
            amount=Decimal(str(amount)) if amount else None,
            minimum=Decimal(str(minimum)) if minimum else None,
            ends_at=datetime.fromisoformat(asked["endsAt"]) if asked.get("endsAt") else None,
            uses=asked.get("usageLimit"),
        )
        self.shop.coupons[fold(coupon.code)] = coupon
        return {"codeDiscountNode": self._show(coupon), "userErrors": []}

    def _show(self, coupon: Coupon) -> Json:
        ends = coupon.ends_at.isoformat() if coupon.ends_at else None
        discount = {"__typename": "DiscountCodeBasic", "title": coupon.title, "usageLimit": coupon.uses, "endsAt": ends}
        return {"id": name_id("DiscountCodeNode", self.state.next_number()), "codeDiscount": discount}

    def _refuse(self, code: str, field: str, message: str) -> Json:
        error = {"code": code, "field": ["basicCodeDiscount", field], "message": message}
        return {"codeDiscountNode": None, "userErrors": [error]}
