"""Codes made in a Shopify store: a basic discount for everybody who has the code.

https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/discountCodeBasicCreate
"""

from __future__ import annotations

from okaeri.adapters.store_apis.calls import Access, Deadline, Json
from okaeri.adapters.store_apis.shopify_graphql import ShopifyGraphql
from okaeri.domain.coupons import NewCoupon
from okaeri.domain.values import format_time
from okaeri.errors import GiveUp, TryAgain

# write_discounts
CREATE = """
mutation OkaeriCoupon($coupon: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $coupon) {
    codeDiscountNode { id }
    userErrors { code field message }
  }
}"""

# read_discounts
FIND = """
query OkaeriCouponByCode($code: String!) {
  codeDiscountNodeByCode(code: $code) {
    id
    codeDiscount { ... on DiscountCodeBasic { title } }
  }
}"""


def create_coupon(shopify: ShopifyGraphql, access: Access, coupon: NewCoupon, *, deadline: Deadline) -> None:
    """Makes the code, unless an earlier try did. Raises TryAgain, or GiveUp: not_allowed, refused, as `ask` does."""
    asked = {"coupon": describe_coupon(coupon)}
    errors = shopify.ask(access, CREATE, asked, deadline=deadline)["discountCodeBasicCreate"]["userErrors"]
    if not errors:
        return
    code, message = str(errors[0].get("code") or ""), str(errors[0].get("message") or "")[:300]
    if code == "INTERNAL_ERROR":
        raise TryAgain("store_faulty", message)
    # The code is drawn at random: whoever has it already is an earlier try of ours, whose answer was lost.
    found = shopify.ask(access, FIND, {"code": coupon.code}, deadline=deadline)["codeDiscountNodeByCode"]
    if found is None or found["codeDiscount"].get("title") != coupon.title:
        raise GiveUp("refused", f"{code} {message}")


def describe_coupon(coupon: NewCoupon) -> Json:
    """The input. Shopify takes a share of one for percent, and amounts in the shop's currency."""
    if coupon.percent:
        value: Json = {"percentage": float(coupon.percent / 100)}
    else:
        value = {"discountAmount": {"amount": f"{coupon.amount:f}", "appliesOnEachItem": False}}
    described: Json = {
        "title": coupon.title,
        "code": coupon.code,
        "startsAt": format_time(coupon.starts_at),
        "endsAt": format_time(coupon.ends_at) if coupon.ends_at else None,
        "usageLimit": coupon.uses,
        "appliesOncePerCustomer": True,
        "context": {"all": "ALL"},
        "customerGets": {"value": value, "items": {"all": True}},
    }
    if coupon.minimum:
        described["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": f"{coupon.minimum:f}"}}
    return described
