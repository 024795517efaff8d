"""What a shop knows by heart, and its shelf, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from okaeri.adapters.shipped_faq import load_shipped
from okaeri.domain import faq as questions
from okaeri.domain.faq import KnownWords
from okaeri.domain.interpretations import UNKNOWN, Guess, Interpretation
from okaeri.domain.knowledge import FaqEntry, QuickReply, ShopAnswer
from okaeri.domain.records import ShelfEntry
from okaeri.domain.stores import Store
from okaeri.ports import Stores


class MemoryKnowledge:
    """Answers and ready replies by (store, language, name), and the questions that we ship."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.answers: dict[tuple[str, str, str], ShopAnswer] = {}
        self.replies: dict[tuple[str, str, str], QuickReply] = {}

    def put_answer(self, store_id: str, answer: ShopAnswer) -> None:
        self.answers[store_id, answer.locale, answer.faq] = answer

    def put_reply(self, store_id: str, reply: QuickReply) -> None:
        self.replies[store_id, reply.locale, reply.name] = reply

    def list_faq(self, store_id: str, locale: str) -> Sequence[FaqEntry]:
        return questions.list_faq(self._know(store_id), load_shipped(), locale)

    def get_answer(self, store_id: str, faq: str, locale: str, *, product_id: str | None = None) -> str | None:
        return questions.find_answer(self._know(store_id), load_shipped(), faq, locale, product_id=product_id)

    def list_quick_replies(self, store_id: str, locale: str) -> Sequence[QuickReply]:
        return questions.list_quick_replies(self._know(store_id), locale)

    def _know(self, store_id: str) -> KnownWords:
        return KnownWords(
            self._stores.get(store_id),
            [answer for (owner, _, _), answer in self.answers.items() if owner == store_id],
            [reply for (owner, _, _), reply in self.replies.items() if owner == store_id],
        )


class DeafInterpreter:
    """Understands nothing, where what is said is not what is played."""

    def interpret(self, text: str, store: Store, *, locale: str | None) -> Interpretation:
        return Interpretation(Guess(UNKNOWN, 0))


class MemoryShelf:
    """Products by (store, product), each with the version that it was put with; None where it was taken off."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], tuple[int, ShelfEntry | None]] = {}

    def list_entries(self, store_id: str) -> Sequence[ShelfEntry]:
        found = sorted(
            (product_id, entry)
            for (owner, product_id), (_, entry) in self.entries.items()
            if owner == store_id and entry
        )
        return [entry for _, entry in found]

    def put_entry(self, store_id: str, entry: ShelfEntry, *, version: int) -> None:
        self._write(store_id, entry.product_id, version, entry)

    def remove_entry(self, store_id: str, product_id: str, *, version: int) -> None:
        self._write(store_id, product_id, version, None)

    def _write(self, store_id: str, product_id: str, version: int, entry: ShelfEntry | None) -> None:
        written, _ = self.entries.get((store_id, product_id), (0, None))
        if version >= written:
            self.entries[store_id, product_id] = version, entry
