"""What keep_house is told by its environment."""

from okaeri.settings import FunctionSettings


class KeepHouseSettings(FunctionSettings):
    """keep_house."""

    table_name: str
    events_queue_url: str
    bulk_queue_url: str
    whatsapp_transactional_queue_url: str
    whatsapp_marketing_queue_url: str
    email_transactional_queue_url: str
    email_marketing_queue_url: str
