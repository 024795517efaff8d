"""Broadcast and segment files: what docs/broadcasts.md shows compiles, and mistakes are named."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from okaeri.catalogue.compile_broadcasts import compile_broadcast_file, compile_segment
from okaeri.catalogue.journey_yaml import JourneyError
from okaeri.domain.broadcasts import (
    Broadcast,
    BroadcastCoupon,
    EarlyAccess,
    Ramp,
    RampPart,
    choose_words,
    count_minute,
    find_part_end,
)
from okaeri.domain.values import Channel
from tests.broadcasting import make_broadcast, make_broadcasting_store

DOCUMENT = (Path(__file__).parents[2] / "docs" / "broadcasts.md").read_text("utf-8")
NOW = datetime(2026, 11, 2, tzinfo=UTC)


def find_snippet(kind: str) -> str:
    found = re.search(rf"^```yaml {kind}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def compile_file(text: str) -> Broadcast:
    return compile_broadcast_file(text, "summer.yaml", make_broadcasting_store(), made_at=NOW)


def test_the_broadcast_in_the_documents_compiles_to_what_it_says() -> None:
    made = compile_file(find_snippet("broadcast"))
    assert (made.broadcast_id, made.template, made.channels) == ("summer-linen", "news", tuple(Channel))
    assert made.audience is not None and made.audience.has == "loyal"
    assert made.valid_for == timedelta(days=2)
    assert made.ramp == Ramp(), "the document shows the defaults"


def test_the_segment_in_the_documents_compiles() -> None:
    condition = compile_segment(find_snippet("segment"), "linen_lovers.yaml")
    assert [part.field for part in condition.all[:3]] == ["customer.segments", "customer.country", "customer.tags"]


def test_all_that_is_wrong_with_a_file_is_told_at_once() -> None:
    text = (
        find_snippet("broadcast")
        .replace("template: news", "template: gnus")
        .replace("title: New linen", "titel: New linen")
    )
    with pytest.raises(JourneyError) as error:
        compile_file(text)
    told = str(error.value)
    assert "has no template 'gnus'" in told and "words.en lacks `title`" in told and "words have no `titel`" in told


@pytest.mark.parametrize(
    "text", ["", "- a\n- b\n", "broadcast: a\n", "{", "broadcast: a\ntemplate: news\nwords: none\n"]
)
def test_what_is_no_broadcast_is_refused(text: str) -> None:
    with pytest.raises(JourneyError):
        compile_file(text)


def test_a_ramp_rises() -> None:
    text = find_snippet("broadcast").replace("{percent: 10}", "{percent: 0.5}")
    with pytest.raises(JourneyError, match="the ramp does not rise"):
        compile_file(text)


@pytest.mark.parametrize(
    ("size", "part", "end"), [(100, 0, 50), (10_000, 0, 100), (10_001, 0, 101), (10_000, 1, 1_000), (10_000, 2, None)]
)
def test_a_part_ends_at_its_share_of_the_audience(size: int, part: int, end: int | None) -> None:
    ramp = Ramp(parts=(RampPart(percent=1, at_least=50), RampPart(percent=10)))
    assert find_part_end(make_broadcast(size=size, part=part, ramp=ramp)) == end


@pytest.mark.parametrize(
    ("rate", "waiting", "people"), [(80, 0, 3360), (80, 3000, 360), (80, 9000, 0), (1000, 0, 42000)]
)
def test_a_minute_takes_what_can_be_sent_in_it_less_what_waits(rate: int, waiting: int, people: int) -> None:
    assert count_minute(rate, waiting) == people


@pytest.mark.parametrize(
    ("locale", "language"), [("ja", "ja"), ("pt_BR", "pt_PT"), ("de", "en"), ("en", "en"), ("pt_PT", "pt_PT")]
)
def test_a_reader_without_words_of_their_own_gets_the_nearest(locale: str, language: str) -> None:
    words = {name: {"title": name} for name in ("ja", "en", "pt_PT")}
    assert choose_words(make_broadcast(words=words), locale, "en") == {"title": language}


def test_where_not_even_the_shops_language_has_words_the_first_ones_are_said() -> None:
    assert choose_words(make_broadcast(words={"ja": {"title": "夏"}}), "de", "en") == {"title": "夏"}


SALE = """
broadcast: sale
template: news
to: {tag: "bought:aprons"}
words: {en: {title: Aprons, text: a week of linen, url: "https://kinari.example/aprons"}}
coupon: %s
"""


def test_a_broadcast_may_bring_a_code_of_their_own_for_each() -> None:
    made = compile_file(SALE % "{percent: 12.5, days: 14, minimum: 1000000, budget: 500, worth: 6, pool: spring}")
    assert made.coupon == BroadcastCoupon(
        pool="spring", percent="12.5", days="14", minimum="1000000", budget="500", worth="6"
    )
    assert compile_file(SALE % "{pool: spring}").coupon == BroadcastCoupon(pool="spring")


@pytest.mark.parametrize(
    ("coupon", "what"),
    [
        ("{days: 14}", "where the code comes from is open"),
        ("{percent: 10, amount: 5}", "where the code comes from is open"),
        ("{percent: 110}", "percent"),
        ("{percent: 10, budget: 500}", "what a code takes of the budget is open"),
        ("{pool: Not A Pool}", "is no pool"),
    ],
)
def test_a_code_that_nobody_could_give_is_refused(coupon: str, what: str) -> None:
    with pytest.raises(JourneyError) as refused:
        compile_file(SALE % coupon)
    assert what in str(refused.value)


def test_early_access_is_for_a_segment_or_a_tier_and_says_how_long_before() -> None:
    sale = SALE.partition("coupon")[0] + "early_access: %s\n"
    assert compile_file(sale % "{segment: loyal, ahead: PT24H, template: news}").early_access == EarlyAccess(
        segment="loyal", ahead=timedelta(days=1), template="news"
    )
    mistakes = {
        "{segment: loyel, ahead: PT24H}": "no segment 'loyel'",
        "{tier: Gold, ahead: PT24H}": "no tier 'Gold'",
        "{ahead: PT24H}": "who has it is open",
        "{segment: loyal, tier: Gold, ahead: PT24H}": "who has it is open",
        "{segment: loyal, ahead: PT0S}": "nobody is told before the others",
        "{segment: loyal, ahead: a day}": "no duration",
        "{segment: loyal}": "ahead",
        "{segment: loyal, ahead: PT24H, template: sale_erly}": "has no template 'sale_erly'",
    }
    for access, mistake in mistakes.items():
        with pytest.raises(JourneyError, match=mistake):
            compile_file(sale % access)


def test_every_broadcast_in_the_documents_compiles() -> None:
    names = ("news", "news_code", "sale_early_code")
    store = make_broadcasting_store()
    store = store.model_copy(update={"templates": dict.fromkeys(names, store.templates["news"])})
    for text in re.findall(r"^```yaml broadcast\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL):
        assert compile_broadcast_file(text, "shown.yaml", store, made_at=NOW).words
