"""Phone numbers and e-mail addresses in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okaeri.domain.contact_data import normalise_email, normalise_phone, unify_phone


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
    ("ways", "country", "expected"),
    [
        (  # Chatwoot #5840: WhatsApp leaves the ninth digit out of older Brazilian numbers
            ["+55 11 98765-4321", "+55 11 8765-4321", "551187654321", "(11) 98765-4321", "(11) 8765-4321"],
            "BR",
            "+5511987654321",
        ),
        (["+55 11 3456-7890", "(11) 3456-7890"], "BR", "+551134567890"),  # a landline has none
        (["+52 55 1234 5678", "+52 1 55 1234 5678", "55 1234 5678", "1 55 1234 5678"], "MX", "+525512345678"),
        (["+54 9 11 2345-6789", "+54 11 2345-6789", "011 15 2345-6789", "11 2345-6789"], "AR", "+5491123456789"),
        (["+1 613 555 0127", "(613) 555-0127"], "CA", "+16135550127"),
    ],
)
def test_a_number_that_is_written_in_two_ways_is_one(ways: list[str], country: str, expected: str) -> None:
    assert {normalise_phone(raw, country) for raw in ways} == {expected}


@given(st.from_regex(r"\+(55|52|54|81|1)[1-9][0-9]{7,11}", fullmatch=True))
def test_the_one_form_of_a_number_is_its_own(number: str) -> None:
    assert unify_phone(unify_phone(number)) == unify_phone(number)


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
