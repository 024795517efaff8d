"""What send_email is told by its environment."""

from okaeri.settings import FunctionSettings


class SendEmailSettings(FunctionSettings):
    """send_email."""

    table_name: str
    email_transactional_queue_url: str
    email_marketing_queue_url: str
    soon_queue_url: str
    events_queue_url: str
    bulk_queue_url: str
    configuration_set: str
    media_bucket: str
    make_documents_function: str
    inbound_domain: str = ""  # where customers' answers are received; empty where they go to the shop's own mailbox
    public_url: str
    delivery_patience_seconds: float
