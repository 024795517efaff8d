"""A mail as `SendEmail` of SES v2 gives it: checked as SES checks it, and read into one shape. Pure.

Limits: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
"""

import base64
import binascii
import email
import email.policy
import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

type Json = dict[str, Any]

MOST_RECIPIENTS = 50
MOST_HEADERS = 15
LARGEST_BYTES = 40 * 1024 * 1024
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_HEADER_NAME = re.compile(r"[!-9;-@A-~]{1,126}")
_HEADER_VALUE = re.compile(r"[ -~]{1,995}")
_LOCAL_PART = re.compile(r"[!-?A-~]+")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_OWN_HEADERS = (
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "reply-to",
    "date",
    "message-id",
    "return-path",
    "sender",
)


class Refused(Exception):
    """SES's refusal: HTTP 400 unless said otherwise, `kind` in `x-amzn-ErrorType`."""

    def __init__(self, kind: str, message: str, http_status: int = 400) -> None:
        super().__init__(message)
        self.kind, self.message, self.http_status = kind, message, http_status


@dataclass
class Attachment:
    """A file with a mail; `content_id` is set for pictures inside the HTML."""

    filename: str
    content_type: str
    content: bytes
    content_id: str | None = None
    disposition: str = "attachment"


@dataclass
class Mail:
    """What was said to whom."""

    sender: str
    to: list[str]
    cc: list[str]
    bcc: list[str]
    reply_to: list[str]
    subject: str
    html: str | None
    text: str | None
    headers: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    configuration_set: str | None = None

    @property
    def recipients(self) -> list[str]:
        return [*self.to, *self.cc, *self.bcc]


def bad_request(message: str) -> Refused:
    return Refused("BadRequestException", message)


def read_mail(request: Json) -> Mail:
    """The mail in a `SendEmail` body. Raises Refused with SES's type and a sentence."""
    content = request.get("Content")
    if not isinstance(content, dict) or sum(content.get(key) is not None for key in ("Simple", "Raw", "Template")) != 1:
        raise bad_request("Content must have exactly one of Simple, Raw and Template.")
    if content.get("Template") is not None:
        raise bad_request("The mailbox keeps Simple and Raw content; SES templates are not kept.")
    mail = read_raw(content["Raw"], request) if content.get("Raw") else read_simple(content["Simple"], request)
    mail.tags = read_tags(request.get("EmailTags") or [])
    mail.configuration_set = request.get("ConfigurationSetName")
    if not mail.recipients:
        raise bad_request("Destination must have at least one recipient.")
    if len(mail.recipients) > MOST_RECIPIENTS:
        raise Refused("MessageRejected", f"Recipient count exceeds {MOST_RECIPIENTS}.")
    for address in (mail.sender, *mail.recipients, *mail.reply_to):
        check_address(address)
    return mail


def check_address(address: str) -> None:
    """A name may be anything in ASCII (encoded words); the local part is 7-bit, the domain whole."""
    _, bare = parseaddr(address)
    local_part, at, domain = bare.rpartition("@")
    if not at or not local_part:
        raise bad_request("Missing final '@domain'")
    if not address.isascii() or not _LOCAL_PART.fullmatch(local_part):
        raise bad_request("Local address contains control or whitespace, or characters outside of ASCII")
    if not _DOMAIN.fullmatch(domain):
        raise bad_request("Domain contains illegal character or is incomplete")


def read_tags(tags: list[Json]) -> dict[str, str]:
    """Names and values of letters, digits, `_` and `-`."""
    for tag in tags:
        for part in ("Name", "Value"):
            if not _TAG.fullmatch(str(tag.get(part, ""))):
                raise bad_request(
                    f"Invalid tag {part.lower()} <{tag.get(part, '')}>: only alphanumeric ASCII characters, "
                    "'_', and '-' are allowed."
                )
    names = [str(tag["Name"]) for tag in tags]
    if len(names) != len(set(names)):
        raise bad_request("Duplicate tag name.")
    return {str(tag["Name"]): str(tag["Value"]) for tag in tags}


def read_simple(simple: Json, request: Json) -> Mail:
    """Subject and body by parts, own headers, attachments."""
    sender = request.get("FromEmailAddress")
    if not sender:
        raise bad_request("FromEmailAddress is required with Simple content.")
    subject = (simple.get("Subject") or {}).get("Data")
    body = simple.get("Body") or {}
    html, text = ((body.get(part) or {}).get("Data") for part in ("Html", "Text"))
    if subject is None:
        raise bad_request("Simple.Subject.Data is required.")
    if not html and not text:
        raise bad_request("Simple.Body needs Html or Text.")
    if "\n" in subject or "\r" in subject:
        raise bad_request("Subject contains a line break.")
    destination = request.get("Destination") or {}
    return Mail(
        sender=sender,
        to=destination.get("ToAddresses") or [],
        cc=destination.get("CcAddresses") or [],
        bcc=destination.get("BccAddresses") or [],
        reply_to=request.get("ReplyToAddresses") or [],
        subject=subject,
        html=html,
        text=text,
        headers=read_headers(simple.get("Headers") or []),
        attachments=[read_attachment(a) for a in simple.get("Attachments") or []],
    )


def read_headers(headers: list[Json]) -> list[tuple[str, str]]:
    """At most 15, printable ASCII, none that SES writes itself."""
    if len(headers) > MOST_HEADERS:
        raise bad_request(f"Headers: at most {MOST_HEADERS}.")
    read = []
    for header in headers:
        name, value = str(header.get("Name", "")), str(header.get("Value", ""))
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value) or len(name + value) > 996:
            raise bad_request(f"Header {name[:126]!r}: name or value too long or not printable ASCII.")
        if name.lower() in _OWN_HEADERS:
            raise bad_request(f"Header {name!r} cannot be given in Headers.")
        read.append((name, value))
    return read


def read_attachment(attachment: Json) -> Attachment:
    filename = attachment.get("FileName")
    if not filename or len(filename) > 255:
        raise bad_request("Attachments: FileName of 1 to 255 characters is required.")
    return Attachment(
        filename=filename,
        content_type=attachment.get("ContentType") or "application/octet-stream",
        content=decode(attachment.get("RawContent"), f"Attachment {filename!r}"),
        content_id=attachment.get("ContentId"),
        disposition=str(attachment.get("ContentDisposition") or "ATTACHMENT").lower(),
    )


def read_raw(raw: Json, request: Json) -> Mail:
    """A whole MIME message; `FromEmailAddress` and `Destination` win over its headers."""
    data = decode(raw.get("Data"), "Raw.Data")
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # the default policy builds these
    if not message.keys():
        raise bad_request("Raw.Data is not a MIME message.")
    destination = request.get("Destination") or {}
    named = {kind: read_addresses(message, kind) for kind in ("From", "To", "Cc", "Bcc", "Reply-To")}
    sender = request.get("FromEmailAddress") or next(iter(named["From"]), None)
    if not sender:
        raise bad_request("Missing required header 'From'.")
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    return Mail(
        sender=sender,
        to=destination.get("ToAddresses") or named["To"],
        cc=destination.get("CcAddresses") or ([] if destination else named["Cc"]),
        bcc=destination.get("BccAddresses") or ([] if destination else named["Bcc"]),
        reply_to=request.get("ReplyToAddresses") or named["Reply-To"],
        subject=str(message.get("Subject", "")),
        html=str(html.get_content()) if html else None,
        text=str(text.get_content()) if text else None,
        headers=[(name, str(value)) for name, value in message.items() if name.lower() not in _OWN_HEADERS],
        attachments=[read_part(part) for part in message.iter_attachments()],
    )


def read_addresses(message: EmailMessage, header: str) -> list[str]:
    """Bare addresses of a header; names are left to the `headers`."""
    values = message.get_all(header, [])
    return [address.addr_spec for value in values for address in value.addresses]


def read_part(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    return Attachment(
        filename=part.get_filename() or "unnamed",
        content_type=part.get_content_type(),
        content=content if isinstance(content, bytes) else b"",
        content_id=str(part["Content-ID"]).strip("<>") if part["Content-ID"] else None,
        disposition=part.get_content_disposition() or "attachment",
    )


def decode(data: object, where: str) -> bytes:
    """Base64 within SES's 40 MB."""
    try:
        content = base64.b64decode(str(data or ""), validate=True)
    except binascii.Error:
        raise bad_request(f"{where} is not base64.") from None
    if not content:
        raise bad_request(f"{where} is empty.")
    if len(content) > LARGEST_BYTES:
        raise Refused("MessageRejected", "Message length exceeds the maximum of 40 MB.")
    return content


def check_sender(sender: str, verified: list[str] | None, region: str) -> None:
    """The address itself or its domain must be verified."""
    _, bare = parseaddr(sender)
    domains = bare.rpartition("@")[2].lower()
    parents = {domains.split(".", n)[-1] for n in range(domains.count("."))}
    if verified is not None and not ({bare.lower()} | parents) & {identity.lower() for identity in verified}:
        raise Refused(
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region "
            f"{region.upper()}: {sender}",
        )
