"""Files in the stack's own bucket. What a key names never changes; the bucket deletes it when its time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from okaeri.adapters.aws_errors import aws_errors
from okaeri.domain.media import read_content_type
from okaeri.errors import GiveUp

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GONE = ("NoSuchKey", "404")
_SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif")  # in the browser; everything else is downloaded


class S3MediaStore:
    """Implements `ports.MediaStore`."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """The same key again holds the same file. Encrypted by the bucket's default."""
        with aws_errors():
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentType=content_type,
                CacheControl="private, no-store",
                ChecksumAlgorithm="SHA256",
            )

    def get(self, key: str) -> tuple[str, bytes]:
        """Content type and bytes. Raises GiveUp("media_gone") once the bucket has forgotten it."""
        try:
            with aws_errors():
                found = self._client.get_object(Bucket=self._bucket, Key=key)
                return found["ContentType"], found["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                raise GiveUp("media_gone") from error
            raise

    def make_link(self, key: str, *, seconds: int) -> str:
        """An address that opens the file for a while, under the type that it has and no other."""
        content_type = read_content_type(self._describe(key))
        disposition = "inline" if content_type in _SHOWN else "attachment"
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentType": content_type,
                "ResponseContentDisposition": disposition,
            },
            ExpiresIn=seconds,
        )

    def _describe(self, key: str) -> str:
        try:
            with aws_errors():
                return self._client.head_object(Bucket=self._bucket, Key=key)["ContentType"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                raise GiveUp("media_gone") from error
            raise
