"""What receive_store_event is told by its environment."""

from okaeri.settings import FunctionSettings


class ReceiveStoreEventSettings(FunctionSettings):
    """receive_store_event."""

    table_name: str
    events_queue_url: str
    quarantine_queue_url: str
