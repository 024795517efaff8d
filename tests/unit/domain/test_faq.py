"""What a shop knows by heart: its words before ours, the nearest language, the product's own answer."""

from __future__ import annotations

from typing import Any

import pytest

from okaeri.domain.faq import KnownWords, Shipped, ShippedEntry, find_answer, list_faq, list_quick_replies
from okaeri.domain.knowledge import FaqEntry, QuickReply, ShopAnswer
from okaeri.domain.stores import Contact, ShopHours, Store, StoreSettings
from tests.world import make_store

OURS = {
    "en": {
        "password": ShippedEntry("Forgot my password", ("can't log in",), "Open the sign-in page."),
        "sizes": ShippedEntry("Which size fits?", ("size chart",)),
        "hours": ShippedEntry("When are you there?", ("opening hours",), "{{ store.hours }}", ("hours",)),
        "returns": ShippedEntry("Returns", ("return policy",), "{{ store.return_promise }}", ("return_promise",)),
    },
    "ja": {
        "password": ShippedEntry("パスワードを忘れた", ("ログインできない",), "ログイン画面を開いてください。"),
        "sizes": ShippedEntry("サイズ選び", ("サイズ表",)),
    },
}
SHIPPED = Shipped(OURS, OURS.__getitem__)


def make_shop(**changes: Any) -> Store:
    return make_store({}, **changes)


def know(*answers: ShopAnswer, store: Store | None = None, replies: tuple[QuickReply, ...] = ()) -> KnownWords:
    return KnownWords(store or make_shop(), answers, replies)


def listed(known: KnownWords, locale: str = "en") -> dict[str, FaqEntry]:
    return {entry.faq: entry for entry in list_faq(known, SHIPPED, locale)}


def test_a_shop_that_wrote_nothing_has_our_questions_commonest_first() -> None:
    entries = listed(know())
    assert list(entries) == ["password", "sizes", "hours", "returns"]
    assert entries["password"] == FaqEntry("password", "Forgot my password", ("can't log in",), is_answered=True)
    assert not entries["sizes"].is_answered


def test_the_shop_s_words_win_and_ours_are_still_understood() -> None:
    own = ShopAnswer(faq="sizes", locale="en", answer="Take your usual size.", question="Sizes", phrases=("fit",))
    entry = listed(know(own))["sizes"]
    assert entry == FaqEntry("sizes", "Sizes", ("fit", "size chart"), is_answered=True)
    assert find_answer(know(own), SHIPPED, "sizes", "en") == "Take your usual size."
    assert find_answer(know(own), SHIPPED, "password", "en") == "Open the sign-in page."


def test_the_shop_s_own_questions_come_first_and_a_place_comes_before_them() -> None:
    known = know(
        ShopAnswer(faq="workshops", locale="en", question="Workshops", answer="Each Saturday."),
        ShopAnswer(faq="sizes", locale="en", answer="…", place=1),
    )
    assert list(listed(known)) == ["sizes", "workshops", "password", "hours", "returns"]


def test_the_product_s_answer_comes_before_the_shop_s() -> None:
    known = know(ShopAnswer(faq="sizes", locale="en", answer="Usual.", products={"p1": "One size fits all."}))
    assert find_answer(known, SHIPPED, "sizes", "en", product_id="p1") == "One size fits all."
    assert find_answer(known, SHIPPED, "sizes", "en", product_id="p2") == "Usual."


def test_a_question_that_only_some_products_answer_is_not_answered_for_others() -> None:
    known = know(ShopAnswer(faq="sizes", locale="en", products={"p1": "One size."}))
    assert not listed(known)["sizes"].is_answered
    assert find_answer(known, SHIPPED, "sizes", "en", product_id="p2") is None


@pytest.mark.parametrize(
    ("locale", "answer"),
    [("ja-JP", "日本語"), ("de", "日本語"), ("en_GB", "English")],
)
def test_the_nearest_language_is_spoken_the_one_asked_for_the_shop_s_then_english(locale: str, answer: str) -> None:
    known = know(
        ShopAnswer(faq="sizes", locale="en", answer="English"), ShopAnswer(faq="sizes", locale="ja", answer="日本語")
    )
    assert find_answer(known, SHIPPED, "sizes", locale) == answer


def test_a_language_that_is_neither_the_reader_s_nor_the_shop_s_is_not_spoken() -> None:
    known = know(ShopAnswer(faq="sizes", locale="de", answer="Deutsch"))
    assert find_answer(known, SHIPPED, "sizes", "es") is None
    assert not listed(known, "es")["sizes"].is_answered


def test_questions_of_a_language_that_we_do_not_ship_are_put_in_the_shop_s() -> None:
    assert listed(know(), "fi")["password"].question == "パスワードを忘れた"
    assert listed(know(store=make_shop(locale="sv")), "fi")["password"].question == "Forgot my password"


def test_phrases_of_every_language_of_the_shop_are_understood_the_reader_s_first() -> None:
    known = know(
        ShopAnswer(faq="sizes", locale="ja", phrases=("丈",)), ShopAnswer(faq="sizes", locale="en", phrases=("fit",))
    )
    assert listed(known)["sizes"].phrases == ("fit", "丈", "size chart")


def test_what_we_say_of_the_shop_s_own_data_is_said_where_the_shop_has_them() -> None:
    bare, full = (
        make_shop(settings=settings, contact=Contact(email="hi@kinari.example"))
        for settings in (
            StoreSettings(return_promise={"ja": "30日以内なら返品できます。"}),
            StoreSettings(return_promise={"en": "30 days."}, shop_hours=ShopHours(days={"mon": (("09:00", "17:00"),)})),
        )
    )
    assert [find_answer(know(store=bare), SHIPPED, faq, "en") for faq in ("returns", "hours")] == [None, None]
    assert [entry.is_answered for entry in listed(know(store=full), "en_US").values()] == [True, False, True, True]
    assert find_answer(know(store=full), SHIPPED, "returns", "en") == "{{ store.return_promise }}"


def test_nobody_knows_what_nobody_asked() -> None:
    assert find_answer(know(), SHIPPED, "weather", "en") is None


def test_a_question_that_has_no_words_in_any_language_is_not_listed() -> None:
    assert "weather" not in listed(know(ShopAnswer(faq="weather", locale="en", answer="Sunny.")))


def test_ready_replies_come_once_each_in_the_nearest_language() -> None:
    replies = (
        QuickReply(name="hello", locale="ja", text="こんにちは"),
        QuickReply(name="hello", locale="en", text="Hello"),
        QuickReply(name="bye", locale="de", text="Tschüss"),
    )
    found = list_quick_replies(know(replies=replies), "en")
    assert [(reply.name, reply.text) for reply in found] == [("bye", "Tschüss"), ("hello", "Hello")]
