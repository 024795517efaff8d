"""Each store's messages by the transport that it chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from okaeri.domain.delivery import MessageKey, Receipt
from okaeri.domain.gates import WhatsappAddress
from okaeri.domain.stores import Store, Transport
from okaeri.domain.templates import WhatsappContent

if TYPE_CHECKING:
    from okaeri.ports import WhatsappSender


class ChosenWhatsapp:
    """Implements `ports.WhatsappSender`. A transport is made when the first store asks for it."""

    def __init__(self, makers: Mapping[Transport, Callable[[], WhatsappSender]]) -> None:
        self._makers = makers
        self._made: dict[Transport, WhatsappSender] = {}

    def send(
        self,
        store: Store,
        address: WhatsappAddress,
        content: WhatsappContent,
        *,
        key: MessageKey,
        attempt: int,
        reply_to: str | None,
    ) -> Receipt:
        """As the port says."""
        transport = store.whatsapp_transport
        if transport not in self._made:
            self._made[transport] = self._makers[transport]()
        return self._made[transport].send(store, address, content, key=key, attempt=attempt, reply_to=reply_to)
