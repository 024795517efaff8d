"""Reads a mail: who wrote it, what is new in it, and its files. Whatever its sender's program got wrong, it is read."""

from __future__ import annotations

import unicodedata
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import parseaddr

from mailparser_reply import EmailReplyParser

from okaeri.domain.letters import MAX_FILES, MAX_TEXT, Mail, MailFile
from receive_email_event.html_text import list_embedded, read_html

# The languages whose quoting lines the library knows, of those that shops speak here.
_LANGUAGES = ["en", "de", "es", "fr", "it", "ja", "ko", "nl", "pl", "zh"]
# Characters within which the library looks for the beginning of a quote: its patterns take the square of that.
_SEARCHED = 6000
_DECORATION = 8 * 1024  # bytes: a smaller picture within the text is a logo in a signature
_HEADERS = (
    "auto-submitted",
    "list-id",
    "list-unsubscribe",
    "precedence",
    "x-auto-reply",
    "x-autoreply",
    "x-autorespond",
)


def read_mail(raw: bytes) -> Mail:
    """Never raises: what cannot be decoded is read with replacement characters, or is missing."""
    message = BytesParser(policy=policy.default).parsebytes(raw)
    name, sender = _read_sender(message)
    return Mail(
        message_id=_read_header(message, "message-id").strip("<> \t"),
        sender=sender,
        name=_clean(name),
        subject=_clean(_read_header(message, "subject")),
        text=read_new_text(_read_text(message)),
        headers={header: value for header in _HEADERS if (value := _read_header(message, header))},
        content_type=message.get_content_type(),
        files=tuple(_list_files(message)),
    )


def read_new_text(text: str) -> str:
    """What was written now, without the mail that it answers; all of it where nothing is left.

    A signature stays unless it stands below the usual two hyphens: no word of a shopper's is lost to a guess.
    """
    whole = _clean(text)[: 2 * MAX_TEXT]
    kept = _cut_quote(whole)
    parts = EmailReplyParser(languages=list(_LANGUAGES)).read(kept[:_SEARCHED]).replies
    lines = (parts[0].full_body if len(parts) > 1 else kept).split("\n")
    bare = [line.strip() for line in lines]
    if "--" in bare:
        lines = lines[: bare.index("--")]
    new = "\n".join(line for line in lines if not line.startswith(">")).strip()
    return new or whole


def _cut_quote(text: str) -> str:
    """In any language: from the line that names an address and ends in a colon, where a quote or nothing follows."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        following = next((later for later in lines[number + 1 :] if later.strip()), ">")
        if "@" in line and line.rstrip().endswith((":", "：")) and following.startswith(">"):
            is_second = line.lstrip().startswith("<") and number > 0 and lines[number - 1].strip()
            return "\n".join(lines[: number - 1 if is_second else number])
    return text


def _read_sender(message: EmailMessage) -> tuple[str, str]:
    return parseaddr(_read_header(message, "from"))


def _read_header(part: MIMEPart, name: str) -> str:
    try:
        value = part.get(name)
    except Exception:  # the standard parser raises what it likes on headers that nobody should write
        return ""
    return "" if value is None else str(value)


def _read_text(message: EmailMessage) -> str:
    plain = message.get_body(("plain",))
    if plain is not None and (text := _decode(plain)).strip():
        return text
    html = message.get_body(("html",))
    return read_html(_decode(html)) if html is not None else ""


def _decode(part: MIMEPart) -> str:
    try:
        content = part.get_content()
    except (LookupError, ValueError):  # a charset that nobody knows, or a transfer encoding that is none
        payload = part.get_payload(decode=True)
        content = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return content if isinstance(content, str) else ""


def _list_files(message: EmailMessage) -> list[MailFile]:
    """Attachments, and pictures within the text that are more than decoration. One more than is kept, to be told."""
    files: list[MailFile] = []
    html = message.get_body(("html",))
    shown, quoted = list_embedded(_decode(html)) if html is not None else (set(), set())
    for part in message.walk():
        if part.is_multipart() or len(files) > MAX_FILES:
            continue
        kind, name = part.get_content_type(), part.get_filename()
        is_attached = part.get_content_disposition() == "attachment"
        if not (is_attached or name or not kind.startswith("text/")):
            continue
        payload = part.get_payload(decode=True)
        body = payload if isinstance(payload, bytes) else b""
        is_decoration = kind.startswith("image/") and not is_attached and len(body) < _DECORATION
        if body and not is_decoration:
            content_id = _read_header(part, "content-id").strip("<> \t")
            is_embedded, is_quoted = content_id in shown, content_id in quoted
            files.append(MailFile(_clean(name or ""), kind, body, is_embedded, is_quoted))
    return files


def _clean(text: str) -> str:
    """Without lone surrogates and control characters, which queues and tables refuse."""
    lines = text.replace("\r\n", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()
