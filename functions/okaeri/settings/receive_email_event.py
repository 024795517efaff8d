"""What receive_email_event is told by its environment."""

from okaeri.settings import FunctionSettings


class ReceiveEmailEventSettings(FunctionSettings):
    """receive_email_event."""

    table_name: str
    events_queue_url: str
    media_bucket: str
    inbound_domain: str = ""
