"""Reads the tokens of our links with the key of the store that they name."""

from __future__ import annotations

from okaeri.adapters import signed_links
from okaeri.domain.pages import Subscription
from okaeri.errors import GiveUp, RefuseRequest
from okaeri.ports import Secrets


class SignedLinkReader:
    """Implements `serve_customer_pages.LinkReader`. Ask it about known stores only: it fetches the store's key."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def read_link(self, token: str) -> str:
        """The address that the token leads to."""
        return signed_links.read_link(token, self._find_key(token))

    def read_unsubscribe(self, token: str) -> Subscription:
        """Whom the token is for, and on which channel."""
        found = signed_links.read_unsubscribe(token, self._find_key(token))
        match found.channel:
            case "email" | "whatsapp":
                return Subscription(customer_id=found.customer_id, channel=found.channel)
        raise RefuseRequest(404, "channel_unknown", "This link is for a channel that is no more.")

    def _find_key(self, token: str) -> str:
        try:
            return self._secrets.get(f"stores/{signed_links.name_store(token)}/links")["key"]
        except GiveUp as error:
            raise RefuseRequest(404, error.code, "This store signs no links yet.") from error
