"""What typed words mean: folded, in any order, misspelt, mixed, with a number or a code; and what they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okaeri.domain.folding import fold, fold_words, split_clauses
from okaeri.domain.interpretations import INTENTS
from tests.utterances import make_reading

read = make_reading()
read("", None)  # the first loads the phrasebooks


def find_intent(text: str, locale: str | None = None) -> str:
    return read(text, locale).guess.intent


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("PLEASEEEE", "please"),
        ("ｷｬﾝｾﾙ", "きゃんせる"),
        ("キャンセル", "きゃんせる"),
        ("Rückgabe", "ruckgabe"),
        ("Straße", "strasse"),
        ("إِلْغَــاء", "الغاء"),
        ("٢٠ و २०", "20 و 20"),
        ("don’t", "dont"),
        ("2️⃣", "2"),
        ("👍🏽", "👍"),
        ("1000", "1000"),
    ],
)
def test_what_is_typed_differently_is_folded_alike(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_words_hold_no_white_space(text: str) -> None:
    assert all(word and not any(map(str.isspace, word)) for word in fold_words(text))


TYPED = st.one_of(
    st.text(),
    st.text(st.characters(min_codepoint=0x3040, max_codepoint=0x30FF), max_size=40),
    st.lists(
        st.sampled_from(["stop", "not", "#", "1001", "(quiz", "order", "メッセージ", "لا", "बंद", "👍", ",", "\n"])
    ).map(" ".join),
)


@given(TYPED, st.sampled_from([None, "en", "ja-JP", "pt", "hi", "xx", ""]))
def test_no_text_makes_reading_fail(text: str, locale: str | None) -> None:
    found = read(text, locale)
    assert found.guess.intent in INTENTS
    assert 0 <= found.guess.score <= 100
    assert len(found.others) <= 3
    assert (found.guess.intent, found.guess.faq) not in {(guess.intent, guess.faq) for guess in found.others}


@given(TYPED)
def test_the_same_words_always_mean_the_same(text: str) -> None:
    assert read(text, "en") == read(text, "en")


def test_punctuation_parts_clauses() -> None:
    clauses = split_clauses("No, quiero mensajes. ¡Gracias!")
    assert [[word.text for word in clause] for clause in clauses] == [["no"], ["quiero", "mensajes"], ["gracias"]]


@pytest.mark.parametrize("text", ["SKIP please", "plz skip", "skip!!", "sKiP", "skippp"])
def test_polite_words_and_their_order_do_not_matter(text: str) -> None:
    assert find_intent(text) == "skip"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("wheres my pkg", "order_status"),
        ("is my order where", "order_status"),
        ("wher is my pacakge", "order_status"),
        ("मेरा order कब aayega", "order_status"),
        ("注文 status", "order_status"),
        ("hola, where is my paquete", "order_status"),
        ("hi, thanks, but where is my order?", "order_status"),
        ("bitte stornieren", "cancel_order"),
        ("onde tá meu pedido", "order_status"),
        ("kab aayega", "order_status"),
        ("👎", "no"),
        ("📦❓", "order_status"),
    ],
)
def test_typos_mixed_languages_and_signs_are_understood(text: str, intent: str) -> None:
    assert find_intent(text) == intent


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("I don't want to return it", "return"),
        ("please do not cancel my order", "cancel_order"),
        ("nicht stornieren!", "cancel_order"),
        ("no quiero devolver nada", "return"),
        ("não quero trocar", "exchange"),
        ("キャンセルしないで", "cancel_order"),
        ("लौटाना नहीं है", "return"),
        ("لا أريد إرجاع المنتج", "return"),
        ("jangan batalkan pesanan saya", "cancel_order"),
    ],
)
def test_a_not_turns_the_meaning_round(text: str, wrong: str) -> None:
    assert find_intent(text) != wrong


@pytest.mark.parametrize("text", ["cat", "shop", "late", "soap", "nope rope hope"])
def test_short_words_are_not_taken_for_others_that_look_like_them(text: str) -> None:
    assert find_intent(text) != "stop"
    assert read("shop", "en").guess.intent == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        *("what's the point of this", "where is the pick-up point", "stop sending me points messages"),
        *("¿dónde está el punto de recogida?", "onde fica o ponto de retirada", "bis auf den Punkt genau"),
        *("أين نقطة الاستلام", "apa mata wang", "mata saya sakit", "cancel my order and give my points back"),
    ],
)
def test_points_of_other_kinds_and_other_wishes_ask_for_no_loyalty_points(text: str) -> None:
    assert find_intent(text) != "points"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#1001", "#1001"),
        ("where is order 1001", "1001"),
        ("order no. 1001 please", "1001"),
        ("注文番号１００１はどこですか", "1001"),
        ("1001の注文はいつ届きますか", "1001"),
        ("طلب رقم ١٠٠١ وين وصل", "1001"),
        ("ऑर्डर नंबर १००१ कब आएगा", "1001"),
        ("Bestellung Nr. 4711 stornieren", "4711"),
        ("mein Auftrag: #SO-4711", "#SO-4711"),
        ("pedido kb-2044 ainda não chegou", "KB-2044"),
        ("20451", "20451"),
    ],
)
def test_an_order_is_found_by_its_number(text: str, name: str) -> None:
    assert read(text, None).order_name == name


@pytest.mark.parametrize(
    "text",
    [
        "call me on +49 170 1234567",
        "it cost 1200 yen",
        "$1500 is too much",
        "12.05.2026",
        "I live in 10115 Berlin",
        "2",
    ],
)
def test_other_numbers_are_no_orders(text: str) -> None:
    assert read(text, None).order_name == ""


def test_an_orders_number_alone_asks_how_it_is_and_a_clear_wish_goes_before() -> None:
    assert find_intent("#1001") == "order_status"
    cancelled = read("please cancel #1001", "en")
    assert (cancelled.guess.intent, cancelled.order_name) == ("cancel_order", "#1001")


@pytest.mark.parametrize(
    "text", ["Hi! (START-QUIZ)", "#quiz", "quiz", "  QUIZ ", "start-quiz", "hello [quiz]", "（quiz）"]
)
def test_a_code_of_the_shop_begins_its_flow(text: str) -> None:
    found = read(text, None)
    assert found.guess.intent == "begin"
    assert found.code in ("START-QUIZ", "quiz")


@pytest.mark.parametrize("text", ["is there a quiz about skin?", "quizzes", "#quizzes", "I started the quiz"])
def test_a_word_in_a_sentence_is_no_code(text: str) -> None:
    assert read(text, None).code == ""


@pytest.mark.parametrize(
    "text",
    ["2", "2.", "2)", "two", "zwei", "dos", "dois", "二", "٢", "２", "2️⃣", "②", "2番", "number 2", "the second one"],
)
def test_a_number_that_stands_alone_is_a_choice(text: str) -> None:
    found = read(text, None)
    assert found.choice == 2
    assert found.guess.intent == "unknown"


@pytest.mark.parametrize("text", ["2 or 3", "two shirts", "2 weeks and nothing came", "1001", "-", ""])
def test_other_numbers_choose_nothing(text: str) -> None:
    assert read(text, None).choice is None


@pytest.mark.parametrize(
    "text",
    [
        "please stop messaging me",
        "Hello, please stop sending me messages. Thank you!",
        "não quero mais receber mensagens",
        "keine Nachrichten mehr schicken bitte",
        "no quiero recibir mensajes",
        "メッセージを送らないでください",
        "मुझे मैसेज मत भेजो",
        "لا ترسلوا لي رسائل",
        "jangan hantar mesej lagi",
    ],
)
def test_an_unmistakable_sentence_stops(text: str) -> None:
    assert find_intent(text) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "stop my order",
        "cancel",
        "I can't stop loving it",
        "don't stop",
        "no, quiero mensajes",
        "no\nquiero mensajes",
        "não, quero mensagens",
        "Nein, ich will Nachrichten",
        "stop sending me messages about shoes",
        "why did you stop messaging me",
        "I did not get any message",
        "I have no messages",
        "you never message me",
        "stop sending me the wrong size",
        "don't stop sending me messages",
        "my messages app stopped",
        "sotp",
        "jangan berhenti hantar mesej",
        "メッセージが届かない",
        "لا توقفوا الرسائل",
        "मैसेज बंद मत करो",
    ],
)
def test_what_merely_sounds_like_it_does_not_stop(text: str) -> None:
    assert {find_intent(text, locale) for locale in (None, "en", "es", "pt_BR", "de", "ja", "hi", "ar", "ms")} & {
        "stop"
    } == set()


def test_who_wants_something_other_about_messages_is_led_to_the_preferences() -> None:
    assert find_intent("stop sending me messages about shoes") == "preferences"


def test_below_the_threshold_guesses_are_offered() -> None:
    found = read("the thing with the return and the colour of the moon", "en")
    assert found.guess.intent == "unknown"
    assert "return" in {guess.intent for guess in found.others}


def test_a_question_of_the_shop_is_named() -> None:
    found = read("i forgot my password", "en").guess
    assert (found.intent, found.faq) == ("faq", "password")


def test_the_language_of_the_words_is_told() -> None:
    assert read("wo bleibt mein paket", None).language == "de"
    assert read("荷物はどこですか", "en").language == "ja"
    assert read("no", "es").language == "es"
