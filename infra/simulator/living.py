"""A world in which messages are sent, arrive and are heard of, and the house is kept: months pass at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from okaeri.adapters.message_words import TemplateWords
from okaeri.adapters.prices import load_shipped
from okaeri.adapters.visitor_agents import recognise_machine
from okaeri.adapters.whatsapp_errors import read_status_error
from okaeri.domain.evidence import Envelope
from okaeri.domain.messages import QueuedMessage
from okaeri.domain.prices import PriceList
from okaeri.domain.reports import EmailReport, WhatsappReport
from okaeri.domain.values import Channel, make_id
from okaeri.errors import TryAgain
from okaeri.use_cases.attach_document import AttachDocument
from okaeri.use_cases.keep_house import KeepHouse
from okaeri.use_cases.prepare_message import PrepareMessage
from okaeri.use_cases.record_delivery import RecordDelivery
from okaeri.use_cases.send_email import SendEmail
from okaeri.use_cases.send_whatsapp import SendWhatsapp
from okaeri.use_cases.settle_message import SettleMessage
from simulator.acts import SimulatedActs
from simulator.documents import UnprintedDocuments
from simulator.log import SilentLog
from simulator.messages import MemoryDueIndex
from simulator.numbers import MemoryNumbers, MemoryPrices, UnhurriedPace
from simulator.senders import DELIVERED, SILENT, Delivered, Outside, SimulatedEmail, SimulatedWhatsapp
from simulator.stores import MemorySecrets, MemoryTemplates
from simulator.world import World

AGAIN_S = 60  # a message that its sender could not take yet is given again after so long, by its queue
READ = "read"


@dataclass(kw_only=True)
class LivingWorld(World):
    """The whole road in memory: the engine, both senders with their gates, reports of delivery, and the sweep.

    `watch` is called whenever something may have changed.
    """

    templates: MemoryTemplates = field(default_factory=MemoryTemplates)
    prices: PriceList = field(default_factory=load_shipped)
    watch: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.outside = Outside(self.clock)
        self.acts = SimulatedActs()
        self._acted = 0
        self.numbers = MemoryNumbers()
        self._outbox: list[tuple[datetime, int, Channel, QueuedMessage]] = []
        self._collected = 0
        log = SilentLog()
        settle = SettleMessage(
            messages=self.messages,
            queues=self.queues,
            clock=self.clock,
            log=log,
            patience_s=self.pace.delivery_patience_s,
            chance=lambda: 0.0,
        )
        prepare = PrepareMessage(
            stores=self.stores,
            customers=self.customers,
            records=self.records,
            messages=self.messages,
            settle=settle,
            clock=self.clock,
        )
        secrets = MemorySecrets({f"stores/{self.store.store_id}/links": {"key": "simulated"}})
        words = TemplateWords(secrets, self.knowledge, public_url=self.store.site_url)
        prices = MemoryPrices(self.prices)
        attach = AttachDocument(UnprintedDocuments, log)
        self._senders: dict[Channel, Any] = {
            Channel.WHATSAPP: SendWhatsapp(
                prepare=prepare,
                settle=settle,
                templates=self.templates,
                words=words,
                whatsapp=SimulatedWhatsapp(self.outside),
                numbers=self.numbers,
                pace=UnhurriedPace(),
                prices=prices,
                clock=self.clock,
                attach=attach,
            ),
            Channel.EMAIL: SendEmail(
                prepare=prepare,
                settle=settle,
                templates=self.templates,
                words=words,
                email=SimulatedEmail(self.outside),
                prices=prices,
                attach=attach,
            ),
        }
        self.report = RecordDelivery(
            messages=self.messages,
            stores=self.stores,
            templates=self.templates,
            numbers=self.numbers,
            queues=self.queues,
            clock=self.clock,
            log=log,
            read_error=read_status_error,
            recognise_machine=recognise_machine,
            chance=lambda: 0.0,
        )
        self._keep_house = KeepHouse(
            due=MemoryDueIndex(self.customers, self.messages),
            messages=self.messages,
            queues=self.queues,
            clock=self.clock,
        )

    def tell_fate(self, message: Delivered, fate: str) -> None:
        """What the provider reports of a message: delivered, read, clicked, complained, or a code of failure."""
        ref, at = str(message.key), self.clock()
        if message.channel is Channel.WHATSAPP:
            status = fate if fate in (DELIVERED, READ) else "failed"
            code = fate if status == "failed" else ""
            self.report(WhatsappReport(provider_id=message.provider_id, status=status, at=at, ref=ref, code=code))
        else:
            known = {DELIVERED: "delivery", READ: "open", "clicked": "click", "complained": "complaint"}
            make = partial(EmailReport, provider_id=message.provider_id, at=at, ref=ref, address=message.to)
            if fate in known:
                self.report(make(event=known[fate]))
            else:
                self.report(make(event="bounce", permanent=True, code=fate))
        self._run_due()

    def settle(self) -> None:
        """Works through everything that is due at this moment."""
        self._collect()
        self._run_due()

    # -- time ------------------------------------------------------------------------------------------------------

    def find_next(self) -> datetime | None:
        sweeps = [at for at in (*self.customers.sweeps.values(), *self.messages.sweeps.values()) if at is not None]
        moments = [super().find_next(), *sweeps, *(item[0] for item in self._outbox)]
        return min((moment for moment in moments if moment is not None), default=None)

    def _run_due(self) -> None:
        while True:
            super()._run_due()
            self.watch()
            if not (self._act_due() or self._send_due() or self._sweep_due()):
                return

    def _collect(self) -> None:
        super()._collect()
        self.watch()

    def _act_due(self) -> bool:
        requests = self.queues.actions[self._acted :]
        self._acted += len(requests)
        for request in requests:
            done = self.acts.carry_out(request, self.clock())
            if done is not None:
                envelope = Envelope(
                    id=make_id("acted", request.action_id),
                    store_id=request.store_id,
                    source=f"simulated {request.kind}",
                    received_at=self.clock(),
                    evidence=done,
                )
                self.queues.send_evidence([envelope])
        return bool(requests)

    def _send_due(self) -> bool:
        for sent in self.queues.messages[self._collected :]:
            self._post(sent.channel, sent.queued, sent.delay_s)
        self._collected = len(self.queues.messages)
        due = sorted((item for item in self._outbox if item[0] <= self.clock()), key=lambda item: item[:2])
        self._outbox = [item for item in self._outbox if item[0] > self.clock()]
        for _, _, channel, queued in due:
            self._send(channel, queued)
        return bool(due)

    def _post(self, channel: Channel, queued: QueuedMessage, delay_s: float) -> None:
        self.sequence += 1
        self._outbox.append((self.clock() + timedelta(seconds=delay_s), self.sequence, channel, queued))

    def _send(self, channel: Channel, queued: QueuedMessage) -> None:
        before = len(self.outside.arrived)
        try:
            self._senders[channel](queued)
        except TryAgain as again:
            self._post(channel, queued, again.after_s or AGAIN_S)
        self._collect()
        for message in self.outside.arrived[before:]:
            if message.fate != SILENT:
                self.tell_fate(message, message.fate)

    def _sweep_due(self) -> bool:
        sweep = self._keep_house(lambda: True)
        self._collect()
        return bool(sweep.woken or sweep.sent)
