"""A customer's word on marketing in a Shopify store: e-mail as its own consent, WhatsApp as metafields of ours.

Shopify knows no consent for WhatsApp; that for text messages is another one and is written only where the shop says so.
https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/customerEmailMarketingConsentUpdate,
…/customerSmsMarketingConsentUpdate, …/metafieldsSet
"""

from __future__ import annotations

from okaeri.adapters.store_apis.calls import Access, Deadline, Json
from okaeri.adapters.store_apis.shopify_graphql import ShopifyGraphql, name_id
from okaeri.domain.consent_copies import SMS, ConsentCopy, Word
from okaeri.domain.values import Channel, format_time
from okaeri.errors import GiveUp, TryAgain

NAMESPACE, STATE, SINCE = "okaeri", "whatsapp_marketing", "whatsapp_marketing_at"

# read_customers
READ = """
query OkaeriConsent($id: ID!) {
  customer(id: $id) {
    id
    defaultEmailAddress { emailAddress marketingState marketingOptInLevel }
    defaultPhoneNumber { phoneNumber marketingState }
    metafield(namespace: "okaeri", key: "whatsapp_marketing") { value }
  }
}"""

# write_customers
EMAIL = """
mutation OkaeriEmailConsent($input: CustomerEmailMarketingConsentUpdateInput!) {
  customerEmailMarketingConsentUpdate(input: $input) { userErrors { code field message } }
}"""
TEXT = """
mutation OkaeriSmsConsent($input: CustomerSmsMarketingConsentUpdateInput!) {
  customerSmsMarketingConsentUpdate(input: $input) { userErrors { code field message } }
}"""
METAFIELDS = """
mutation OkaeriWhatsappConsent($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) { userErrors { code field message } }
}"""


def write_consent(
    shopify: ShopifyGraphql, access: Access, customer_id: str, copy: ConsentCopy, *, deadline: Deadline
) -> bool:
    """Whether something had to be written. Raises TryAgain, or GiveUp: not_found, not_allowed, no_address, refused."""
    owner = name_id("Customer", customer_id)
    customer: Json | None = shopify.ask(access, READ, {"id": owner}, deadline=deadline)["customer"]
    if customer is None:
        raise GiveUp("not_found")
    asked: Json
    if copy.target == Channel.WHATSAPP:
        if (customer["metafield"] or {}).get("value") == _name_state(copy.word):
            return False
        field, document, asked = "metafieldsSet", METAFIELDS, {"metafields": _list_metafields(owner, copy.word)}
    elif copy.target == SMS:
        held = _require_address(customer["defaultPhoneNumber"], "phoneNumber", copy)
        if _stands_so(held, copy.word):
            return False
        field, document = "customerSmsMarketingConsentUpdate", TEXT
        asked = {"input": {"customerId": owner, "smsMarketingConsent": _describe(copy.word)}}
    else:
        held = _require_address(customer["defaultEmailAddress"], "emailAddress", copy)
        if _stands_so(held, copy.word):
            return False
        field, document = "customerEmailMarketingConsentUpdate", EMAIL
        asked = {"input": {"customerId": owner, "emailMarketingConsent": _describe(copy.word)}}
    _raise_errors(shopify.ask(access, document, asked, deadline=deadline)[field]["userErrors"])
    return True


def _require_address(held: Json | None, name: str, copy: ConsentCopy) -> Json:
    """A yes is for the address that it was given for; a no for whatever they have."""
    address = (held or {}).get(name)
    if held is None or not address:
        raise GiveUp("no_address")
    if copy.word.given and copy.address is not None and address.lower() != copy.address.lower():
        raise GiveUp("other_address")
    return held


def _stands_so(held: Json, word: Word) -> bool:
    """Whoever was never asked has taken nothing back: a no is written there too."""
    if held["marketingState"] != _name_state(word).upper():
        return False
    return not word.confirmed or held.get("marketingOptInLevel", "CONFIRMED_OPT_IN") == "CONFIRMED_OPT_IN"


def _describe(word: Word) -> Json:
    described = {"marketingState": _name_state(word).upper(), "consentUpdatedAt": format_time(word.at)}
    level = "CONFIRMED_OPT_IN" if word.confirmed else "SINGLE_OPT_IN"
    return described | ({"marketingOptInLevel": level} if word.given else {})


def _list_metafields(owner: str, word: Word) -> list[Json]:
    """`subscribed` or `unsubscribed`, for the shop's own segments and flows; and since when."""
    named = {"ownerId": owner, "namespace": NAMESPACE}
    return [
        named | {"key": STATE, "type": "single_line_text_field", "value": _name_state(word)},
        named | {"key": SINCE, "type": "date_time", "value": format_time(word.at)},
    ]


def _name_state(word: Word) -> str:
    return "subscribed" if word.given else "unsubscribed"


def _raise_errors(errors: list[Json]) -> None:
    if not errors:
        return
    code, message = str(errors[0].get("code") or ""), str(errors[0].get("message") or "")[:300]
    if code == "INTERNAL_ERROR":
        raise TryAgain("store_faulty", message)
    raise GiveUp("not_allowed" if code == "APP_NOT_AUTHORIZED" else "refused", f"{code} {message}")
