"""What serve_inbox is told by its environment."""

from okaeri.settings import FunctionSettings


class ServeInboxSettings(FunctionSettings):
    """serve_inbox."""

    table_name: str
    events_queue_url: str
    media_bucket: str
