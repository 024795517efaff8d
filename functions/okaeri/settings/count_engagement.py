"""What count_engagement is told by its environment."""

from okaeri.settings import FunctionSettings


class CountEngagementSettings(FunctionSettings):
    """count_engagement."""

    table_name: str
