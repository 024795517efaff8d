"""Letters by e-mail and by form: which of them a person wrote, and what they name. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

MAX_TEXT = 20_000  # characters of what is new in a letter; what is longer is cut
MAX_SUBJECT = 200
MAX_NAME = 100
MAX_FILES = 10

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
    """A file in a mail, under the type and name that its sender gave it."""

    name: str
    content_type: str
    body: bytes


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
    """To whom a letter goes: a store, and the ticket that it answers where its address names one."""

    store_id: str
    ticket_id: str | None = None


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
