"""What stands for the shop's webhooks and pools of codes: each request is answered at once, as the story tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from okaeri.domain.evidence import ActionDone
from okaeri.domain.records import ActionRequest

FAILED, SILENT = "failed", "silent"
CALL, COUPON = "call", "coupon"


@dataclass
class SimulatedActs:
    """`fates` maps kind and name of a webhook or pool to `failed`, `silent`, or what a webhook answers.

    Where nothing is told a webhook answers without a word, and a pool has codes. `carried_out` are words on each.
    """

    fates: dict[tuple[str, str], str | Mapping[str, str]] = field(default_factory=dict)
    carried_out: list[tuple[datetime, str]] = field(default_factory=list)

    def carry_out(self, request: ActionRequest, at: datetime) -> ActionDone | None:
        """The answer, None where none comes."""
        fate = self.fates.get((request.kind, request.target), {})
        if fate == SILENT:
            self.carried_out.append((at, f"{self._name(request)} does not answer"))
            return None
        ok = fate != FAILED
        data: dict[str, str] = {}
        if not ok:
            data = {"reason": "told by the story"}
        elif request.kind == COUPON:
            data = {"code": f"SIMULATED-{len(self.carried_out) + 1}"}
        elif not isinstance(fate, str):
            data = {name: str(value) for name, value in fate.items()}
        said = ", ".join(f"{name} {value}" for name, value in data.items())
        verb = ("answers" if request.kind == CALL else "gives a code") if ok else "fails"
        self.carried_out.append((at, f"{self._name(request)} {verb}{f': {said}' if said and ok else ''}"))
        return ActionDone(
            customer_id=request.customer_id,
            action_id=request.action_id,
            action=request.kind,
            ok=ok,
            at=at,
            data=data,
        )

    def _name(self, request: ActionRequest) -> str:
        return f"The {'webhook' if request.kind == CALL else 'pool'} {request.target}"
