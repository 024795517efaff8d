"""Lists of a WooCommerce store, by its REST API, whose objects its webhooks carry too.

https://developer.woocommerce.com/docs/apis/rest-api/, `X-WP-Total` and `X-WP-TotalPages` say how many there are.
"""

from __future__ import annotations

from typing import Any

from okaeri.adapters.store_apis.calls import NOT_SET_UP, Access, Answer, Deadline, Json, StoreCalls
from okaeri.adapters.store_apis.lists import Kind, Page
from okaeri.adapters.store_apis.woocommerce_rest import read_answer
from okaeri.domain.stores import Store
from okaeri.errors import GiveUp

_PAGE = 50
_MOST_VARIATIONS = 100  # of one call
# By id, so that what is added meanwhile comes last. Without a role only customers in the narrow sense are listed.
_ORDER_BY = "per_page={size}&page={page}&orderby=id&order=asc"
_MORE = {"products": "", "customers": "&role=all", "orders": ""}


class WoocommerceLists:
    """Implements `StoreList` for WooCommerce."""

    def __init__(self, calls: StoreCalls) -> None:
        self._calls = calls

    def read_page(self, store: Store, kind: Kind, after: str) -> Page:
        """As the protocol says; `after` is the number of the page to read."""
        access, number = self._calls.read_access(store), int(after or 1)
        path = f"{kind}?{_ORDER_BY.format(size=_PAGE, page=number)}{_MORE[kind]}"
        answer = self._call(access, path, self._calls.begin())
        items: list[Json] = read_answer(answer)
        if kind == "products":
            for product in items:
                self._add_variations(access, product)
        last = _read_count(answer, "X-WP-TotalPages")
        is_last = number >= last if last is not None else len(items) < _PAGE
        return Page(
            tuple(items),
            after="" if is_last else str(number + 1),
            total=_read_count(answer, "X-WP-Total"),
        )

    def _add_variations(self, access: Access, product: Json) -> None:
        """`variations` holds the variations themselves, where WooCommerce lists their ids."""
        wanted = len(product.get("variations") or [])
        found: list[Json] = []
        product["variations"] = found
        page = 1
        while wanted > len(found):
            asked = _ORDER_BY.format(size=_MOST_VARIATIONS, page=page)
            # Each call has its time: a shop of large products would not answer all of a page's within one.
            answer = self._call(access, f"products/{int(product['id'])}/variations?{asked}", self._calls.begin())
            more: list[Json] = read_answer(answer)
            found += [{"parent_id": product["id"], "name": _name_variation(one)} | one for one in more]
            if len(more) < _MOST_VARIATIONS:
                return
            page += 1

    def _call(self, access: Access, path: str, deadline: Deadline) -> Answer:
        secret = access.secret
        if not (secret.get("key") and secret.get("secret")):
            raise GiveUp(NOT_SET_UP, "no consumer key and secret")
        basic = (secret["key"], secret["secret"])
        return self._calls.call("GET", f"{access.url}/wp-json/wc/v3/{path}", basic=basic, deadline=deadline)


def _name_variation(variation: Json) -> str:
    """`M, Natural`, where an older WooCommerce gives it no name."""
    return ", ".join(str(part.get("option") or "") for part in variation.get("attributes") or [])


def _read_count(answer: Answer, header: str) -> int | None:
    text: Any = answer.headers.get(header)
    return int(text) if text and str(text).isdecimal() else None
