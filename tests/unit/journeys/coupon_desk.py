"""Days that pass with a store that makes the codes which journeys ask for, each within half an hour."""

from __future__ import annotations

from datetime import timedelta

from okaeri.domain.evidence import ActionDone
from okaeri.domain.records import ActionRequest
from tests.world import World


class CouponDesk:
    """Answers what is asked of the store; `codes` by journey, `given` is what was asked. No code: it is refused."""

    def __init__(self, world: World, **codes: str) -> None:
        self.world, self.codes = world, {name.replace("_", "-"): code for name, code in codes.items()}
        self.given: list[ActionRequest] = []

    def pass_days(self, days: float) -> None:
        """Lets time go by."""
        for _ in range(int(timedelta(days=days) / timedelta(minutes=30))):
            self.world.wait(minutes=30)
            for request in self.world.queues.actions[len(self.given) :]:
                self.given.append(request)
                self._answer(request)

    def _answer(self, request: ActionRequest) -> None:
        code = self.codes.get(request.journey)
        worth = {name: request.data[name] for name in ("percent", "amount") if name in request.data}
        data = {"code": code, "last_day": "2027-12-31"} | worth if code else {"reason": "codes_not_allowed"}
        if code and int(request.data.get("uses", "1")) > 1:
            self.world.records.coupon_owners[request.store_id, code.casefold()] = request.customer_id
        done = ActionDone(
            customer_id=request.customer_id,
            action_id=request.action_id,
            action="coupon",
            ok=bool(code),
            at=self.world.clock(),
            data=data,
        )
        self.world.hear(done, source="actions")
