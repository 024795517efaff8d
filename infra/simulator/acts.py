"""What stands for the shop's webhooks, pools of codes and own API: each request is answered at once, as is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from okaeri.domain.evidence import ActionDone
from okaeri.domain.records import ActionRequest
from okaeri.use_cases.carry_out_actions import name_outcome

FAILED, SILENT = "failed", "silent"
CALL, COUPON, CHANGE = "call", "coupon", "change"


@dataclass
class SimulatedActs:
    """`fates` maps kind and name of a webhook, pool or change to `failed`, `silent`, or what a webhook answers.

    A change may have a reason besides, for which the store refuses it, or what it brings. Where nothing is told a
    webhook answers without a word, a pool has codes and the store does as it is asked. `carried_out` are words on each.
    """

    fates: dict[tuple[str, str], str | Mapping[str, str]] = field(default_factory=dict)
    carried_out: list[tuple[datetime, str]] = field(default_factory=list)

    def carry_out(self, request: ActionRequest, at: datetime) -> ActionDone | None:
        """The answer, None where none comes."""
        fate = self.fates.get((request.kind, request.target), {})
        if fate == SILENT:
            self.carried_out.append((at, f"{self._name(request)} does not answer"))
            return None
        ok = isinstance(fate, Mapping)
        data: dict[str, str] = {}
        if not isinstance(fate, Mapping):
            data = {"reason": "told by the story" if fate == FAILED else fate}
        elif request.kind == COUPON:
            worth = {name: request.data[name] for name in ("percent", "amount") if name in request.data}
            data = {"code": f"SIMULATED-{len(self.carried_out) + 1}"} | worth
        else:
            data = {name: str(value) for name, value in fate.items()}
        said = ", ".join(f"{name} {value}" for name, value in data.items())
        good = {CALL: "answers", COUPON: "gives a code"}.get(request.kind, "is done")
        verb = good if ok else "fails" if fate == FAILED else "is refused"
        self.carried_out.append((at, f"{self._name(request)} {verb}{f': {said}' if said and fate != FAILED else ''}"))
        if request.kind == CHANGE:
            data["outcome"] = "done" if ok else name_outcome(data["reason"])
        return ActionDone(
            customer_id=request.customer_id,
            action_id=request.action_id,
            action=request.kind,
            ok=ok,
            at=at,
            data=data,
        )

    def _name(self, request: ActionRequest) -> str:
        named = {CALL: "webhook", COUPON: "pool", CHANGE: "change of the order:"}
        if request.kind == COUPON and not request.target:
            return "The store"
        return f"The {named.get(request.kind, request.kind)} {request.target}"
