"""What shops tell of their products beyond the store's record, in whichever form it is written."""

from __future__ import annotations

from typing import Any

import pytest

from okaeri.domain.orders import Guide
from receive_store_event.product_care import CareRefused, find_care, read_care


def test_nothing_is_nothing() -> None:
    assert read_care({"specification": "", "guides": None, "refill_days": [], "parcel": {}}) is None
    assert find_care([]) is None


def test_a_spreadsheet_s_cells_and_a_store_s_json_say_the_same() -> None:
    cells = {"specification": "Material: linen | Care: 40 °C", "guides": "Wash = https://k.example/w"}
    fields = {
        "specification": '{"Material": "linen", "Care": "40 °C"}',
        "guides": '[{"title": "Wash", "url": "https://k.example/w"}]',
    }
    assert read_care(cells) == read_care(fields)


def test_guides_have_a_kind_by_their_column_and_a_language_in_front() -> None:
    care = read_care({"videos": "[de] Pflege = https://k.example/a | Fold = https://k.example/b?x=1", "faqs": ""})
    assert care is not None
    assert care.guides == (
        Guide(title="Pflege", url="https://k.example/a", kind="video", locale="de"),
        Guide(title="Fold", url="https://k.example/b?x=1", kind="video"),
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("specification", "linen"),
        ("specification", "Material:"),
        ("guides", "https://k.example"),
        ("guides", "Wash = ftp://k.example"),
        ("guides", [{"title": "Wash", "url": "javascript:alert(1)"}]),
        ("guides", [{"title": "Wash", "url": "https://k.example", "kind": "song"}]),
        ("refill_days", "0"),
        ("refill_days", "-3"),
        ("review_days", "1e3"),
        ("review_days", True),
        ("refill_days", "99999"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name_with_a_way_to_write_it(field: str, value: Any) -> None:
    with pytest.raises(CareRefused) as refused:
        read_care({field: value})
    assert refused.value.field == field
    assert refused.value.fix
    assert find_care([(field, value), ("parcel", "A box")]) == read_care({"parcel": "A box"})


def test_a_store_s_own_names_are_read_and_others_are_not() -> None:
    care = find_care([("_okaeri_refill_days", "30"), ("_other_review_days", "3"), (None, "x")])
    assert care is not None
    assert (care.refill_days, care.review_days) == (30, None)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, f"a{' ' * 100_000}b", f"a{' |' * 50_000}"])
def test_what_is_too_deep_or_too_long_says_nothing_and_holds_up_nobody(text: str) -> None:
    """The product's own webhook is read all the same, and at once."""
    care = find_care([("guides", text), ("refill_days", "30")])
    assert care is not None
    assert (care.guides, care.refill_days) == ((), 30)


def test_blanks_around_a_guide_are_none_of_it() -> None:
    care = read_care({"guides": " Wash   it  =   https://k.example/w \n | Fold = https://k.example/f"})
    assert care is not None
    assert [guide.title for guide in care.guides] == ["Wash it", "Fold"]
