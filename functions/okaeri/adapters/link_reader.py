"""Reads the tokens of our links with the key of the store that they name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from okaeri.adapters import signed_links
from okaeri.domain.pages import FollowedLink, GivenAnswer, SignUp, Subscription
from okaeri.errors import GiveUp, RefuseRequest

if TYPE_CHECKING:
    from okaeri.ports import Secrets


class SignedLinkReader:
    """Implements `serve_customer_pages.LinkReader` and `take_letter_form.FormStamps`.

    Ask it about known stores only: it fetches the store's key.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def read_link(self, token: str) -> FollowedLink:
        """Where the token leads, and whose message it stands in."""
        return FollowedLink(**signed_links.read_link(token, self._find_key(token))._asdict())

    def read_unsubscribe(self, token: str) -> Subscription:
        """Whom the token is for, and on which channel."""
        found = signed_links.read_unsubscribe(token, self._find_key(token))
        match found.channel:
            case "email" | "whatsapp":
                return Subscription(customer_id=found.customer_id, channel=found.channel)
        raise RefuseRequest(404, "channel_unknown", "This link is for a channel that is no more.")

    def read_confirmation(self, token: str) -> SignUp:
        """Whose sign-up is confirmed."""
        found = signed_links.read_confirmation(token, self._find_key(token))
        asked_at = datetime.fromtimestamp(found.asked_at, UTC)
        return SignUp(customer_id=found.customer_id, message_id=found.message_id, asked_at=asked_at)

    def read_answer(self, token: str) -> GivenAnswer:
        """Whose answer to which question it is."""
        found = signed_links.read_answer(token, self._find_key(token))
        return GivenAnswer(
            customer_id=found.customer_id,
            question=found.question,
            answer=found.answer,
            text=found.text,
            locale=found.locale,
            until=datetime.fromtimestamp(found.until, UTC),
        )

    def stamp_form(self, store_id: str, at: float) -> str:
        """What a form of this store carries."""
        return signed_links.sign_form(store_id, int(at), self._find_store_key(store_id))

    def read_stamp(self, store_id: str, stamp: str) -> float:
        """When the form was made that carries it."""
        return signed_links.read_form(store_id, stamp, self._find_store_key(store_id))

    def hash_visitor(self, token: str, trait: str) -> str:
        """What a visitor is known by, hashed with the key of the store that the token names."""
        return signed_links.hash_visitor(trait, self._find_key(token))

    def _find_key(self, token: str) -> str:
        return self._find_store_key(signed_links.name_store(token))

    def _find_store_key(self, store_id: str) -> str:
        try:
            return self._secrets.get(f"stores/{store_id}/links")["key"]
        except GiveUp as error:
            raise RefuseRequest(404, error.code, "This store signs no links yet.") from error
