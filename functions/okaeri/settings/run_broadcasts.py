"""What run_broadcasts is told by its environment."""

from okaeri.settings import FunctionSettings


class RunBroadcastsSettings(FunctionSettings):
    """run_broadcasts."""

    table_name: str
    bulk_queue_url: str
    whatsapp_backlog_url: str  # the queues of what is being sent: looked at, not written to
    email_backlog_url: str
    schedule_group: str
