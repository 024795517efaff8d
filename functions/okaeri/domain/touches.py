"""Which marketing messages reached a customer lately: what an order, or a withdrawal, is owed to."""

from datetime import datetime, timedelta
from typing import Self

from pydantic import Field

from okaeri.domain.values import Stored

KEPT_FOR = timedelta(days=30)
MOST_TOUCHES = 16


class Touch(Stored):
    """A message that arrived. `month`, `journey`, `template`, `channel` and `arm` say where it is counted."""

    message_id: str
    month: str
    journey: str
    template: str
    channel: str
    arm: str = ""
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    clicked_at: datetime | None = None

    def find_latest(self, until: datetime) -> datetime | None:
        """When it last reached them, up to a moment."""
        times = (self.delivered_at, self.read_at, self.clicked_at)
        return max((at for at in times if at and at <= until), default=None)

    def join(self, other: Self) -> Self:
        """The same message with what is known of it since; the first time of each stays."""
        known = {name: getattr(self, name) or getattr(other, name) for name in ("delivered_at", "read_at")}
        return self.model_copy(update={**known, "clicked_at": self.clicked_at or other.clicked_at})


class Touches(Stored):
    """The latest of one customer."""

    store_id: str
    customer_id: str
    touches: tuple[Touch, ...] = Field(default=())

    def add(self, touch: Touch, now: datetime) -> Self:
        """With one more, or with more known of it; what is old goes."""
        known = {other.message_id: other for other in self.touches}
        known[touch.message_id] = known[touch.message_id].join(touch) if touch.message_id in known else touch
        fresh = [each for each in known.values() if (latest := each.find_latest(now)) and now - latest <= KEPT_FOR]
        latest_last = sorted(fresh, key=lambda each: each.find_latest(now) or now)
        return self.model_copy(update={"touches": tuple(latest_last[-MOST_TOUCHES:])})
