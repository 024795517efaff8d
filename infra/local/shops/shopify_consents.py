"""Shopify's consents of customers over one shop: what it refuses, what it keeps, and the webhooks that follow."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .shopify_views import ShopifyViews, read_number
from .state import OneShop, State

type Json = dict[str, Any]

TAKEN = ("SUBSCRIBED", "UNSUBSCRIBED", "PENDING")  # the other states are Shopify's own
MOST_METAFIELDS = 25
TYPES = ("single_line_text_field", "date_time", "json", "boolean")


class ShopifyConsents:
    """The root fields of one customer and their consents."""

    def __init__(self, state: State, shop: OneShop, views: ShopifyViews) -> None:
        self.state, self.shop, self.views = state, shop, views

    def list_fields(self) -> dict[str, Callable[..., Json | None]]:
        return {
            "customer": lambda id: self.views.show_customer(id),
            "customerEmailMarketingConsentUpdate": self.update_email,
            "customerSmsMarketingConsentUpdate": self.update_sms,
            "metafieldsSet": self.set_metafields,
        }

    def update_email(self, input: Json) -> Json:
        topic = "customers_email_marketing_consent/update"
        return self._update(input["customerId"], input["emailMarketingConsent"], "email", "an email address", topic)

    def update_sms(self, input: Json) -> Json:
        topic = "customers_marketing_consent/update"
        return self._update(input["customerId"], input["smsMarketingConsent"], "sms", "a phone number", topic)

    def _update(self, owner: str, asked: Json, kind: str, address: str, topic: str) -> Json:
        customer, name = self.shop.customers.get(read_number(owner)), f"{kind}MarketingConsent"
        if customer is None:
            return refuse("INVALID", ["input", "customerId"], "Customer not found")
        if not customer.get("email" if kind == "email" else "phone"):
            return refuse("INVALID", ["input", "customerId"], f"The customer must have {address}.")
        state, level = asked["marketingState"], asked.get("marketingOptInLevel")
        if state not in TAKEN:
            return refuse("INVALID", ["input", name, "marketingState"], f"Cannot specify {state} as a marketing state.")
        if state == "PENDING" and level != "CONFIRMED_OPT_IN":
            wrong = "Marketing opt in level must be confirmed opt-in for pending consent state"
            return refuse("INVALID", ["input", name, "marketingOptInLevel"], wrong)
        now = datetime.now(UTC)
        given = datetime.fromisoformat(asked["consentUpdatedAt"]) if asked.get("consentUpdatedAt") else now
        if given > now:
            return refuse("INVALID", ["input", name, "consentUpdatedAt"], "Consent updated at must be in the past.")
        consent = {
            "state": state.lower(),
            "opt_in_level": (level or "UNKNOWN").lower(),
            "consent_updated_at": given.isoformat(timespec="seconds"),
        }
        customer |= {f"{kind}_marketing_consent": consent, "updated_at": now.isoformat(timespec="seconds")}
        told: Json = {"customer_id": customer["id"], "email_address": customer.get("email")}
        if kind == "sms":
            told = {"id": customer["id"], "phone": customer["phone"]}
        self.state.tell(self.shop, topic, told | {f"{kind}_marketing_consent": dict(consent)})
        self._tell_of(customer)
        return {"customer": self.views.show_customer(owner), "userErrors": []}

    def set_metafields(self, metafields: list[Json]) -> Json:
        """All of them or none."""
        if len(metafields) > MOST_METAFIELDS:
            return refuse("LESS_THAN_OR_EQUAL_TO", ["metafields"], f"Exceeded the maximum of {MOST_METAFIELDS}.")
        for number, field in enumerate(metafields):
            at = ["metafields", str(number)]
            if read_number(field["ownerId"]) not in self.shop.customers:
                return refuse("INVALID_VALUE", [*at, "ownerId"], "Owner does not exist.")
            if not field["value"]:
                return refuse("BLANK", [*at, "value"], "Value can't be blank.")
            if field.get("type") not in TYPES:
                return refuse("INVALID_TYPE", [*at, "type"], "Type can't be blank or is unknown.")
        for field in metafields:
            customer = self.shop.customers[read_number(field["ownerId"])]
            named = {name: field[name] for name in ("namespace", "key", "value")}
            others = [
                held
                for held in customer.get("metafields") or []
                if (held["namespace"], held["key"]) != (named["namespace"], named["key"])
            ]
            customer["metafields"] = [*others, named]
        for owner in dict.fromkeys(field["ownerId"] for field in metafields):
            self._tell_of(self.shop.customers[read_number(owner)])
        return {"metafields": list(metafields), "userErrors": []}

    def _tell_of(self, customer: Json) -> None:
        """Webhooks of customers speak neither of consents nor of metafields."""
        split = {"email_marketing_consent", "sms_marketing_consent", "metafields"}
        self.state.tell(self.shop, "customers/update", {name: customer[name] for name in customer.keys() - split})


def refuse(code: str, field: list[str], message: str) -> Json:
    return {"customer": None, "metafields": None, "userErrors": [{"code": code, "field": field, "message": message}]}
