"""The form with a run's questions, as HTML: labelled, by keyboard as well, and without scripts.

What an answer leads to is shown by the style sheet: its button has the class `to-2`, question 2 waits for one. Where a
browser cannot, all questions stand there, each with the answers that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from okaeri.adapters.template_engine import open_engine
from okaeri.domain.pages import OWN_WORDS, PageQuestion, QuestionForm


def render_questions(source: str, form: QuestionForm, words: Mapping[str, str]) -> str:
    """`source` is the layout, `words` those of the pages' language."""
    questions = form.questions
    fields = {
        "questions": [_describe(place, form, words) for place in range(len(questions))],
        "words": words,
        "own_words": OWN_WORDS,
        "button": words["questions_button" if len(questions) > 1 else "questions_button_one"],
    }
    return open_engine().render_str(source, "questions.html", **fields)


def _describe(place: int, form: QuestionForm, words: Mapping[str, str]) -> dict[str, Any]:
    question = form.questions[place]
    has_fault = form.is_empty and place == 0
    parts = (("fault", has_fault), ("hint", question.hint))
    return {
        "ask": question.ask,
        "text": question.text,
        "hint": question.hint,
        "after": _name_answers(question, form.questions, words),
        "fault": has_fault,
        "described_by": " ".join(f"{part}-{place + 1}" for part, is_there in parts if is_there),
        "is_required": place == 0,
        "is_scale": question.is_scale,
        "answers": [
            {
                "name": answer.name,
                "text": answer.text,
                # A number has no room for it: the hint says what the numbers mean.
                "description": "" if question.is_scale and question.hint else answer.description,
                "leads_to": _list_ways(form.questions, question.ask, answer.name),
                "is_chosen": answer.name == question.chosen,
            }
            for answer in question.answers
        ],
        "takes_words": question.takes_words,
        "is_own": question.chosen == OWN_WORDS,
        "words_lead_to": _list_ways(form.questions, question.ask, OWN_WORDS),
        "words": question.words,
    }


def _list_ways(questions: Sequence[PageQuestion], ask: str, answer: str) -> str:
    """The classes of the questions that an answer leads to, counted from 1."""
    return " ".join(f"to-{place}" for place, other in enumerate(questions, 1) if (ask, answer) in other.after)


def _name_answers(question: PageQuestion, questions: Sequence[PageQuestion], words: Mapping[str, str]) -> str:
    """After which answers it is asked, as they are called on the page."""
    if not question.after:
        return ""
    names = {(other.ask, answer.name): answer.text for other in questions for answer in other.answers}
    names |= {(other.ask, OWN_WORDS): words["questions_words"] for other in questions}
    told = dict.fromkeys(name for pair, name in names.items() if pair in question.after)
    return words["questions_after"].format(answers=" / ".join(told))
