"""The pages' HTML, in the shopper's language: one file of words per language, one layout, nothing from outside."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from okaeri import catalogue
from okaeri.adapters.question_form import render_questions
from okaeri.adapters.template_engine import open_engine
from okaeri.adapters.text_direction import isolate
from okaeri.domain.languages import match_locale
from okaeri.domain.pages import TOPICS, Choice, LetterForm, PageKind, QuestionForm, is_web_address
from okaeri.domain.stores import Store

_FOLDER = Path(catalogue.__file__).parent / "pages"

# What a page's one button sends.
_CHOICES = {
    PageKind.ASK: Choice.STOP,
    PageKind.STOPPED: Choice.RESUME,
    PageKind.CONFIRM: Choice.CONFIRM,
    PageKind.ANSWER: Choice.ANSWER,
}
# The texts that a shopper read before they pressed it.
_WORDING = {
    Choice.STOP: ("ask_title", "ask_button"),
    Choice.RESUME: ("resubscribe_wording",),
    Choice.CONFIRM: ("confirm_title", "confirm_text", "confirm_button"),
    Choice.ANSWER: ("answer_title", "answer_button"),
}
_DONE = (PageKind.STOPPED, PageKind.RESUMED, PageKind.CONFIRMED, PageKind.ANSWERED, PageKind.THANKED, PageKind.WRITTEN)


class CustomerPages:
    """Renders pages, and knows the words that a shopper agrees to on them."""

    def render(
        self,
        kind: PageKind,
        store: Store | None,
        languages: tuple[str, ...],
        *,
        said: str = "",
        questions: QuestionForm | None = None,
        form: LetterForm | None = None,
        answers_by: datetime | None = None,
        now: datetime | None = None,
    ) -> str:
        """The page in the first of the browser's languages that we have, else in the store's, else in English.

        `said` is the shopper's answer to a question, as they read it on its button; `questions` are those that are
        left to answer; `form` what stands in the form;
        `answers_by`, as seen from `now`, when the shop promises an answer.
        """
        language = choose_language(languages, store)
        words = load_words(language)
        name = isolate(store.name, "rtl" if words["direction"] == "rtl" else "ltr") if store else ""
        choice = _CHOICES.get(kind)
        fields: dict[str, Any] = {
            "language": language.replace("_", "-"),
            "words": words,
            "css": load_styles(),
            "shop": describe_shop(store) if store else None,
            "title": words[f"{kind}_title"].format(shop=name),
            "text": words[_name_text(kind, questions)].format(shop=name),
            "said": said if kind in (PageKind.ANSWER, PageKind.ANSWERED) else "",
            "questions": render_questions(_read("questions.html"), questions, words) if questions else "",
            "help": words.get(f"{kind}_help"),
            "note": words.get(f"{kind}_note"),
            "form": form if kind is PageKind.FORM else None,
            "topics": TOPICS,
            "faults": {"email": "", "text": ""} | _say_faults(words, form),
            "promise": _say_promise(words, language, store, answers_by, now) if store and answers_by and now else "",
            "button": {"choice": choice, "label": words[f"{kind}_button"]} if choice else None,
            "contact": words["contact"].format(shop=name),
            "done": kind in _DONE,
        }
        return open_engine().render_str(_read("page.html"), "page.html", **fields)

    def choose_language(self, store: Store, languages: tuple[str, ...]) -> str:
        """The language of a page about the store."""
        return choose_language(languages, store)

    def name_topic(self, store: Store, topic: str) -> str:
        """What a letter is about, in the language of the shop."""
        return load_words(choose_language((), store))[f"form_topic_{topic}"]

    def describe_choice(self, store: Store, languages: tuple[str, ...], choice: Choice) -> str:
        """The words beside the button that was pressed."""
        words = load_words(choose_language(languages, store))
        return " ".join(words[key] for key in _WORDING[choice]).format(shop=store.name)


def _name_text(kind: PageKind, questions: QuestionForm | None) -> str:
    is_one = questions is not None and len(questions.questions) == 1
    return f"{kind}_text_one" if is_one else f"{kind}_text"


def _say_faults(words: dict[str, str], form: LetterForm | None) -> dict[str, str]:
    return {field: words[f"form_{fault}"] for field, fault in form.faults.items()} if form else {}


def _say_promise(words: dict[str, str], language: str, store: Store, answers_by: datetime, now: datetime) -> str:
    """By the shop's own clock: nobody knows where the writer is."""
    from okaeri.adapters.hours_fields import describe_promise  # Babel, which no other page needs
    from okaeri.adapters.locale_formats import LocaleFormats
    from okaeri.adapters.locale_formats import load_words as load_labels

    formats = LocaleFormats(language, country=store.country, time_zone=store.time_zone, words=load_labels(language))
    return words["written_promise"].format(when=describe_promise(answers_by, formats, now))


def choose_language(languages: tuple[str, ...], store: Store | None) -> str:
    """The first that there are pages in: the browser's, the store's, English."""
    available = list_languages()
    wanted = (*languages, store.locale) if store else languages
    return next((found for language in wanted if (found := match_locale(language, available))), "en")


def describe_shop(store: Store) -> dict[str, Any]:
    """Name, address and how to reach the shop, as links."""
    contact = store.contact
    reach = []
    if contact.email:
        reach.append({"href": f"mailto:{quote(contact.email, safe='@+')}", "text": contact.email})
    if contact.phone:
        reach.append({"href": f"tel:{quote(contact.phone.replace(' ', ''), safe='+')}", "text": contact.phone})
    url = store.site_url if is_web_address(store.site_url) else f"https://{store.domain}"
    if contact.url and is_web_address(contact.url):
        reach.append({"href": contact.url, "text": _shorten(contact.url)})
    return {"name": store.name, "url": url, "reach": reach or [{"href": url, "text": _shorten(url)}]}


def make_security_policy() -> str:
    """Content-Security-Policy of the pages: our own styles, a form to ourselves, nothing else."""
    digest = base64.b64encode(hashlib.sha256(load_styles().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@cache
def list_languages() -> tuple[str, ...]:
    """Languages that there are pages in."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def load_words(language: str) -> dict[str, str]:
    """The words of the pages in a language of `list_languages`."""
    words: dict[str, str] = json.loads(_read(f"{language}.json"))
    return words


@cache
def load_styles() -> str:
    """The one style sheet, as it stands in each page."""
    return _read("page.css").strip()


@cache
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _shorten(url: str) -> str:
    return url.split("://", 1)[1].rstrip("/")
