"""The pages that shoppers see, and where a link may lead."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from okaeri.domain.values import Value


class Subscription(Value):
    """Whose marketing messages an unsubscribe link stops, and on which channel."""

    customer_id: str
    channel: Literal["whatsapp", "email"]


class FollowedLink(Value):
    """Where a link leads, and whose message it stands in; the ids are empty where it stands in none."""

    url: str
    customer_id: str = ""
    message_id: str = ""


class SignUp(Value):
    """What a confirmation link confirms: whose sign-up for e-mails, and the message that asked, when."""

    customer_id: str
    message_id: str
    asked_at: datetime


class GivenAnswer(Value):
    """What an answer's link says: whose it is, to which question, by name and as its button says it, until when.

    `locale` is the language in which it was asked.
    """

    customer_id: str
    question: str
    answer: str
    text: str
    locale: str
    until: datetime


OWN_WORDS = "words."  # the answer of who writes instead of tapping; no answer has a name with a dot


class PageAnswer(Value):
    """An answer to tap: its name, and what it says."""

    name: str
    text: str
    description: str = ""


class PageQuestion(Value):
    """A question as it stands on a page: `chosen` names the tapped answer, `words` is what was written.

    `after` are the answers that lead to it, each a question's id and an answer's name; empty where it is always asked.
    """

    ask: str
    text: str
    hint: str = ""
    answers: tuple[PageAnswer, ...] = ()
    takes_words: bool = False
    chosen: str = ""
    words: str = ""
    after: tuple[tuple[str, str], ...] = ()

    @property
    def is_scale(self) -> bool:
        """Whether the answers are numbers, which stand side by side."""
        return len(self.answers) > 3 and all(
            answer.name.isdecimal() and answer.text[:1].isdecimal() for answer in self.answers
        )


class QuestionForm(Value):
    """The questions of a run that are left to answer. `is_empty`: it was sent without an answer to the first one."""

    questions: tuple[PageQuestion, ...]
    is_empty: bool = False


TOPICS = ("order", "return", "product", "other")  # what a letter by form is about


class LetterForm(Value):
    """The form as its writer sees it: what stands in it, and what is wrong with it (`missing`, `wrong_email`).

    `stamp` proves that we made the page, and when. `is_stale`: the page was open for longer than a stamp is good.
    """

    stamp: str
    name: str = ""
    email: str = ""
    order: str = ""
    topic: str = ""
    text: str = ""
    faults: dict[str, str] = Field(default_factory=dict)  # field → what is wrong
    is_stale: bool = False


class PageKind(StrEnum):
    """The pages that there are. `catalogue/pages` has the words of each."""

    ASK = "ask"
    STOPPED = "stopped"
    RESUMED = "resumed"
    CONFIRM = "confirm"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    ANSWER = "answer"
    ANSWERED = "answered"
    CLOSED = "closed"
    QUESTIONS = "questions"
    THANKED = "thanked"
    FINISHED = "finished"
    FORM = "form"
    WRITTEN = "written"
    BROKEN = "broken"
    LATER = "later"


class Choice(StrEnum):
    """What the button on a page asks for."""

    STOP = "stop"
    RESUME = "resume"
    CONFIRM = "confirm"
    ANSWER = "answer"
    ANSWERS = "answers"


def is_web_address(text: str) -> bool:
    """Whether a browser may be sent there: http or https with a host, and nothing that could end a header."""
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
