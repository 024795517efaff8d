"""What a person typed, checked and put into its one form. Each refusal says how to mend it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from pydantic import TypeAdapter, ValidationError

from command_line.failures import CommandFailure
from okaeri.catalogue.compile_conditions import LONGEST
from okaeri.domain.languages import match_locale

_STORE_ID = re.compile(r"[a-z0-9-]{2,40}")
_HOST = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_EMAIL = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+\.[^@\s<>,;:\"()]+")
_DURATION = TypeAdapter(timedelta)


def check_store_id(text: str) -> str:
    """2 to 40 of a-z, 0-9 and -: it stands in addresses and in SSM names."""
    if not _STORE_ID.fullmatch(text):
        raise CommandFailure(
            f"{text!r} is no store id",
            at="STORE_ID",
            fix="Use 2 to 40 lower-case letters, digits and hyphens, such as aya-ceramics.",
        )
    return text


def check_host(text: str, at: str) -> str:
    """A host name without scheme, port or path, lower-case."""
    host = text.strip().lower()
    if "://" in host or "/" in host:
        proposed = urlsplit(host if "://" in host else f"//{host}").hostname or "shop.example.com"
        raise CommandFailure(f"{text!r} is an address, not a domain", at=at, fix=f"Give the host alone: {proposed}.")
    if not _HOST.fullmatch(host):
        raise CommandFailure(f"{text!r} is no domain", at=at, fix="Give the host alone, such as shop.example.com.")
    return host


def check_url(text: str, at: str) -> str:
    """An http or https address."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", text.strip()):
        raise CommandFailure(
            f"{text!r} is no web address", at=at, fix="Give it whole, such as https://shop.example.com."
        )
    return text.strip()


def check_email(text: str, at: str) -> str:
    """An address that SES takes: the part before the @ in ASCII."""
    address = text.strip()
    if not _EMAIL.fullmatch(address):
        raise CommandFailure(
            f"{text!r} is no e-mail address", at=at, fix="Give the address alone, such as hello@shop.example.com."
        )
    if not address.partition("@")[0].isascii():
        raise CommandFailure(
            f"SES takes no {text!r}: the part before the @ must be ASCII", at=at, fix="Use another sender address."
        )
    return address


def check_phone(text: str, at: str) -> str:
    """A phone number with its country code, as E.164."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise CommandFailure(
            f"{text!r} is no international phone number",
            at=at,
            fix="Begin with + and the country code: +81 3 1234 5678.",
        )
    formatted: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return formatted


def check_meta_id(text: str, at: str) -> str:
    """An id as Meta's pages show it: digits."""
    if not re.fullmatch(r"\d{5,25}", text.strip()):
        raise CommandFailure(
            f"{text!r} is no id of Meta's",
            at=at,
            fix="Copy the digits from WhatsApp → API setup in Meta's app dashboard; it is not the phone number itself.",
        )
    return text.strip()


def check_rate(text: str, at: str) -> int:
    """Messages a second, as Meta gives them to a number."""
    if not text.strip().isdecimal() or not 1 <= int(text) <= 1000:
        raise CommandFailure(f"{text!r} is no rate", at=at, fix="Say 1 to 1000, such as 20 beside the Business app.")
    return int(text)


def check_count(text: str, at: str) -> int:
    """A number of days, orders or messages."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise CommandFailure(f"{text!r} is no number", at=at, fix="Give a whole number, 1 or more.")
    return int(text)


def check_amount(text: str, at: str) -> Decimal:
    """A sum in the store's currency."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0:
        raise CommandFailure(f"{text!r} is no sum", at=at, fix="Give a number such as 200 or 199.50.")
    return amount


def check_time_zone(text: str, at: str) -> str:
    """A name of the IANA time zone database."""
    zones = available_timezones()
    if text in zones:
        return text
    near = _propose(text, zones)
    raise CommandFailure(f"{text!r} is no time zone", at=at, fix=f"Use an IANA name{near or ', such as Asia/Tokyo'}.")


def check_currency(text: str, at: str) -> str:
    """An ISO 4217 code, upper-case."""
    code = text.strip().upper()
    if code not in Locale("en").currencies:
        raise CommandFailure(f"{text!r} is no currency", at=at, fix="Use its ISO 4217 code, such as USD, JPY or EUR.")
    return code


def check_country(text: str, at: str) -> str:
    """An ISO 3166 code of two letters, upper-case."""
    code = text.strip().upper()
    if not re.fullmatch("[A-Z]{2}", code) or code not in Locale("en").territories or code in ("EU", "UN", "ZZ"):
        raise CommandFailure(
            f"{text!r} is no country", at=at, fix="Use its ISO 3166 code of two letters, such as US, JP or DE."
        )
    return code


def check_language(text: str, at: str, spoken: Collection[str]) -> str:
    """A language that the catalogue has words for; en-US finds en, and pt finds pt_BR, where only that is there."""
    found = match_locale(text.strip(), spoken)
    if found is None:
        raise CommandFailure(
            f"there are no templates in {text!r}",
            at=at,
            fix=f"Choose one of {', '.join(sorted(spoken))}, or add the language (docs/templates.md).",
        )
    return found


def check_duration(text: str, at: str) -> timedelta:
    """An ISO 8601 length of time, not negative, ten years at most."""
    try:
        span = _DURATION.validate_python(text.strip())
        if not text.strip().upper().startswith("P") or span < timedelta(0):
            raise ValueError(text)
        if span > LONGEST:
            raise CommandFailure(f"{text!r} is longer than ten years", at=at, fix="P3653D at most.")
    except (ValidationError, ValueError):
        raise CommandFailure(
            f"{text!r} is no length of time", at=at, fix="Write it as ISO 8601: P7D (7 days), PT4H (4 hours)."
        ) from None
    return span


def check_yes_or_no(text: str, at: str) -> bool:
    """yes, no, true, false, on, off."""
    match text.strip().lower():
        case "yes" | "true" | "on":
            return True
        case "no" | "false" | "off":
            return False
    raise CommandFailure(f"{text!r} is neither yes nor no", at=at, fix="Say yes or no.")


def check_one_of(text: str, at: str, allowed: Collection[str]) -> str:
    """One of a few words."""
    if text not in allowed:
        near = _propose(text, allowed)
        raise CommandFailure(
            f"{text!r} is not known here", at=at, fix=f"Choose one of {', '.join(sorted(allowed))}{near}."
        )
    return text


def check_hours(text: str, at: str) -> tuple[str, str]:
    """`09:00-20:00`, local time, the end after the beginning."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text.strip())
    if not found or text.strip()[:5] >= text.strip()[6:]:
        raise CommandFailure(
            f"{text!r} are no hours", at=at, fix="Write them as 09:00-20:00, in the shopper's own time."
        )
    return text.strip()[:5], text.strip()[6:]


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def check_days(text: str, at: str) -> tuple[int, ...]:
    """`mon-fri` or `mon,wed,sat`: 0 is Monday. No day at all would be a switch, which `sending` is."""
    days: set[int] = set()
    for word in filter(None, re.split(r"[,\s]+", text.strip().lower())):
        first, _, last = word.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS or _DAYS.index(last or first) < _DAYS.index(first):
            raise CommandFailure(f"{word!r} is no day of the week", at=at, fix="Write mon-fri, or mon,wed,sat.")
        days.update(range(_DAYS.index(first), _DAYS.index(last or first) + 1))
    if not days:
        raise CommandFailure("no day is left", at=at, fix="To send no marketing at all: okaeri stores sending.")
    return tuple(sorted(days))


def _propose(text: str, allowed: Collection[str]) -> str:
    """`; did you mean …?` or nothing."""
    by_fold = {word.casefold(): word for word in allowed}
    near = difflib.get_close_matches(text.casefold().replace(" ", "_"), by_fold, n=1, cutoff=0.6)
    return f"; did you mean {by_fold[near[0]]}?" if near else ""
