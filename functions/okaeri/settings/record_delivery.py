"""What record_delivery is told by its environment."""

from okaeri.settings import FunctionSettings


class RecordDeliverySettings(FunctionSettings):
    """record_delivery."""

    table_name: str
    events_queue_url: str
    bulk_queue_url: str
    soon_queue_url: str
    delivery_patience_seconds: float
