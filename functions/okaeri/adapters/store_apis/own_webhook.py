"""A store on a platform of its own changes its orders itself, where it listed a webhook `order_changes`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from okaeri.domain.stores import Store
from okaeri.errors import GiveUp
from okaeri.ports import ShopWebhooks

WEBHOOK = "order_changes"
CHANGE = "okaeri.order_change"  # the type of what the webhook is told
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
        url = store.settings.webhooks.get(WEBHOOK)
        if url is None:
            raise GiveUp("not_supported", f"no webhook {WEBHOOK}")
        body = {"type": CHANGE, "id": change_id, "store": store.store_id, "order": order_id, "do": do}
        text = json.dumps(body | {"data": dict(wanted)}, ensure_ascii=False, separators=(",", ":"))
        try:
            answer = dict(self._webhooks.call(store.store_id, url, text, call_id=change_id))
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
