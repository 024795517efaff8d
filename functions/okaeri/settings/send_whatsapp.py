"""What send_whatsapp is told by its environment."""

from okaeri.settings import FunctionSettings


class SendWhatsappSettings(FunctionSettings):
    """send_whatsapp."""

    table_name: str
    whatsapp_transactional_queue_url: str
    whatsapp_marketing_queue_url: str
    soon_queue_url: str
    events_queue_url: str
    bulk_queue_url: str
    graph_api_url: str
    graph_api_version: str
    media_bucket: str
    make_documents_function: str
    public_url: str
    delivery_patience_seconds: float
