"""What stands for Meta and the mailbox: every message is kept as the shopper would read it, and met by its fate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from okaeri.domain.delivery import MessageKey, Receipt
from okaeri.domain.gates import WhatsappAddress
from okaeri.domain.stores import Store
from okaeri.domain.templates import ChatButton, ChatRow, EmailContent, WhatsappContent
from okaeri.domain.values import Channel
from okaeri.ports import Clock

DELIVERED = "delivered"
SILENT = "silent"  # the provider takes it, and nothing more is heard


@dataclass(frozen=True)
class Delivered:
    """One message as it left: `text` as the shopper reads it, `payloads` of its quick replies by their index.

    `labels` are the words on what there is to tap inside the window; a template's are the template's.
    """

    key: MessageKey
    provider_id: str
    at: datetime
    channel: Channel
    to: str
    text: str
    subject: str = ""
    payloads: Mapping[int, str] = field(default_factory=dict)
    labels: Mapping[int, str] = field(default_factory=dict)
    fate: str = DELIVERED


@dataclass
class Outside:
    """Phones and mailboxes. `fates` says what becomes of the messages of each channel from now on.

    A fate is `delivered`, `read`, `silent`, or a provider's code of failure.
    """

    clock: Clock
    fates: dict[Channel, str] = field(default_factory=dict)
    arrived: list[Delivered] = field(default_factory=list)

    def take(
        self,
        key: MessageKey,
        channel: Channel,
        to: str,
        text: str,
        *,
        subject: str = "",
        payloads: Mapping[int, str] = MappingProxyType({}),
        labels: Mapping[int, str] = MappingProxyType({}),
    ) -> Receipt:
        """Keeps the message and answers as the provider does."""
        provider_id = f"{channel}.{len(self.arrived) + 1}"
        fate = self.fates.get(channel, DELIVERED)
        self.arrived.append(
            Delivered(key, provider_id, self.clock(), channel, to, text, subject, payloads, labels, fate)
        )
        return Receipt(provider_id=provider_id)


@dataclass(frozen=True)
class SimulatedWhatsapp:
    """Implements `ports.WhatsappSender`."""

    outside: Outside

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
        """Never refuses: what Meta would refuse later comes as a status."""
        payloads = {button.index: button.value for button in content.buttons if button.type == "quick_reply"}
        labels: dict[int, str] = {}
        if content.chat:
            taps: list[ChatButton | ChatRow] = [
                *content.chat.buttons,
                *(content.chat.list.rows if content.chat.list else ()),
            ]
            payloads = {index: tap.payload for index, tap in enumerate(taps)}
            labels = {index: tap.text for index, tap in enumerate(taps)}
        return self.outside.take(key, Channel.WHATSAPP, address.key, content.text, payloads=payloads, labels=labels)


@dataclass(frozen=True)
class SimulatedEmail:
    """Implements `ports.EmailSender`."""

    outside: Outside

    def send(
        self, store: Store, address: str, content: EmailContent, *, key: MessageKey, unsubscribe_url: str
    ) -> Receipt:
        """Never refuses: a bounce comes as a report."""
        return self.outside.take(key, Channel.EMAIL, address, content.text, subject=content.subject)
