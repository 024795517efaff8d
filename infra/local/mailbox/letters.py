"""What people write back: the mail as their program would send it, taken in as SES takes mail in.

SES puts the mail into a bucket, then calls a function with what it thinks of it: here, what was ordered.
"""

import base64
import functools
import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from typing import TYPE_CHECKING, Any

from local.control import refuse

from .configuration import Configuration, LetterOrder
from .events import write_time
from .post_office import Kept, PostOffice

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

type Json = dict[str, Any]

MAILS = "mail/"  # what the template's receipt rule puts before the key


@dataclass(frozen=True)
class Letter:
    """A mail on its way in: its id at SES, its bytes, and what SES says with it."""

    mail_id: str
    raw: bytes
    event: Json


def write_letter(office: PostOffice, order: LetterOrder) -> Letter:
    """A new mail, or the answer to one in the mailbox, which quotes it and goes where it asks answers to go."""
    answered = office.kept.get(order.to)
    if answered is None and "@" not in order.to:
        raise refuse(f"to: no mail {order.to!r}, and no address")
    to = find_answer_address(answered) if answered else order.to
    sender = order.sender or (answered.mail.to[0] if answered else "")
    if not sender:
        raise refuse("from: needed where no mail is answered")
    name, address = parseaddr(sender)
    mail = EmailMessage()
    mail["From"] = formataddr((order.name or name, address))
    mail["To"] = to
    subject = f"Re: {answered.mail.subject}" if answered else "A question"
    mail["Subject"] = order.subject if order.subject is not None else subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = order.message_id or f"<{secrets.token_hex(12)}@{address.rpartition('@')[2]}>"
    if answered:
        mail["In-Reply-To"] = mail["References"] = f"<{answered.message_id}@email.amazonses.com>"
    for header, value in order.headers.items():
        mail[header] = value
    mail.set_content(f"{order.text}\n\n{quote(answered)}" if answered else order.text)
    for file in order.attachments:
        kind, _, detail = file.content_type.partition("/")
        content = base64.b64decode(file.base64)
        mail.add_attachment(content, maintype=kind, subtype=detail, filename=file.filename)
    mail_id = secrets.token_hex(20)
    bare = parseaddr(to)[1]
    return Letter(mail_id, mail.as_bytes(policy=SMTP), describe_delivery(mail_id, bare, address, order))


def find_answer_address(kept: Kept) -> str:
    """Where an answer goes: to what the mail asks for, else to its sender."""
    return kept.mail.reply_to[0] if kept.mail.reply_to else kept.mail.sender


def quote(kept: Kept) -> str:
    """The mail that is answered, below a line that says whose it is, as most programs write it."""
    at = datetime.fromtimestamp(kept.at, UTC)
    lines = "\n".join(f"> {line}" for line in (kept.mail.text or "").splitlines())
    return f"On {at:%a, %d %b %Y at %H:%M}, {kept.mail.sender} wrote:\n\n{lines}\n"


def describe_delivery(mail_id: str, to: str, sender: str, order: LetterOrder) -> Json:
    """The event with which SES calls the function."""
    verdicts = {
        name: {"status": order.verdicts.get(name, "PASS")} for name in ("spam", "virus", "spf", "dkim", "dmarc")
    }
    receipt: Json = {f"{name}Verdict": verdict for name, verdict in verdicts.items()} | {
        "recipients": [to],
        "timestamp": write_time(time.time()),
        "processingTimeMillis": 200,
        "action": {"type": "Lambda", "invocationType": "Event"},
    }
    if verdicts["dmarc"]["status"] == "FAIL":
        receipt["dmarcPolicy"] = order.dmarc_policy
    source = sender if order.envelope_from is None else order.envelope_from
    head = {"messageId": mail_id, "source": source, "destination": [to], "timestamp": write_time(time.time())}
    return {"Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": {"mail": head, "receipt": receipt}}]}


def deliver(letter: Letter, configuration: Configuration) -> None:
    """Into the bucket, then to the function; refused where no mail is received at that domain."""
    [recipient] = letter.event["Records"][0]["ses"]["receipt"]["recipients"]
    domain = recipient.rpartition("@")[2].lower()
    if not configuration.letters_domain or domain != configuration.letters_domain:
        raise refuse(f"to: no mail is received at {domain}, only at {configuration.letters_domain or 'no domain'}")
    s3, functions = open_clients(configuration.aws_endpoint_url, configuration.region)
    bucket, function = str(configuration.letters_bucket), str(configuration.letters_function)
    s3.put_object(Bucket=bucket, Key=f"{MAILS}{letter.mail_id}", Body=letter.raw, ContentType="message/rfc822")
    functions.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(letter.event).encode())


@functools.lru_cache(maxsize=4)
def open_clients(endpoint_url: str | None, region: str) -> "tuple[S3Client, LambdaClient]":
    """With the local AWS's root key, as SES has keys of its own."""
    import boto3

    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)
    return session.client("s3", endpoint_url=endpoint_url), session.client("lambda", endpoint_url=endpoint_url)
