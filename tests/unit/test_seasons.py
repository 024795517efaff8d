"""Broadcasts that are ready to be created: cards of the season say nothing to buy, on the days of the calendar."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from okaeri.catalogue.compile_broadcasts import compile_broadcast_file
from okaeri.catalogue.compile_templates import TEMPLATES
from okaeri.domain.broadcasts import EarlyAccess
from okaeri.domain.country_rules import is_holiday
from okaeri.domain.languages import SHIPPED
from tests.world import MONDAY, load_catalogue, make_store, publish_template

READY = sorted((TEMPLATES.parent / "broadcasts").glob("*.yaml"))
CARDS = [path for path in READY if "template: season_card" in path.read_text("utf-8")]
DOCUMENT = Path(__file__).parents[2] / "docs" / "calendar.md"
NAMES = ("news", "sale_early", "season_card")
STORE = make_store(load_catalogue(), templates={name: publish_template(name) for name in NAMES})


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_each_card_is_a_broadcast_that_any_shop_may_create(path: Path) -> None:
    card = compile_broadcast_file(path.read_text("utf-8"), path.name, STORE, made_at=MONDAY)
    assert card.broadcast_id == path.stem
    assert "en" in card.words
    assert set(card.words) <= set(SHIPPED)
    assert not any("url" in words for words in card.words.values())


def test_a_sale_that_loyal_customers_hear_of_first_is_ready_in_every_language() -> None:
    [path] = set(READY) - set(CARDS)
    sale = compile_broadcast_file(path.read_text("utf-8"), path.name, STORE, made_at=MONDAY)
    assert set(sale.words) == set(SHIPPED)
    assert sale.early_access == EarlyAccess(segment="loyal", ahead=timedelta(days=1), template="sale_early")


def test_everybody_is_wished_a_happy_new_year_in_their_language() -> None:
    path = next(path for path in CARDS if path.stem == "new-year")
    card = compile_broadcast_file(path.read_text("utf-8"), path.name, STORE, made_at=MONDAY)
    assert (card.audience, set(card.words)) == (None, set(SHIPPED))


def test_the_days_in_the_document_are_holidays_of_the_countries_beside_them() -> None:
    rows = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| `")]
    told = {row.split("`")[1]: re.findall(r"(\d{4}-\d\d-\d\d) \(([A-Z]{2})\)", row) for row in rows}
    days = {card: found for card, found in told.items() if found}
    assert set(days) == {path.stem for path in CARDS}
    for found in days.values():
        assert [day[:4] for day, _ in found] == ["2027", "2028"]
        assert all(is_holiday(country, date.fromisoformat(day)) for day, country in found)
