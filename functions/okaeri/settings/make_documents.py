"""What make_documents is told by its environment."""

from okaeri.settings import FunctionSettings


class MakeDocumentsSettings(FunctionSettings):
    """make_documents."""

    media_bucket: str
