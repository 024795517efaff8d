"""A customer's word on marketing in a WooCommerce store: meta data of the customer, for WooCommerce knows no consent.

https://developer.woocommerce.com/docs/apis/rest-api/v3/customers/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from okaeri.adapters.store_apis.calls import Json
from okaeri.domain.consent_copies import ConsentCopy
from okaeri.domain.values import Channel, format_time
from okaeri.errors import GiveUp


def write_consent(call: Callable[..., Any], customer_id: str, copy: ConsentCopy) -> bool:
    """Whether something had to be written. Guests are no customers there. Raises TryAgain, GiveUp."""
    if copy.target not in (Channel.EMAIL, Channel.WHATSAPP):
        raise GiveUp("not_supported", copy.target)
    if not customer_id.isdecimal():  # it becomes part of an address
        raise GiveUp("not_found")
    path = f"customers/{customer_id}"
    customer: Json = call("GET", path)
    address = str(customer.get("email") or "").lower()
    if copy.word.given and copy.target == Channel.EMAIL and copy.address not in (None, address):
        raise GiveUp("other_address")
    key = f"okaeri_{copy.target}_marketing"
    state = "subscribed" if copy.word.given else "unsubscribed"
    held = {meta.get("key"): meta.get("value") for meta in customer.get("meta_data") or []}
    if held.get(key) == state:
        return False
    meta = [{"key": key, "value": state}, {"key": f"{key}_at", "value": format_time(copy.word.at)}]
    call("PUT", path, {"meta_data": meta})
    return True
