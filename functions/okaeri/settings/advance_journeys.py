"""What advance_journeys is told by its environment."""

from okaeri.domain.pace import Pace
from okaeri.settings import FunctionSettings


class AdvanceJourneysSettings(FunctionSettings):
    """advance_journeys."""

    table_name: str
    events_queue_url: str
    bulk_queue_url: str
    soon_queue_url: str
    whatsapp_transactional_queue_url: str
    whatsapp_marketing_queue_url: str
    email_transactional_queue_url: str
    email_marketing_queue_url: str
    actions_queue_url: str
    events_queue_arn: str
    bulk_queue_arn: str
    schedule_group: str
    scheduler_role_arn: str
    scheduler_dead_letters_arn: str
    seconds_per_day: float
    queue_delay_limit_seconds: float
    delivery_patience_seconds: float

    @property
    def pace(self) -> Pace:
        """How fast a journey's days pass in this stack."""
        return Pace(
            seconds_per_day=self.seconds_per_day,
            queue_delay_limit_s=self.queue_delay_limit_seconds,
            delivery_patience_s=self.delivery_patience_seconds,
        )
