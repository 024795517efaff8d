"""What carry_out_actions is told by its environment."""

from okaeri.settings import FunctionSettings


class CarryOutActionsSettings(FunctionSettings):
    """carry_out_actions."""

    table_name: str
    events_queue_url: str
    bulk_queue_url: str
    media_bucket: str
    graph_api_url: str
    graph_api_version: str
