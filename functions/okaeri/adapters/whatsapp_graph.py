"""Meta's Graph API, the road on which messages are sent. One POST for each call: nothing here repeats one.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from okaeri.adapters.whatsapp_errors import make_error, read_error_body
from okaeri.adapters.whatsapp_messages import build_body
from okaeri.domain.contact_data import unify_phone
from okaeri.domain.delivery import MessageKey, Receipt
from okaeri.domain.gates import WhatsappAddress
from okaeri.domain.media import UploadedFile
from okaeri.domain.stores import Store
from okaeri.domain.templates import WhatsappContent
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain

if TYPE_CHECKING:
    from okaeri.ports import OutgoingMedia, Secrets

Json = dict[str, Any]

# Seconds to connect and to answer: both together end well before the function does (30 s).
TIMEOUT_S = (2.0, 8.0)
# A connection that slept longer (the function was frozen) may be dead without our knowing. Sending on it
# would look like a lost answer, so it is closed and a new one is opened.
IDLE_LIMIT_S = 20.0
_QUALITY_HOLD = "held_for_quality_assessment"


class GraphWhatsapp:
    """Sends messages of every store, each from its own number with its own token."""

    def __init__(
        self,
        secrets: Secrets,
        *,
        base_url: str,
        version: str,
        make_files: Callable[[], OutgoingMedia] | None = None,
        session: requests.Session | None = None,
        read_time: Callable[[], float] = time.time,
    ) -> None:
        """`make_files` is asked once, by the first message with a file of ours."""
        self._secrets = secrets
        self._make_files = make_files
        self._files: OutgoingMedia | None = None
        self._url = f"{base_url}/{version}"
        self._session = session or requests.Session()
        self._read_time = read_time
        self._used_at = 0.0

    def send(
        self,
        store: Store,
        address: WhatsappAddress,
        content: WhatsappContent,
        *,
        key: MessageKey,
        attempt: int,
        reply_to: str | None,
    ) -> Receipt:
        """The provider's id, and whether Meta holds the message back for now. Raises as the port says."""
        number = store.phone_number_id
        if not number:
            raise StopSender("no_sender_number", until_s=3600)
        token = self._read_token(store.store_id)
        file = self._upload(store, content.media_key) if content.media_key else None
        body = build_body(address, content, key=key, reply_to=reply_to, file=file)
        answer = self._post(f"{self._url}/{number}/messages", token, body)
        return read_answer(answer, attempt=attempt)

    def _upload(self, store: Store, media_key: str) -> UploadedFile:
        if self._files is None and self._make_files is not None:
            self._files = self._make_files()
        if self._files is None:
            raise GiveUp("media_not_supported")
        return self._files.upload(store, media_key)

    def _read_token(self, store_id: str) -> str:
        try:
            return self._secrets.get(f"stores/{store_id}/whatsapp")["token"]
        except (GiveUp, KeyError) as error:
            raise StopSender("token_missing", until_s=3600) from error

    def _post(self, url: str, token: str, body: Json) -> requests.Response:
        now = self._read_time()
        if now - self._used_at > IDLE_LIMIT_S:
            self._session.close()  # drops the pooled connections; the session itself goes on
        headers = {"Authorization": f"Bearer {token}"}
        try:
            return self._session.post(url, json=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
        except requests.RequestException as error:
            if _was_never_sent(error):
                raise TryAgain("graph_unreachable", type(error).__name__) from error
            raise AnswerLost("graph_answer_lost", type(error).__name__) from error
        finally:
            self._used_at = self._read_time()


def read_answer(answer: requests.Response, *, attempt: int) -> Receipt:
    """The receipt. A body with an error is a definite no; an answer that says neither is as good as lost."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    error = read_error_body(body)
    if error is not None:
        code, transient = error
        raise make_error(code, attempt=attempt, transient=transient or answer.status_code >= 500)
    if answer.status_code in (408, 429):
        raise TryAgain(f"http_{answer.status_code}")
    if 300 <= answer.status_code < 500:
        raise GiveUp(f"http_{answer.status_code}")
    try:
        message = body["messages"][0]
        receipt = Receipt(provider_id=str(message["id"]), held=message.get("message_status") == _QUALITY_HOLD)
    except (TypeError, KeyError, IndexError, AttributeError) as broken:
        raise AnswerLost(f"http_{answer.status_code}") from broken
    return receipt.model_copy(update=_read_contact(body))


def _read_contact(body: Json) -> dict[str, str]:
    """Whom Meta says that it reaches; without the plus, without Brazil's ninth digit, with Mexico's 1."""
    contacts = body.get("contacts")
    contact = contacts[0] if isinstance(contacts, list) and contacts and isinstance(contacts[0], dict) else {}
    wa_id, user_id = str(contact.get("wa_id") or ""), str(contact.get("user_id") or "")
    phone = {"phone": unify_phone(f"+{wa_id}")} if wa_id.isdecimal() else {}
    return phone | ({"wa_user_id": user_id} if user_id else {})


def _was_never_sent(error: requests.RequestException) -> bool:
    """No connection was made. Any later failure may have come when the request was already through."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
