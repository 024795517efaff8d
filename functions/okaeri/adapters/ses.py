"""Amazon SES v2: one e-mail for each call, never repeated by the client (design §5, promise 6).

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
"""

from __future__ import annotations

import re
from email.header import Header
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
    SSLError,
)

from okaeri.domain.delivery import MessageKey, Receipt
from okaeri.domain.stores import Store
from okaeri.domain.templates import EmailContent
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import MessageHeaderTypeDef

HEADER_LIMIT = 995  # characters of a header's value that SES takes, printable ASCII only
_PRINTABLE = re.compile(r"[ -~]+")
_MESSAGE_ID = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f-\U0010ffff]{1,200}@[A-Za-z0-9.\-\[\]]{1,200}")
_UNFIT_FOR_TAGS = re.compile(r"[^A-Za-z0-9_-]")

# SES's error codes, each with what it means for the next step.
_PASSING = {"TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling",
            "InternalServiceErrorException", "InternalFailure", "ServiceUnavailable",
            "ConcurrentModificationException"}  # fmt: skip
_STOPPING = {"AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException",
             "AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException",
             "InvalidClientTokenId", "SignatureDoesNotMatch", "NotFoundException"}  # fmt: skip
# The sandbox, and an identity that is not verified yet, come as MessageRejected; only the text tells.
_NOT_VERIFIED = re.compile(r"not (?:been )?verified", re.IGNORECASE)
_DAILY_QUOTA = re.compile(r"daily|quota", re.IGNORECASE)
HOUR_S = 3600


class SesEmail:
    """Sends from each store's own address, through the stack's configuration set."""

    def __init__(self, client: SESV2Client, *, configuration_set: str, stage: str) -> None:
        """`client` makes a single attempt: another may be a second e-mail."""
        self._client = client
        self._configuration_set, self._stage = configuration_set, stage

    def send(
        self, store: Store, address: str, content: EmailContent, *, key: MessageKey, unsubscribe_url: str
    ) -> Receipt:
        """SES's message id. Raises as the port says."""
        if not store.from_email:
            raise StopSender("no_sender_address", until_s=HOUR_S)
        request: dict[str, Any] = {
            "FromEmailAddress": format_sender(store.name, store.from_email),
            "Destination": {"ToAddresses": [to_ascii(address)]},
            "Content": {"Simple": build_content(content, unsubscribe_url)},
            "EmailTags": build_tags(key, self._stage),
            "ConfigurationSetName": self._configuration_set,
        }
        if answers_to := content.reply_to or store.contact.email:
            request["ReplyToAddresses"] = [to_ascii(answers_to)]
        try:
            answer = self._client.send_email(**request)
        except ClientError as error:
            raise read_refusal(error) from error
        except (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError) as error:
            raise TryAgain("ses_unreachable", type(error).__name__) from error
        except (HTTPClientError, ConnectionClosedError, SSLError) as error:
            raise AnswerLost("ses_answer_lost", type(error).__name__) from error
        return Receipt(provider_id=answer["MessageId"])


def build_content(content: EmailContent, unsubscribe_url: str) -> dict[str, Any]:
    """Subject, both parts, files, what it answers, and where it can be unsubscribed from, RFC 8058's two headers."""
    attached = [
        {"FileName": file.filename, "ContentType": file.content_type, "RawContent": file.body}
        for file in content.attachments
    ]
    return {
        "Subject": {"Data": content.subject, "Charset": "UTF-8"},
        "Body": {
            "Text": {"Data": content.text, "Charset": "UTF-8"},
            "Html": {"Data": content.html, "Charset": "UTF-8"},
        },
        "Headers": [*build_headers(unsubscribe_url), *build_thread(content)],
        **({"Attachments": attached} if attached else {}),
    }


def build_headers(unsubscribe_url: str) -> list[MessageHeaderTypeDef]:
    """One click, without a page between (https://www.rfc-editor.org/rfc/rfc8058)."""
    if not unsubscribe_url:
        return []
    if len(unsubscribe_url) + 2 > HEADER_LIMIT or not _PRINTABLE.fullmatch(unsubscribe_url):
        raise GiveUp("header_not_printable", "List-Unsubscribe")
    return [
        {"Name": "List-Unsubscribe", "Value": f"<{unsubscribe_url}>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]


def build_thread(content: EmailContent) -> list[MessageHeaderTypeDef]:
    """Which letter it answers (RFC 5322, 3.6.4). An id that does not look like one is left out: anybody writes them."""
    known = [message_id for message_id in content.references if _MESSAGE_ID.fullmatch(message_id)]
    headers: list[MessageHeaderTypeDef] = []
    if content.in_reply_to in known:
        headers.append({"Name": "In-Reply-To", "Value": f"<{content.in_reply_to}>"})
    if known:
        headers.append({"Name": "References", "Value": " ".join(f"<{message_id}>" for message_id in known)})
    return headers


def build_tags(key: MessageKey, stage: str) -> list[dict[str, str]]:
    """How SES's events find their message. Values: ASCII letters, digits, `_` and `-`."""
    tags = {"store": key.store_id, "customer": key.customer_id, "message": key.message_id, "stage": stage}
    for name, value in tags.items():
        if _UNFIT_FOR_TAGS.search(value):
            raise GiveUp("tag_not_allowed", name)
    return [{"Name": name, "Value": value} for name, value in tags.items()]


def format_sender(name: str, address: str) -> str:
    """`"Shop" <hello@shop.example>`, the name encoded where it is not ASCII (RFC 2047)."""
    plain = " ".join(name.split())
    if plain.isascii():
        quoted = plain.replace("\\", "").replace('"', "'")
        return f'"{quoted}" <{to_ascii(address)}>'
    # Encoded words hold at most 75 characters; several are joined by a space.
    encoded = " ".join(Header(plain, "utf-8", maxlinelen=75).encode(linesep="\n").split())
    return f"{encoded} <{to_ascii(address)}>"


def to_ascii(address: str) -> str:
    """The address with its domain in ASCII. SES takes no other local part: GiveUp."""
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError as error:
        raise GiveUp("address_not_valid") from error
    if not local or not local.isascii() or not domain or any(c in address for c in "\r\n<>"):
        raise GiveUp("address_not_valid")
    return f"{local}@{ascii_domain}"


def read_refusal(error: ClientError) -> TryAgain | GiveUp | StopSender:
    """SES's error as ours. Its text may quote an address, so only the code goes on."""
    code = error.response["Error"]["Code"]
    text = error.response["Error"].get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "MessageRejected" and _NOT_VERIFIED.search(text):
        return StopSender("ses_not_verified", until_s=HOUR_S)
    if code == "LimitExceededException" or (code == "TooManyRequestsException" and _DAILY_QUOTA.search(text)):
        return StopSender("ses_quota", until_s=HOUR_S)
    if code in _STOPPING:
        return StopSender(f"ses_{_to_snake(code)}", until_s=HOUR_S)
    if code in _PASSING or status >= 500 or status == 429:
        return TryAgain(f"ses_{_to_snake(code)}")
    return GiveUp(f"ses_{_to_snake(code)}")


def _to_snake(code: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", code.removesuffix("Exception")).lower()
