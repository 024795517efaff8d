"""Returns in Shopify: which are under way, and what can still be given back. Pure.

https://shopify.dev/docs/apps/build/orders-fulfillment/returns-apps
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from okaeri.adapters.store_apis.calls import Json
from okaeri.adapters.store_apis.shopify_graphql import read_number

# Our names of reasons, as the return journey asks for them, and Shopify's. What shoppers write themselves is a note.
_REASONS = {
    "changed_mind": "UNWANTED",
    "damaged": "DEFECTIVE",
    "not_as_expected": "NOT_AS_DESCRIBED",
    "too_big": "SIZE_TOO_LARGE",
    "too_late": "OTHER",
    "too_small": "SIZE_TOO_SMALL",
    "wrong_item": "WRONG_ITEM",
}
_ACTIVE = ("REQUESTED", "OPEN")
_MOST_NOTE = 300  # characters


def find_active_return(order: Json, line: str | None) -> dict[str, str] | None:
    """The return that is under way, of that line or of any."""
    for known in order["returns"]["nodes"]:
        if known["status"] in _ACTIVE and (line is None or line in _list_lines(known)):
            return describe_return(known)
    return None


def list_return_items(data: Json, line: str | None, wanted: Mapping[str, str]) -> list[Json]:
    """The input of `returnRequest`: what was delivered and not given back yet, of that line or all of it."""
    reason = wanted.get("reason", "")
    note = wanted.get("note") or ("" if reason in _REASONS else reason)
    common = {"returnReason": _REASONS.get(reason, "OTHER"), "customerNote": note[:_MOST_NOTE]}
    return [item | common for number, item in _list_returnable(data) if line in (None, number)]


def describe_return(found: Json) -> dict[str, str]:
    """Its name as the shop knows it (`#1001-R1`), and how far it is."""
    return {"return_id": str(found["name"]), "status": str(found["status"]).lower()}


def _list_returnable(data: Json) -> Iterator[tuple[str, Json]]:
    """The order's line, and what of its delivery can be returned."""
    for fulfillment in data["returnableFulfillments"]["nodes"]:
        for found in fulfillment["returnableFulfillmentLineItems"]["nodes"]:
            delivered = found["fulfillmentLineItem"]
            item = {"fulfillmentLineItemId": delivered["id"], "quantity": found["quantity"]}
            yield read_number(delivered["lineItem"]["id"]), item


def _list_lines(known: Json) -> set[str]:
    lines = ((found.get("fulfillmentLineItem") or {}).get("lineItem") for found in known["returnLineItems"]["nodes"])
    return {read_number(line["id"]) for line in lines if line}
