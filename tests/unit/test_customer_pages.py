"""The pages' HTML: whole in every language, safe with any name, and in the shopper's language."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from okaeri.adapters.customer_pages import (
    CustomerPages,
    choose_language,
    list_languages,
    load_words,
    make_security_policy,
)
from okaeri.domain.pages import TOPICS, LetterForm, PageAnswer, PageKind, PageQuestion, QuestionForm
from okaeri.domain.questionnaires import MOST_QUESTIONS
from okaeri.domain.stores import Contact, Platform, Store

NASTY = Store(
    store_id="aya", name='Linen "Apron" <M> & Söhne', platform=Platform.STANDARD, domain="aya.example",
    site_url="https://aya.example", locale="ja",
    contact=Contact(email="hello@aya.example", phone="+81 3 1234 5678", url="javascript:alert(1)"),
)  # fmt: skip


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def find(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("language", list_languages())
@pytest.mark.parametrize("kind", PageKind)
def test_each_page_is_whole_in_each_language(language: str, kind: PageKind) -> None:
    page = Page(CustomerPages().render(kind, NASTY, (language,)))
    direction = "rtl" if language == "ar" else "ltr"
    assert page.find("html") == [{"lang": language.replace("_", "-"), "dir": direction}]
    assert NASTY.name in page.text
    assert "{shop}" not in page.text and "{{" not in page.text
    assert [a["href"] for a in page.find("a")] == [
        "https://aya.example",
        "mailto:hello@aya.example",
        "tel:+81312345678",
    ]
    assert page.find("script") == page.find("img") == page.find("link") == []


def test_every_language_has_the_same_words() -> None:
    assert set(list_languages()) == {"ar", "de", "en", "es", "hi", "ja", "ms", "pt_BR"}
    for language in list_languages():
        assert load_words(language).keys() == load_words("en").keys(), language
        for key, text in load_words("en").items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", load_words(language)[key])), key


@pytest.mark.parametrize(("kind", "choice"), [(PageKind.ASK, "stop"), (PageKind.STOPPED, "resume")])
def test_the_button_posts_to_the_page_itself(kind: PageKind, choice: str) -> None:
    page = Page(CustomerPages().render(kind, NASTY, ("en",)))
    assert page.find("form")[0].get("action") is None and page.find("form")[0]["method"] == "post"
    assert page.find("button") == [{"name": "choice", "value": choice}]


@pytest.mark.parametrize("kind", [PageKind.RESUMED, PageKind.BROKEN, PageKind.LATER])
def test_other_pages_have_nothing_to_press(kind: PageKind) -> None:
    assert Page(CustomerPages().render(kind, NASTY, ("en",))).find("button") == []


def test_a_page_without_a_store_still_helps() -> None:
    page = Page(CustomerPages().render(PageKind.BROKEN, None, ()))
    assert "This link does not work" in page.text and page.find("a") == []


@pytest.mark.parametrize(
    ("browser", "language"),
    [
        (("nl-NL", "en-GB"), "en"),
        (("ja-JP", "en"), "ja"),
        (("de-AT",), "de"),
        (("pt",), "pt_BR"),
        (("pt-PT", "en"), "pt_BR"),
        ((), "ja"),
        (("xx",), "ja"),
    ],
)
def test_the_browser_s_language_comes_first_then_the_store_s(browser: tuple[str, ...], language: str) -> None:
    assert choose_language(browser, NASTY) == language


def test_the_policy_allows_our_own_styles_and_nothing_from_elsewhere() -> None:
    html = CustomerPages().render(PageKind.ASK, NASTY, ())
    [styles] = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()
    assert make_security_policy().split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]


def fill(**fields: Any) -> Page:
    return Page(CustomerPages().render(PageKind.FORM, NASTY, ("en",), form=LetterForm(stamp="s1", **fields)))


def test_the_form_has_a_label_for_every_field_and_works_without_a_script() -> None:
    page = fill()
    fields = [a["id"] for tag in ("input", "select", "textarea") for a in page.find(tag) if a.get("type") != "hidden"]
    assert sorted(filter(None, fields)) == sorted(str(label["for"]) for label in page.find("label"))
    assert page.find("form") == [{"method": "post", "class": "letter", "novalidate": None}]
    assert len(page.find("option")) == 1 + len(TOPICS)
    assert page.find("script") == []


def test_what_stood_in_the_form_stands_there_again_and_is_no_markup() -> None:
    page = fill(name='"><b>Aiko', text="</textarea><script>", topic="return", faults={"email": "missing"})
    assert [a["value"] for a in page.find("input") if a.get("id") == "name"] == ['"><b>Aiko']
    assert page.find("script") == page.find("b") == []
    assert [a["value"] for a in page.find("option") if "selected" in a] == ["return"]
    [email] = [a for a in page.find("input") if a.get("id") == "email"]
    assert (email["aria-invalid"], email["aria-describedby"]) == ("true", "email-fault")


def test_no_reader_of_the_page_is_led_into_the_trap() -> None:
    [trap] = [a for a in fill().find("input") if a.get("name") == "website"]
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert [a for a in fill().find("p") if a.get("class") == "trap"] == [{"class": "trap", "aria-hidden": "true"}]


@pytest.mark.parametrize("language", list_languages())
def test_who_wrote_reads_by_when_an_answer_comes(language: str) -> None:
    now = datetime(2026, 11, 2, 10, tzinfo=UTC)
    page = Page(
        CustomerPages().render(PageKind.WRITTEN, NASTY, (language,), answers_by=now + timedelta(hours=4), now=now)
    )
    expected = load_words(language)["written_promise"]
    assert expected.partition("{when}")[0].strip() in page.text
    assert "{when}" not in page.text


# -- several questions on one page ------------------------------------------------------------------------------------

WENT = PageQuestion(
    ask="went",
    text='How did "it" <go>?',
    answers=(PageAnswer(name="good", text="<Well>"), PageAnswer(name="bad", text="Not well", description="At all")),
    chosen="bad",
)
WHY = PageQuestion(ask="why", text="Why?", hint="In a word", takes_words=True, after=(("went", "bad"),))
SCORE = PageQuestion(
    ask="score", text="How many?", answers=tuple(PageAnswer(name=str(n), text=str(n)) for n in range(5))
)


def show(*questions: PageQuestion, language: str = "en", is_empty: bool = False) -> tuple[Page, str]:
    form = QuestionForm(questions=questions, is_empty=is_empty)
    html = CustomerPages().render(PageKind.QUESTIONS, NASTY, (language,), questions=form)
    return Page(html), html


def test_each_question_is_a_group_with_a_name_and_labelled_answers() -> None:
    page, html = show(WENT, WHY)
    assert len(page.find("fieldset")) == len(page.find("legend")) == 2
    assert "How did &quot;it&quot; &lt;go&gt;?" in html and "<go>" not in html and "<Well>" not in html
    radios = [field for field in page.find("input") if field["type"] == "radio"]
    assert [(field["name"], field["value"], "checked" in field) for field in radios] == [
        ("answer.went", "good", False),
        ("answer.went", "bad", True),
    ]
    assert all("required" in field for field in radios)
    assert html.count("<label") == 3  # both answers, and the words
    [text] = page.find("textarea")
    assert "required" not in text and any(label.get("for") == text["id"] for label in page.find("label"))
    described = page.find("fieldset")[1]["aria-describedby"]
    assert described == "hint-2" and any(part.get("id") == described for part in page.find("p"))


@pytest.mark.parametrize("language", list_languages())
def test_a_question_is_told_apart_from_those_that_follow_in_each_language(language: str) -> None:
    page, html = show(WENT, WHY, language=language)
    assert [field.get("class") for field in page.find("input")] == [None, "to-2"]
    assert "question later" in html and "Not well" in page.text.split("Why?")[1]
    assert load_words(language)["form_optional"] in page.text.split("Why?")[1]
    assert page.find("script") == [] and page.find("style") and "style=" not in html


def test_who_sent_it_empty_is_told_so_at_the_question() -> None:
    page, _ = show(WENT.model_copy(update={"chosen": ""}), WHY.model_copy(update={"words": "<b>"}), is_empty=True)
    assert page.find("fieldset")[0]["aria-describedby"] == "fault-1"
    assert [part.get("role") for part in page.find("p") if part.get("id") == "fault-1"] == ["alert"]
    assert "<b>" in page.text


def test_numbers_stand_side_by_side() -> None:
    assert SCORE.is_scale and not WENT.is_scale
    assert 'class="scale"' in show(SCORE)[1] and 'class="choices"' in show(WENT)[1]


def test_one_question_alone_is_not_called_many() -> None:
    assert "Send answer<" in show(WENT)[1] and "Send answers<" in show(WENT, WHY)[1]
    assert "first question" not in show(WENT)[0].text


def test_the_style_sheet_knows_as_many_questions_as_a_page_may_have() -> None:
    css = CustomerPages().render(PageKind.QUESTIONS, NASTY, (), questions=QuestionForm(questions=(WENT,)))
    for place in range(2, MOST_QUESTIONS + 1):
        assert f".to-{place}:checked)) #question-{place}.later" in css
