"""Phone numbers and e-mail addresses in the one spelling that we compare and send by."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_EMAIL = re.compile(
    r"[^@\s\x00-\x1f<>(),;:\"\[\]\\]+@(?:[^@\s\x00-\x1f<>(),;:\"\[\]\\.]+\.)+[^@\s\x00-\x1f<>(),;:\"\[\]\\.]{2,}"
)


@lru_cache(maxsize=512)  # an order's webhooks come in a row
def normalise_phone(raw: str | None, country: str | None) -> str | None:
    """E.164 ("+819012345678"), or None where no whole number can be read.

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
    if numbers.is_possible_number_with_reason(number) != numbers.ValidationResult.IS_POSSIBLE:
        return None
    return str(numbers.format_number(number, numbers.PhoneNumberFormat.E164))


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
