"""How fast a journey's days pass. Only journey waits are compressed, and only on a laptop (design §7)."""

from typing import NamedTuple

REAL_SECONDS_PER_DAY = 86_400


class Pace(NamedTuple):
    """Real seconds per day of a journey's waits, and the stack's two delays, in real seconds."""

    seconds_per_day: float = REAL_SECONDS_PER_DAY
    queue_delay_limit_s: float = 900
    delivery_patience_s: float = 900

    @property
    def is_compressed(self) -> bool:
        """Whether days pass faster than they do."""
        return self.seconds_per_day != REAL_SECONDS_PER_DAY

    def to_real_delay(self, domain_seconds: float) -> float:
        """Real seconds that a wait of `domain_seconds` takes; a wait that is over takes none."""
        return max(0.0, domain_seconds) * self.seconds_per_day / REAL_SECONDS_PER_DAY

    def to_domain_time(self, real_seconds: float) -> float:
        """Seconds of a journey's time that pass in so many real ones."""
        return real_seconds * REAL_SECONDS_PER_DAY / self.seconds_per_day
