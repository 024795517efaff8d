"""What a shop knows by heart, and its shelf, in memory and in a real table: one contract for both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from okaeri import wiring
from okaeri.adapters import keys
from okaeri.adapters.knowledge import DynamoKnowledge
from okaeri.adapters.shelf import DynamoShelf
from okaeri.domain.knowledge import QuickReply, ShopAnswer
from okaeri.domain.records import ShelfEntry
from okaeri.domain.stores import StoreSettings
from tests.fakes import START, FakeClock, FakeKnowledge, FakeShelf, FakeStores
from tests.functional.aws_from_template import MadeStack
from tests.world import make_store

KINARI = make_store({}, locale="ja")
STORES = FakeStores(KINARI)


@dataclass
class Kept:
    """Both ports, both fake or both real."""

    knowledge: FakeKnowledge | DynamoKnowledge
    shelf: FakeShelf | DynamoShelf


@pytest.fixture(params=["fake", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    if request.param == "fake":
        yield Kept(FakeKnowledge(STORES), FakeShelf())
    else:
        yield open_kept(request.getfixturevalue("made_stack"))


def open_kept(stack: MadeStack) -> Kept:
    """The adapters with empty caches."""
    parts = (wiring.connect_dynamodb(), stack.table_name)
    return Kept(DynamoKnowledge(*parts, STORES), DynamoShelf(*parts, FakeClock()))


def make_entry(product_id: str = "p1", **changes: Any) -> ShelfEntry:
    return ShelfEntry(**{"product_id": product_id, "title": "Apron", "price": "4800", "tags": ("linen",)} | changes)


def test_the_shop_s_answer_is_given_before_ours_and_its_product_s_before_both(kept: Kept) -> None:
    kept.knowledge.put_answer(
        "kinari", ShopAnswer(faq="sizes", locale="ja", answer="普段のサイズで。", products={"p1": "フリーサイズです。"})
    )
    assert kept.knowledge.get_answer("kinari", "sizes", "ja") == "普段のサイズで。"
    assert kept.knowledge.get_answer("kinari", "sizes", "de", product_id="p1") == "フリーサイズです。"
    assert "{{ store.url }}" in (kept.knowledge.get_answer("kinari", "password", "en") or "")
    entries = {entry.faq: entry for entry in kept.knowledge.list_faq("kinari", "en")}
    assert entries["sizes"].is_answered
    assert not entries["gift_wrap"].is_answered


def test_one_shop_does_not_hear_what_another_answers(kept: Kept) -> None:
    kept.knowledge.put_answer("other", ShopAnswer(faq="sizes", locale="en", answer="Theirs."))
    assert kept.knowledge.get_answer("kinari", "sizes", "en") is None


def test_ready_replies_are_kept_by_language_and_name(kept: Kept) -> None:
    kept.knowledge.put_reply("kinari", QuickReply(name="thanks", locale="ja", text="ありがとうございます。"))
    kept.knowledge.put_reply("kinari", QuickReply(name="thanks", locale="en", text="Thank you."))
    kept.knowledge.put_reply("kinari", QuickReply(name="late", locale="en", text="Sorry that it is late."))
    found = kept.knowledge.list_quick_replies("kinari", "en")
    assert [(reply.name, reply.locale) for reply in found] == [("late", "en"), ("thanks", "en")]


def test_a_shop_that_nobody_added_still_has_our_questions(kept: Kept) -> None:
    assert len(kept.knowledge.list_faq("nobody", "en")) == 20


def test_products_are_shown_and_taken_off(kept: Kept) -> None:
    kept.shelf.put_entry("kinari", make_entry("p2", in_stock=False), version=1)
    kept.shelf.put_entry("kinari", make_entry("p1"), version=1)
    kept.shelf.put_entry("other", make_entry("p9"), version=1)
    kept.shelf.remove_entry("kinari", "p3", version=1)
    assert list(kept.shelf.list_entries("kinari")) == [make_entry("p1"), make_entry("p2", in_stock=False)]


def test_who_is_late_changes_nothing_on_the_shelf(kept: Kept) -> None:
    kept.shelf.put_entry("kinari", make_entry(price="20"), version=5)
    kept.shelf.put_entry("kinari", make_entry(price="30"), version=4)
    kept.shelf.remove_entry("kinari", "p1", version=3)
    kept.shelf.remove_entry("kinari", "p2", version=2)
    kept.shelf.put_entry("kinari", make_entry("p2"), version=1)
    assert list(kept.shelf.list_entries("kinari")) == [make_entry(price="20")]


def test_the_same_version_may_be_shown_again(kept: Kept) -> None:
    kept.shelf.put_entry("kinari", make_entry(price="20"), version=5)
    kept.shelf.put_entry("kinari", make_entry(price="30"), version=5)
    assert list(kept.shelf.list_entries("kinari")) == [make_entry(price="30")]


# ── The table's own ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_answers_are_read_once_for_a_while(made_stack: MadeStack) -> None:
    reader, writer = open_kept(made_stack).knowledge, open_kept(made_stack).knowledge
    assert reader.get_answer("kinari", "sizes", "en") is None
    writer.put_answer("kinari", ShopAnswer(faq="sizes", locale="en", answer="Usual."))
    assert reader.get_answer("kinari", "sizes", "en") is None
    assert open_kept(made_stack).knowledge.get_answer("kinari", "sizes", "en") == "Usual."


def test_the_list_is_made_once_as_long_as_nothing_changed(made_stack: MadeStack) -> None:
    knowledge = open_kept(made_stack).knowledge
    first = knowledge.list_faq("kinari", "en")
    assert knowledge.list_faq("kinari", "en") is first
    assert knowledge.list_faq("kinari", "ja") != first
    STORES.stores["kinari"] = make_store({}, locale="ja", settings=StoreSettings(return_promise={"en": "30 days."}))
    try:
        answered = {entry.faq for entry in knowledge.list_faq("kinari", "en") if entry.is_answered}
    finally:
        STORES.stores["kinari"] = KINARI
    assert "return_deadline" in answered


def test_an_answer_that_was_removed_is_ours_again(made_stack: MadeStack) -> None:
    knowledge = open_kept(made_stack).knowledge
    assert isinstance(knowledge, DynamoKnowledge)
    knowledge.put_answer("kinari", ShopAnswer(faq="password", locale="en", answer="Call us."))
    knowledge.put_reply("kinari", QuickReply(name="hi", locale="en", text="Hi"))
    knowledge.remove_answer("kinari", "password", "en")
    knowledge.remove_reply("kinari", "hi", "en")
    fresh = open_kept(made_stack).knowledge
    assert fresh.get_answer("kinari", "password", "en") != "Call us."
    assert fresh.list_quick_replies("kinari", "en") == ()


def test_a_product_that_was_taken_off_is_forgotten_after_a_day(made_stack: MadeStack) -> None:
    open_kept(made_stack).shelf.remove_entry("kinari", "p1", version=2)
    [item] = wiring.connect_dynamodb().scan(TableName=made_stack.table_name)["Items"]
    assert item["pk"] == {"S": keys.shelf_key("kinari")}
    assert int(item["expires_at"]["N"]) == (START + timedelta(days=1)).timestamp()


def test_a_shelf_is_read_in_pages_and_no_further_than_its_end(
    made_stack: MadeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("okaeri.adapters.shelf.MOST_ENTRIES", 6)
    shelf = open_kept(made_stack).shelf
    shelf.remove_entry("kinari", "p0", version=1)
    for number in range(1, 9):
        shelf.put_entry("kinari", make_entry(f"p{number}"), version=1)
    assert [entry.product_id for entry in shelf.list_entries("kinari")] == [f"p{number}" for number in range(1, 7)]
