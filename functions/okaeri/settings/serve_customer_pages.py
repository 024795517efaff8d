"""What serve_customer_pages is told by its environment."""

from okaeri.settings import FunctionSettings


class ServeCustomerPagesSettings(FunctionSettings):
    """serve_customer_pages."""

    table_name: str
    events_queue_url: str
    statuses_queue_url: str
