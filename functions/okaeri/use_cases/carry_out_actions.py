"""What a run asks of the world and waits for: a call of the shop's webhook, a code. Its answer comes as evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from okaeri.domain.evidence import ActionDone, Envelope
from okaeri.domain.records import ActionRequest
from okaeri.domain.stores import Store
from okaeri.domain.values import choose_lane, format_time, make_id
from okaeri.errors import GiveUp, TryAgain
from okaeri.ports import Clock, Coupons, Log, Queues, ShopWebhooks, Stores

CALL = "okaeri.call"  # the type of what the shop's webhook is told
POOL_EMPTY = "pool_empty"
# Seconds to wait after the 1st, 2nd, … failure of a shop's webhook: half an hour in all, within the queue's five tries.
_CALL_AGAIN_S = (30, 120, 480, 1140)


@dataclass(frozen=True)
class CarryOutActions:
    """Carries out one request. What it brings is told once it is known; a repetition brings the same."""

    stores: Stores
    coupons: Coupons
    webhooks: ShopWebhooks
    queues: Queues
    clock: Clock
    log: Log

    def __call__(self, request: ActionRequest, *, tries: int) -> None:
        """`tries` counts this one. Raises TryAgain to be given the request again, until the last try has failed."""
        store = self.stores.get(request.store_id)
        if store is None:
            raise GiveUp("store_unknown", "no store of this id")
        try:
            brought = self._carry_out(request, store)
        except GiveUp as refusal:
            self._tell(request, describe_failure(refusal.code), ok=False)
        except TryAgain as fault:
            if tries <= len(_CALL_AGAIN_S):
                after_s = _CALL_AGAIN_S[tries - 1] if request.kind == "call" else fault.after_s
                raise TryAgain(fault.code, after_s=after_s) from fault
            self._tell(request, describe_failure(fault.code), ok=False)
        else:
            self._tell(request, brought, ok=True)

    def _carry_out(self, request: ActionRequest, store: Store) -> Mapping[str, str]:
        if request.kind == "call":
            return self._call(request, store)
        code = self.coupons.draw(
            store.store_id,
            request.target,
            action_id=request.action_id,
            customer_id=request.customer_id,
            now=self.clock(),
        )
        if code is None:
            raise GiveUp(POOL_EMPTY)
        return {"code": code}

    def _call(self, request: ActionRequest, store: Store) -> Mapping[str, str]:
        url = store.settings.webhooks.get(request.target)
        if url is None:
            raise GiveUp("webhook_unknown")
        body = {
            "type": CALL,
            "timestamp": format_time(request.requested_at),
            "store": store.store_id,
            "journey": request.journey,
            "customer": request.customer_id,
            "refs": request.refs,
            "data": request.data,
        }
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return self.webhooks.call(store.store_id, url, text, call_id=request.action_id)

    def _tell(self, request: ActionRequest, data: Mapping[str, str], *, ok: bool) -> None:
        now = self.clock()
        if not ok:
            extra = {
                "store": request.store_id,
                "journey": request.journey,
                "kind": request.kind,
                "target": request.target,
                "action": request.action_id,
                "reason": data["reason"],
            }
            message = "coupon pool empty" if data["reason"] == POOL_EMPTY else "action failed"
            self.log.warning(message, extra=extra)  # an alarm watches for these words
        done = ActionDone(
            customer_id=request.customer_id,
            action_id=request.action_id,
            action=request.kind,
            ok=ok,
            at=now,
            data=dict(data),
        )
        envelope = Envelope(
            id=make_id("action", request.action_id),
            store_id=request.store_id,
            source="okaeri action.done",
            received_at=now,
            evidence=done,
        )
        self.queues.send_evidence([envelope], lane=choose_lane(request.purpose))


def describe_failure(code: str) -> dict[str, str]:
    """What a journey may ask of a failure: the reason, and the status where the shop answered one."""
    status = code.removeprefix("http_")
    return {"reason": code} | ({"status": status} if status != code else {})
