"""Under which id a number's provider has a file of ours, so that it is not uploaded for every message."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, get_args

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Table, is_expired, to_seconds
from okaeri.domain.media import MediaKind, UploadedFile

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.ports import Clock

_KEEP = timedelta(days=25)  # Meta keeps an upload for 30 days
_KINDS: tuple[MediaKind, ...] = get_args(MediaKind)


class DynamoUploads:
    """One item for each file and number."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock

    def get(self, number: str, key: str) -> UploadedFile | None:
        """None where it was never uploaded, or so long ago that the provider may have forgotten it."""
        item = self._table.get(keys.phone_key(number), keys.upload_key(key), consistent=False)
        if item is None or is_expired(item, self._clock()):
            return None
        kind = next(kind for kind in _KINDS if kind == item["kind"]["S"])
        return UploadedFile(item["media_id"]["S"], kind)

    def keep(self, number: str, key: str, uploaded: UploadedFile) -> None:
        """For 25 days."""
        self._table.update(
            keys.phone_key(number),
            keys.upload_key(key),
            "SET media_id = :id, kind = :kind, expires_at = :until",
            values={
                ":id": {"S": uploaded.media_id},
                ":kind": {"S": uploaded.kind},
                ":until": to_seconds(self._clock() + _KEEP),
            },
        )
