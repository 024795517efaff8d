"""What a shop knows by heart, in DynamoDB, cached for seconds: it is read with each question and changes by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Table, to_key
from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.knowledge import FaqEntry, QuickReply, ShopAnswer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.domain.faq import KnownWords
    from okaeri.ports import Stores

_FRESH_S = 30
_MOST_LISTS = 200  # one for each store and language that this process has spoken
MOST_ITEMS = 2_000  # of each kind, over all languages: the command line stops a shop well before


class DynamoKnowledge:
    """Implements `ports.Knowledge`, and what the command line needs to fill it.

    How questions are chosen is loaded with the first of them: most cold starts meet none.
    """

    def __init__(self, client: DynamoDBClient, table_name: str, stores: Stores) -> None:
        self._table, self._stores = Table(client, table_name), stores
        self._answers: ExpiringCache[str, tuple[ShopAnswer, ...]] = ExpiringCache(fresh_s=_FRESH_S)
        self._replies: ExpiringCache[str, tuple[QuickReply, ...]] = ExpiringCache(fresh_s=_FRESH_S)
        self._lists: dict[tuple[str, str], tuple[KnownWords, Sequence[FaqEntry]]] = {}

    def list_faq(self, store_id: str, locale: str) -> Sequence[FaqEntry]:
        """The shop's own entries and those that we ship. At most 30 s old; the same list as long as nothing changed."""
        known = self._know(store_id)
        before, entries = self._lists.get((store_id, locale), (None, ()))
        if before is None or before.store is not known.store or before.answers is not known.answers:
            from okaeri.adapters.shipped_faq import load_shipped
            from okaeri.domain import faq as questions

            entries = questions.list_faq(known, load_shipped(), locale)
            if len(self._lists) >= _MOST_LISTS:
                self._lists.clear()
            self._lists[store_id, locale] = known, entries
        return entries

    def get_answer(self, store_id: str, faq: str, locale: str, *, product_id: str | None = None) -> str | None:
        """A text for the template engine. At most 30 s old."""
        from okaeri.adapters.shipped_faq import load_shipped
        from okaeri.domain import faq as questions

        return questions.find_answer(self._know(store_id), load_shipped(), faq, locale, product_id=product_id)

    def list_quick_replies(self, store_id: str, locale: str) -> Sequence[QuickReply]:
        """By name. At most 30 s old."""
        from okaeri.domain import faq as questions

        replies = self._replies.get(store_id, lambda: self.read_replies(store_id)) or ()
        return questions.list_quick_replies(questions.KnownWords(self._stores.get(store_id), (), replies), locale)

    def _know(self, store_id: str) -> KnownWords:
        from okaeri.domain.faq import KnownWords

        answers = self._answers.get(store_id, lambda: self.read_answers(store_id)) or ()
        return KnownWords(self._stores.get(store_id), answers, ())

    def read_answers(self, store_id: str) -> tuple[ShopAnswer, ...]:
        """All that the shop answers, in every language. One query."""
        return self._read(ShopAnswer, keys.faq_key(store_id))

    def read_replies(self, store_id: str) -> tuple[QuickReply, ...]:
        """All of its people's ready replies, in every language. One query."""
        return self._read(QuickReply, keys.replies_key(store_id))

    def put_answer(self, store_id: str, answer: ShopAnswer) -> None:
        """Puts or replaces the answer in its language; functions learn of it within 30 s."""
        self._put(keys.faq_key(store_id), keys.spoken_key(answer.locale, answer.faq), answer)

    def remove_answer(self, store_id: str, faq: str, locale: str) -> None:
        """One that is gone is fine."""
        self._table.delete(keys.faq_key(store_id), keys.spoken_key(locale, faq))

    def put_reply(self, store_id: str, reply: QuickReply) -> None:
        """Puts or replaces the reply in its language."""
        self._put(keys.replies_key(store_id), keys.spoken_key(reply.locale, reply.name), reply)

    def remove_reply(self, store_id: str, name: str, locale: str) -> None:
        """One that is gone is fine."""
        self._table.delete(keys.replies_key(store_id), keys.spoken_key(locale, name))

    def _read[M: ShopAnswer | QuickReply](self, kind: type[M], pk: str) -> tuple[M, ...]:
        found = self._table.query(pk, consistent=False, only="body", page=MOST_ITEMS)
        return tuple(decode_body(kind, item["body"]) for item in islice(found, MOST_ITEMS))

    def _put(self, pk: str, sk: str, model: ShopAnswer | QuickReply) -> None:
        self._table.put({**to_key(pk, sk), "body": encode_body(model)})
