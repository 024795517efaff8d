"""A store on a platform of its own changes its orders and makes codes itself, where it listed webhooks for that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from okaeri.domain.consent_copies import ConsentCopy
from okaeri.domain.coupons import NewCoupon
from okaeri.domain.stores import Store
from okaeri.domain.values import format_time, make_id
from okaeri.errors import GiveUp

if TYPE_CHECKING:
    from okaeri.ports import ShopWebhooks

WEBHOOK = "order_changes"
CHANGE = "okaeri.order_change"  # the type of what the webhook is told
COUPONS, COUPON = "coupons", "okaeri.coupon"
CONSENTS, CONSENT = "consent_changes", "okaeri.consent_change"
REASONS = frozenset(
    {"not_supported", "too_late", "not_found", "not_allowed", "invalid_address", "out_of_stock", "refused"}
)


class OwnWebhook:
    """Implements `ports.StoreApi` by one signed call, whose answer is `{"result": "done"}` or `"refused"`."""

    def __init__(self, webhooks: ShopWebhooks) -> None:
        self._webhooks = webhooks

    def change_order(
        self, store: Store, order_id: str, *, do: str, wanted: Mapping[str, str], change_id: str
    ) -> Mapping[str, str]:
        """What else the answer holds is what the change brought; a `reason` that we do not know is `refused`."""
        body = {"type": CHANGE, "id": change_id, "store": store.store_id, "order": order_id, "do": do}
        return self._call(store, WEBHOOK, body | {"data": dict(wanted)}, change_id)

    def create_coupon(self, store: Store, coupon: NewCoupon) -> None:
        """`data` is the code, `percent` or `amount`, `minimum`, `uses`, `starts_at` and `ends_at`, as far as given."""
        data = coupon.model_dump(mode="json", exclude_none=True)
        self._call(
            store, COUPONS, {"type": COUPON, "id": coupon.code, "store": store.store_id, "data": data}, coupon.code
        )

    def write_consent(self, store: Store, customer_id: str, copy: ConsentCopy) -> bool:
        """`data` is `channel`, `given`, `confirmed`, `at`, `source` and `address`, as far as known."""
        word = copy.word
        data = {
            "channel": copy.target,
            "given": word.given,
            "confirmed": word.confirmed,
            "at": format_time(word.at),
            "source": word.source,
            "address": copy.address,
        }
        call_id = make_id("consent", store.store_id, customer_id, copy.target, format_time(word.at), word.given)
        body = {"type": CONSENT, "id": call_id, "store": store.store_id, "customer": customer_id}
        self._call(store, CONSENTS, body | {"data": data}, call_id)
        return True

    def _call(self, store: Store, webhook: str, body: dict[str, object], call_id: str) -> Mapping[str, str]:
        url = store.settings.webhooks.get(webhook)
        if url is None:
            raise GiveUp("not_supported", f"no webhook {webhook}")
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        try:
            answer = dict(self._webhooks.call(store.store_id, url, text, call_id=call_id))
        except GiveUp as refusal:
            if refusal.code == "secret_missing":
                raise GiveUp("api_not_set_up", "no secret to sign with") from refusal
            raise
        result, reason = answer.pop("result", ""), answer.pop("reason", "")
        match result:
            case "done":
                return answer
            case "refused":
                raise GiveUp(reason if reason in REASONS else "refused", reason)
        raise GiveUp("store_misunderstood", "neither done nor refused")
