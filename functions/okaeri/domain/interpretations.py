"""What a shopper's words are taken for: a guess with its score. How it is come by is `domain/understanding.py`."""

from typing import NamedTuple

UNKNOWN = "unknown"
FAQ = "faq"
BEGIN = "begin"

# What the assistant understands by itself. `faq` names an entry of the shop's questions, `begin` a code of a link.
INTENTS = (
    "greeting",
    "menu",
    "order_status",
    "my_orders",
    "change_order",
    "cancel_order",
    "invoice",
    "return",
    "exchange",
    "return_status",
    "complaint",
    "person",
    "find_product",
    "reorder",
    "points",
    "preferences",
    "subscribe",
    "stop",
    "start",
    "language",
    "yes",
    "no",
    "skip",
    "not_now",
    "thanks",
    FAQ,
    BEGIN,
    UNKNOWN,
)
# Words that are rarely all that somebody wants to say: more is waited for.
OPENERS = ("greeting", "yes", "no", "thanks", UNKNOWN)


class Guess(NamedTuple):
    """One thing that the words may mean, 0 to 100. `faq` is the entry's id where the intent is `faq`."""

    intent: str
    score: int
    faq: str = ""


class Interpretation(NamedTuple):
    """The best guess (`unknown` below the threshold), others in the order of their score, and what was found in it.

    `order_name` is what looks like an order's number (`#1001`); `code` one of the shop's entry codes; `language`
    the locale of the phrase that matched; `choice` a number that stands alone ("2", "two", "2️⃣", "٢").
    """

    guess: Guess
    others: tuple[Guess, ...] = ()
    order_name: str = ""
    code: str = ""
    language: str = ""
    choice: int | None = None
