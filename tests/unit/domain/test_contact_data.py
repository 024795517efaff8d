"""Phone numbers and e-mail addresses in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okaeri.domain.contact_data import normalise_email, normalise_phone


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("090-1234-5678", "JP", "+819012345678"),
        ("０９０－１２３４－５６７８", "JP", "+819012345678"),
        ("+81 90 1234 5678", "DE", "+819012345678"),
        ("030 5557 0123", "de", "+493055570123"),
        ("(11) 96123-4567", "BR", "+5511961234567"),
        ("+1 613-555-0127", None, "+16135550127"),
        ("0044 20 7946 0958", "DE", "+442079460958"),
    ],
)
def test_a_number_is_read_as_its_country_writes_it(raw: str, country: str | None, expected: str) -> None:
    assert normalise_phone(raw, country) == expected


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        (None, "JP"),
        ("", "JP"),
        ("090-1234-5678", None),
        ("n/a", "JP"),
        ("12", "JP"),
        ("555-0123", "US"),  # local: without its area it reaches nobody
        ("0" * 5000, "JP"),
        ("090-1234-5678", "ZZ"),
    ],
)
def test_what_is_no_whole_number_is_none(raw: str | None, country: str | None) -> None:
    assert normalise_phone(raw, country) is None


@given(st.text(), st.one_of(st.none(), st.text(max_size=3)))
def test_any_text_is_a_number_or_none(raw: str, country: str | None) -> None:
    found = normalise_phone(raw, country)
    assert found is None or (found.startswith("+") and found[1:].isdecimal() and 3 <= len(found) <= 18)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (" Jana.Krueger@Example.DE ", "jana.krueger@example.de"),
        ("a+b@sub.example.co.jp", "a+b@sub.example.co.jp"),
        ("no-at.example", None),
        ("two@@example.com", None),
        ("a b@example.com", None),
        ("a@localhost", None),
        ("a@example.com\r\nBcc: x@example.com", None),
        ("Jana <jana@example.de>", None),
        ("x" * 250 + "@example.com", None),
        (None, None),
    ],
)
def test_an_address_is_lower_case_or_none(raw: str | None, expected: str | None) -> None:
    assert normalise_email(raw) == expected
