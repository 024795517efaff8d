"""Letters by e-mail and by form: which of them a person wrote, and what they name. Pure."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from okaeri.domain.events import Event
from okaeri.domain.values import make_id

MAX_TEXT = 20_000  # characters of what is new in a letter; what is longer is cut
MAX_SUBJECT = 200
MAX_NAME = 100
MAX_FILES = 10
# Bytes from which on a picture is a photo: beside the text, and within it, where signatures have their logos.
_LEAST_ATTACHED, _LEAST_EMBEDDED = 8 * 1024, 24 * 1024

_PASS, _FAIL = "PASS", "FAIL"
_ORDER_NAME = re.compile(r"#\s?([A-Za-z]{0,6}-?\d{3,12}[A-Za-z0-9-]{0,8})\b")
_ADDRESS = re.compile(r"[/@:]|\w{2}\.\w{2}")
_MACHINES = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+._-].*)?", re.IGNORECASE)
_MASS = ("bulk", "junk", "list", "auto_reply")


class Verdicts(NamedTuple):
    """What the provider thinks of a mail: PASS, FAIL, GRAY, PROCESSING_FAILED or nothing.

    `dmarc_policy` is what the sender's domain asks for where DMARC fails: none, quarantine, reject.
    """

    spam: str = ""
    virus: str = ""
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    dmarc_policy: str = ""


class MailNotice(NamedTuple):
    """A mail as the provider announces it: its id, whom it reached, who handed it over (the envelope), and verdicts."""

    mail_id: str
    recipients: tuple[str, ...]
    envelope_from: str
    at: datetime
    verdicts: Verdicts = Verdicts()


class MailFile(NamedTuple):
    """A file in a mail, under the type and name that its sender gave it.

    `is_embedded`: the mail shows it within its text; `is_quoted`: within what it quotes alone.
    """

    name: str
    content_type: str
    body: bytes
    is_embedded: bool = False
    is_quoted: bool = False


class Mail(NamedTuple):
    """What a mail says. `headers` are its first of each name, in small letters; `text` is what is new in it."""

    message_id: str
    sender: str
    name: str
    subject: str
    text: str
    headers: Mapping[str, str]
    content_type: str = "text/plain"
    files: tuple[MailFile, ...] = ()


class Addressee(NamedTuple):
    """To whom a letter goes: a store, and what it answers where its address names that: a ticket, or a question.

    `question` is the beginning of the question's seed, `customer_id` whom it was asked.
    """

    store_id: str
    ticket_id: str | None = None
    question: str | None = None
    customer_id: str | None = None


def judge_notice(verdicts: Verdicts) -> str:
    """Why a mail is not even opened, empty where it is: what its sender's own domain disowns is not opened either."""
    if verdicts.virus == _FAIL:
        return "virus"
    if verdicts.spam == _FAIL:
        return "spam"
    if verdicts.dmarc == _FAIL and verdicts.dmarc_policy.lower() in ("quarantine", "reject"):
        return "forged"
    return ""


def is_proven(verdicts: Verdicts) -> bool:
    """Whether the sender's domain stands by the mail: where it does not, anybody may have written it.

    A domain that publishes no DMARC (GRAY) stands by nothing: SPF and DKIM alone may be another domain's.
    """
    return verdicts.dmarc == _PASS


def judge_mail(mail: Mail, envelope_from: str) -> str:
    """Why no person wrote it, empty where one did: what machines send is never answered (RFC 3834, section 2)."""
    headers = mail.headers
    if not mail.sender or envelope_from.strip() in ("", "<>"):
        return "bounce"
    if mail.content_type in ("multipart/report", "message/delivery-status"):
        return "bounce"
    if headers.get("auto-submitted", "no").partition(";")[0].strip().lower() not in ("", "no"):
        return "automatic"
    if any(name in headers for name in ("x-autoreply", "x-autorespond", "x-auto-reply")):
        return "automatic"
    if headers.get("precedence", "").strip().lower() in _MASS or "list-id" in headers or "list-unsubscribe" in headers:
        return "mailing_list"
    if _MACHINES.fullmatch(mail.sender.partition("@")[0]):
        return "automatic"
    return ""


def is_photo(file: MailFile, content_type: str) -> bool:
    """Whether a file of this type, by its content, is a picture or film that the writer shows.

    Logos are none: not those of the quoted mail, nor small ones, nor those of a signature, which stand within the text.
    Phones put photos there too, but none of theirs is so small, even at the smallest size that they offer; and none
    makes a GIF.
    """
    if file.is_quoted or content_type == "image/gif":
        return False
    if content_type.startswith("video/"):
        return True
    least = _LEAST_EMBEDDED if file.is_embedded else _LEAST_ATTACHED
    return content_type.startswith("image/") and len(file.body) >= least


def name_letter_file(event_id: str, number: int) -> str:
    """How the file of this place in a letter is known beside its customer."""
    return make_id(event_id, "file", number)[:24]


def list_photos(event: Event) -> list[str]:
    """The photos of a letter, as they are known beside its customer."""
    files = json.loads(str(event.data.get("files") or "[]"))
    return [name_letter_file(event.event_id, number) for number, file in enumerate(files) if file.get("is_photo")]


def read_name(text: str) -> str:
    """What the writer calls themselves; empty where it holds an address.

    Our answer greets by it, at whatever mailbox they named: a stranger's advertisement must not travel under our name.
    """
    name = " ".join(text.split())
    return "" if _ADDRESS.search(name) else name


def find_order_name(*texts: str) -> str:
    """The first order that is named with its number sign, such as `#1001`, as shoppers write it; empty without one."""
    found = next((match for text in texts if (match := _ORDER_NAME.search(text))), None)
    return f"#{found[1]}" if found else ""
