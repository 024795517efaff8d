"""What a run asks of the world and waits for: a call of the shop's webhook, a code, a change of an order.

And what nobody waits for: a consent that the store is told. What came of it is evidence in any case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from okaeri.domain.evidence import ActionDone, Envelope
from okaeri.domain.records import ActionRequest
from okaeri.domain.stores import Store
from okaeri.domain.values import choose_lane, format_time, make_id
from okaeri.errors import GiveUp, TryAgain
from okaeri.use_cases.give_code import POOL_EMPTY, GiveCode
from okaeri.use_cases.keep_media import KeepMedia
from okaeri.use_cases.write_consent import EXPECTED, WriteConsent

if TYPE_CHECKING:
    from okaeri.ports import Clock, Log, Queues, ShopWebhooks, StoreApi, Stores

CALL = "okaeri.call"  # the type of what the shop's webhook is told
# Seconds to wait after the 1st, 2nd, … failure of a shop's webhook: half an hour in all, within the queue's five tries.
_CALL_AGAIN_S = (30, 120, 480, 1140)
_CODE_AGAIN_S = (3, 20, 90, 400)  # of a code, for which somebody may wait in a chat
# Of a change of an order: a shopper waits for it in a chat, and a person takes over where the store stays silent.
_CHANGE_AGAIN_S = (2, 6)
_LONGEST_WAIT_S = 10  # that a store may ask for
STORE_BUSY = "store_busy"
# What the shop or its store decided. All else is a fault, and a person should know of it.
REFUSALS = frozenset(
    {
        "api_not_set_up",
        "invalid_address",
        "not_allowed",
        "not_found",
        "not_offered",
        "not_supported",
        "out_of_stock",
        "refused",
        "too_late",
    }
)


@dataclass(frozen=True)
class CarryOutActions:
    """Carries out one request. What it brings is told once it is known; a repetition brings the same."""

    stores: Stores
    webhooks: ShopWebhooks
    store_api: StoreApi
    queues: Queues
    clock: Clock
    log: Log
    keep_media: KeepMedia
    give_code: GiveCode
    write_consent: WriteConsent

    def __call__(self, request: ActionRequest, *, tries: int) -> None:
        """`tries` counts this one. Raises TryAgain to be given the request again, until the last try has failed."""
        store = self.stores.get(request.store_id)
        if store is None:
            raise GiveUp("store_unknown", "no store of this id")
        if request.kind == "media":
            self.keep_media(request, store, is_last=tries > len(_CALL_AGAIN_S))
            return
        try:
            brought = self._carry_out(request, store)
        except GiveUp as refusal:
            self._fail(request, store, refusal.code)
        except TryAgain as fault:
            after_s = find_wait_s(request.kind, tries, fault)
            if after_s is not None:
                raise TryAgain(fault.code, after_s=after_s) from fault
            self._fail(request, store, STORE_BUSY if request.kind == "change" else fault.code)
        else:
            self._tell(request, brought, ok=True)

    def _fail(self, request: ActionRequest, store: Store, code: str) -> None:
        if request.kind == "coupon":
            self.give_code.let_go(request, store)
        self._tell(request, describe_failure(code), ok=False)

    def _carry_out(self, request: ActionRequest, store: Store) -> Mapping[str, str]:
        if request.kind == "call":
            return self._call(request, store)
        if request.kind == "change":
            return self._change_order(request, store)
        if request.kind == "consent":
            return self.write_consent(request, store)
        return self.give_code(request, store)

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

    def _change_order(self, request: ActionRequest, store: Store) -> Mapping[str, str]:
        """`target` is what to do (`ports.StoreApi`), `data` what is wanted."""
        if request.target not in store.settings.self_service:
            raise GiveUp("not_offered")
        order_id = request.refs.get("order.id")
        if not order_id:
            raise GiveUp("not_found", "no order")
        return self.store_api.change_order(
            store, order_id, do=request.target, wanted=request.data, change_id=request.action_id
        )

    def _tell(self, request: ActionRequest, data: Mapping[str, str], *, ok: bool) -> None:
        now = self.clock()
        if request.kind == "consent":
            data = {"channel": request.target, **data}
        if request.kind == "change":
            data = {**data, "outcome": "done" if ok else name_outcome(data["reason"])}
        if not ok:
            self._log_failure(request, data)
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

    def _log_failure(self, request: ActionRequest, data: Mapping[str, str]) -> None:
        extra = {
            "store": request.store_id,
            "journey": request.journey,
            "kind": request.kind,
            "target": request.target,
            "action": request.action_id,
            "reason": data["reason"],
        }
        if data.get("outcome") == "refused" or (request.kind == "consent" and data["reason"] in EXPECTED):
            self.log.info(f"{request.kind} refused", extra=extra)
            return
        message = "coupon pool empty" if data["reason"] == POOL_EMPTY else "action failed"
        self.log.warning(message, extra=extra)  # an alarm watches for these words


def describe_failure(code: str) -> dict[str, str]:
    """What a journey may ask of a failure: the reason, and the status where the shop answered one."""
    status = code.removeprefix("http_")
    return {"reason": code} | ({"status": status} if status != code else {})


def find_wait_s(kind: str, tries: int, fault: TryAgain) -> float | None:
    """Seconds until a request that failed for now is tried again; None where it has been tried enough."""
    if kind != "change":
        if tries > len(_CALL_AGAIN_S):
            return None
        return fault.after_s or _CODE_AGAIN_S[tries - 1] if kind == "coupon" else _CALL_AGAIN_S[tries - 1]
    if tries > len(_CHANGE_AGAIN_S) or (fault.after_s or 0) > _LONGEST_WAIT_S:
        return None
    return max(_CHANGE_AGAIN_S[tries - 1], fault.after_s or 0)


def name_outcome(reason: str) -> str:
    """`refused` where shop or store decided so, `failed` for faults."""
    return "refused" if reason in REFUSALS else "failed"
