"""Files at Meta: fetched before Meta forgets them, uploaded once for many messages.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from okaeri.adapters.uploads import DynamoUploads
from okaeri.adapters.whatsapp_errors import make_error, read_error_body
from okaeri.domain.media import UploadedFile, name_kind
from okaeri.domain.stores import Store
from okaeri.errors import GiveUp, StopSender, TryAgain

if TYPE_CHECKING:
    from okaeri.ports import MediaStore, Secrets

Json = dict[str, Any]

TIMEOUT_S = (2.0, 8.0)  # to connect, and for each answer or part of one
DOWNLOAD_S = 18.0  # a whole file; with the question before it well within the function's 30 s
_CHUNK = 64 * 1024
_UNKNOWN_OBJECT = 100  # what Meta answers for an id that it has forgotten


class GraphMedia:
    """Implements `ports.ReceivedMedia`, each store with its own token."""

    def __init__(
        self,
        secrets: Secrets,
        *,
        base_url: str,
        version: str,
        session: requests.Session | None = None,
        read_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secrets = secrets
        self._url, self._scheme = f"{base_url}/{version}", urlsplit(base_url).scheme
        self._session = session or requests.Session()
        self._read_seconds = read_seconds

    def fetch(self, store: Store, media_id: str, *, most: int) -> tuple[str, bytes]:
        """Content type as Meta has it, and bytes, whose hash is looked at. Raises as the port says."""
        headers = {"Authorization": f"Bearer {read_token(self._secrets, store.store_id)}"}
        described = self._describe(store, media_id, headers)
        if int(described.get("file_size") or 0) > most:
            raise GiveUp("too_large")
        address = str(described.get("url") or "")
        if urlsplit(address).scheme != self._scheme:  # the token goes over no other road than Meta's own
            raise GiveUp("media_address_broken")
        body = self._download(address, headers, most)
        if not is_intact(body, str(described.get("sha256") or "")):
            raise TryAgain("media_damaged")
        return str(described.get("mime_type") or ""), body

    def _describe(self, store: Store, media_id: str, headers: dict[str, str]) -> Json:
        asked = {"phone_number_id": store.phone_number_id} if store.phone_number_id else {}
        try:
            answer = self._session.get(
                f"{self._url}/{media_id}", params=asked, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
            )
        except requests.RequestException as error:
            raise TryAgain("graph_unreachable", type(error).__name__) from error
        return read_object(answer, unknown="expired")

    def _download(self, address: str, headers: dict[str, str], most: int) -> bytes:
        ends_at = self._read_seconds() + DOWNLOAD_S
        try:
            with self._session.get(
                address, headers=headers, timeout=TIMEOUT_S, allow_redirects=False, stream=True
            ) as answer:
                check_download(answer, most)
                body = bytearray()
                for chunk in answer.iter_content(_CHUNK):
                    body += chunk
                    if len(body) > most:
                        raise GiveUp("too_large")
                    if self._read_seconds() > ends_at:
                        raise TryAgain("media_too_slow")
                return bytes(body)
        except requests.RequestException as error:
            raise TryAgain("media_unreachable", type(error).__name__) from error


class GraphUploads:
    """Implements `ports.OutgoingMedia`: a file of ours is uploaded once for each number, and its id kept for weeks."""

    def __init__(
        self,
        secrets: Secrets,
        media: MediaStore,
        uploads: DynamoUploads,
        *,
        base_url: str,
        version: str,
        session: requests.Session | None = None,
    ) -> None:
        self._secrets, self._media, self._uploads = secrets, media, uploads
        self._url = f"{base_url}/{version}"
        self._session = session or requests.Session()

    def upload(self, store: Store, key: str) -> UploadedFile:
        """Raises as the port says. Uploaded twice it is two files at Meta and one in the message."""
        number = store.phone_number_id
        if not number:
            raise StopSender("no_sender_number", until_s=3600)
        if known := self._uploads.get(number, key):
            return known
        content_type, body = self._media.get(key)
        headers = {"Authorization": f"Bearer {read_token(self._secrets, store.store_id)}"}
        try:
            answer = self._session.post(
                f"{self._url}/{number}/media",
                data={"messaging_product": "whatsapp", "type": content_type},
                files={"file": (key.rpartition("/")[2], body, content_type)},
                headers=headers,
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TryAgain("graph_unreachable", type(error).__name__) from error
        uploaded = UploadedFile(
            str(read_object(answer, unknown="media_refused").get("id") or ""), name_kind(content_type)
        )
        if not uploaded.media_id:
            raise TryAgain("media_not_named")
        self._uploads.keep(number, key, uploaded)
        return uploaded


def read_token(secrets: Secrets, store_id: str) -> str:
    """The store's own."""
    try:
        return secrets.get(f"stores/{store_id}/whatsapp")["token"]
    except (GiveUp, KeyError) as error:
        raise StopSender("token_missing", until_s=3600) from error


def read_object(answer: requests.Response, *, unknown: str) -> Json:
    """The JSON of an answer; `unknown` is the code to give up with where Meta knows no such thing, or wants none."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if error := read_error_body(body):
        code, transient = error
        if code == _UNKNOWN_OBJECT:
            raise GiveUp(unknown)
        raise make_error(code, transient=transient or answer.status_code >= 500)
    if answer.status_code != 200 or not isinstance(body, dict):
        raise TryAgain(f"http_{answer.status_code}")
    return body


def check_download(answer: requests.Response, most: int) -> None:
    """Before a byte of it is read."""
    if answer.status_code in (404, 410):
        raise GiveUp("expired")
    if answer.status_code != 200:
        raise TryAgain(f"http_{answer.status_code}")
    length = answer.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise GiveUp("too_large")


def is_intact(body: bytes, sha256: str) -> bool:
    """Whether it is what Meta described; Meta writes the hash in hex, or in base64, or not at all."""
    digest = hashlib.sha256(body).digest()
    return not sha256 or sha256.lower() == digest.hex() or sha256 == base64.b64encode(digest).decode()
