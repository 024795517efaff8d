"""WhatsApp through AWS End User Messaging Social: the same message, carried by AWS with the function's own role.

https://docs.aws.amazon.com/social-messaging/latest/APIReference/API_SendWhatsAppMessage.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Protocol

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
    SSLError,
)

from okaeri.adapters.whatsapp_errors import RULES, make_error
from okaeri.adapters.whatsapp_messages import build_body
from okaeri.domain.delivery import FOREIGN_ID, MessageKey, Receipt
from okaeri.domain.gates import WhatsappAddress
from okaeri.domain.media import UploadedFile, read_key_kind
from okaeri.domain.stores import Store
from okaeri.domain.templates import WhatsappContent
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain

HOUR_S = 3600
# AWS's error codes, each with what it means for the next step. Whatever else it answers may have come after Meta took
# the message, so it counts as lost.
_PASSING = {"ThrottledRequestException", "ThrottlingException"}
_STOPPING = {"AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException",
             "ExpiredTokenException", "InvalidSignatureException"}  # fmt: skip
_REFUSING = {"ValidationException", "InvalidParametersException"}
# Meta's own code, where AWS quotes it: `(#131026)` or `"code":131026`.
_QUOTED_CODE = re.compile(r'\(#(\d+)\)|"code"\s*:\s*(\d+)')


class SocialMessaging(Protocol):
    """What we call of boto3's `socialmessaging`."""

    def send_whatsapp_message(self, *, originationPhoneNumberId: str, message: bytes, metaApiVersion: str) -> Any: ...


class AwsWhatsapp:
    """Implements `ports.WhatsappSender` for stores whose number AWS hosts."""

    def __init__(self, client: SocialMessaging, *, version: str, make_link: Callable[[str], str] | None = None) -> None:
        """`client` makes a single attempt: another may be a second message. `version` is the Graph API's.

        `make_link` turns the key of a file of ours into an address at which Meta fetches it for a while.
        """
        self._client, self._version, self._make_link = client, version, make_link

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
        """AWS's id of the message, marked as none of Meta's: statuses name Meta's. Raises as the port says."""
        if not store.aws_phone_number_id:
            raise StopSender("no_sender_number", until_s=HOUR_S)
        file = self._find_file(content.media_key) if content.media_key else None
        body = build_body(address, content, key=key, reply_to=reply_to, file=file)
        try:
            answer = self._client.send_whatsapp_message(
                originationPhoneNumberId=store.aws_phone_number_id,
                message=json.dumps(body).encode(),
                metaApiVersion=self._version,
            )
        except ClientError as error:
            raise read_refusal(error, attempt=attempt) from error
        except (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError) as error:
            raise TryAgain("aws_unreachable", type(error).__name__) from error
        except (HTTPClientError, ConnectionClosedError, SSLError) as error:
            raise AnswerLost("aws_answer_lost", type(error).__name__) from error
        return Receipt(provider_id=f"{FOREIGN_ID}{answer.get('messageId', '')}")

    def _find_file(self, media_key: str) -> UploadedFile:
        """By its address: Meta fetches it itself."""
        if self._make_link is None:
            raise GiveUp("media_not_supported")
        return UploadedFile("", read_key_kind(media_key), self._make_link(media_key))


def read_refusal(error: ClientError, *, attempt: int) -> TryAgain | GiveUp | StopSender | AnswerLost:
    """AWS's error as ours; Meta's code decides where it is quoted. The text may name a person: only codes go on."""
    code = error.response["Error"]["Code"]
    quoted = _QUOTED_CODE.search(error.response["Error"].get("Message", ""))
    meta_code = int(quoted[1] or quoted[2]) if quoted else -1
    if meta_code in RULES:
        return make_error(meta_code, attempt=attempt)
    if code in _PASSING:
        return TryAgain("aws_throttled")
    if code in _STOPPING:
        return StopSender(f"aws_{code}", until_s=HOUR_S)
    if code in _REFUSING:
        return GiveUp(f"aws_{code}")
    return AnswerLost(f"aws_{code}")
