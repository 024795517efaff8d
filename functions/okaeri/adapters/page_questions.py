"""A question's words on a page, out of the templates that ask it elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from okaeri.adapters.message_words import describe_facts
from okaeri.adapters.template_engine import render_text
from okaeri.domain.asking import SKIP
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.pages import PageAnswer, PageQuestion
from okaeri.domain.questionnaires import AskedQuestion
from okaeri.domain.templates import Links, Template, read_answer
from okaeri.errors import GiveUp


class TemplateQuestions:
    """Implements `ask_on_page.QuestionWords` for the questions of one run."""

    def __init__(self, facts: MessageFacts) -> None:
        self._context = describe_facts(facts, Links(sign=lambda url: url))  # a question leads nowhere

    def word(self, question: AskedQuestion, template: Template) -> PageQuestion | None:
        """The question and its answers; None where the words speak of what is not known here, or there are none."""
        step = question.step
        try:
            texts = self._read_answers(template) | {option.id: (option.title, "") for option in question.options}
            text, hint = self._word_question(template)
        except GiveUp:
            return None
        names = dict.fromkeys((*(option.id for option in question.options), *texts))
        answers = tuple(
            PageAnswer(name=name, text=texts[name][0], description=texts[name][1])
            for name in names
            if texts[name][0] and (name in step.answers or any(name == option.id for option in question.options))
        )
        if not text or not (answers or step.text):
            return None
        return PageQuestion(
            ask=step.ask, text=text, hint=hint, answers=answers, takes_words=step.text, after=question.after
        )

    def _word_question(self, template: Template) -> tuple[str, str]:
        where = f"{template.name}/{template.locale} page"
        if template.page is not None:
            parts = (template.page.question, template.page.hint)
        else:
            parts = (template.email.heading if template.email else template.chat.body if template.chat else "", "")
        question, hint = (render_text(part, self._context, where=where) for part in parts)
        return question, hint

    def _read_answers(self, template: Template) -> dict[str, tuple[str, str]]:
        """What each answer says, and what stands below it, by name: the mail's words before those of the chat."""
        found: dict[str, tuple[str, str]] = {}
        for name, text, description in _list_answers(template):
            known = found.get(name, ("", ""))
            found[name] = (known[0] or self._say(text, template), known[1] or self._say(description, template))
        return found

    def _say(self, source: str, template: Template) -> str:
        return render_text(source, self._context, where=f"{template.name}/{template.locale} answers")


def _list_answers(template: Template) -> Iterator[tuple[str, str, str]]:
    """Name, text and description; without what skips the question, which may simply be left out."""
    for block in template.email.blocks if template.email else ():
        yield from ((answer.answer, answer.text, "") for answer in block.answers or ())
    buttons: list[Any] = list(template.whatsapp.buttons if template.whatsapp else ())
    if template.chat is not None:
        buttons += [*template.chat.buttons, *(template.chat.list.rows if template.chat.list else ())]
    for button in buttons:
        name = read_answer(button.payload)
        if name is not None and name != SKIP:
            yield name, button.text, getattr(button, "description", "")
