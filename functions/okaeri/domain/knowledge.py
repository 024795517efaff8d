"""What a shop knows by heart: questions with their answers, and what its people say often."""

from typing import NamedTuple

from pydantic import Field

from okaeri.domain.values import Stored


class FaqEntry(NamedTuple):
    """A question as a list shows it (24 characters), the ways in which it is asked, and whether it has an answer."""

    faq: str
    question: str
    phrases: tuple[str, ...]
    is_answered: bool


class ShopAnswer(Stored):
    """What the shop says to a question in one language; `answer` may name `{{ store.… }}` and `{{ customer.… }}`.

    `question` and `phrases` are given for questions of its own, and win over ours. `place` orders the list from 1 on;
    without one the shop's own questions stand before ours.
    """

    faq: str
    locale: str
    answer: str = ""  # empty where the shop only words the question, or answers for single products
    question: str = ""
    phrases: tuple[str, ...] = ()
    products: dict[str, str] = Field(default_factory=dict)  # product id → the answer for it
    place: int | None = None


class QuickReply(Stored):
    """A ready answer of the shop's people, found by its `name`."""

    name: str
    locale: str
    text: str
