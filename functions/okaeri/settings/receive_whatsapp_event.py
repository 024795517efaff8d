"""What receive_whatsapp_event is told by its environment."""

from okaeri.settings import FunctionSettings


class ReceiveWhatsappEventSettings(FunctionSettings):
    """receive_whatsapp_event."""

    table_name: str
    events_queue_url: str
    statuses_queue_url: str
    quarantine_queue_url: str
