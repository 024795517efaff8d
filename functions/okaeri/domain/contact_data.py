"""Phone numbers and e-mail addresses in the one spelling that we compare and send by."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_EMAIL = re.compile(
    r"[^@\s\x00-\x1f<>(),;:\"\[\]\\]+@(?:[^@\s\x00-\x1f<>(),;:\"\[\]\\.]+\.)+[^@\s\x00-\x1f<>(),;:\"\[\]\\.]{2,}"
)
# What shoppers, WhatsApp and the dialling plan write in two ways, and the one way that we keep.
_VARIANTS = (
    (re.compile(r"\+55(\d{2})([6-9]\d{7})"), r"+55\g<1>9\g<2>"),
    (re.compile(r"\+521(\d{10})"), r"+52\g<1>"),
    (re.compile(r"\+54([1-8]\d{9})"), r"+549\g<1>"),
)


@lru_cache(maxsize=512)  # an order's webhooks come in a row
def normalise_phone(raw: str | None, country: str | None) -> str | None:
    """E.164 ("+819012345678") in the one form of `unify_phone`, or None where no whole number can be read.

    `country` (ISO 3166-1 alpha-2) is where a number without a country code was written. A number needs to be
    possible, not assigned: numbering plans change faster than the library's data.
    """
    if not raw or len(raw) > 60:
        return None
    numbers = _import_phonenumbers()
    try:
        number = numbers.parse(raw, country.upper() if country else None)
    except numbers.NumberParseException:
        return None
    # Mexico's old mobile form is too long a number by today's plan, so it is brought into the new one first.
    found = unify_phone(str(numbers.format_number(number, numbers.PhoneNumberFormat.E164)))
    if numbers.is_possible_number_with_reason(numbers.parse(found)) != numbers.ValidationResult.IS_POSSIBLE:
        return None
    return found


def unify_phone(number: str) -> str:
    """The one form of an E.164 number that is written in two: what shoppers type, what is dialled, what WhatsApp shows.

    Brazil put a 9 before its mobile numbers, which WhatsApp leaves out of older ones; Mexico dropped the 1 that
    WhatsApp keeps; Argentina's mobiles have a 9 that many leave out. Ours is the form that is dialled today from
    abroad. A Brazilian landline stays as it is; an Argentine number is taken for a mobile, as WhatsApp takes it.
    """
    for pattern, unified in _VARIANTS:
        if found := pattern.fullmatch(number):
            return found.expand(unified)
    return number


def normalise_email(raw: str | None) -> str | None:
    """The address lower-cased, or None where it is none (RFC 5321 allows 254 characters)."""
    if not raw:
        return None
    address = raw.strip().lower()
    return address if len(address) <= 254 and _EMAIL.fullmatch(address) else None


def _import_phonenumbers() -> Any:
    """Imported at the first number: 26 ms that a cold start without one does not pay."""
    import phonenumbers

    return phonenumbers
