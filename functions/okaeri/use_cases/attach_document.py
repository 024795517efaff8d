"""Finds the PDF that goes along with a message. A message never waits for one that need not be there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from okaeri.domain.invoices import may_have_invoice
from okaeri.domain.message_facts import MessageFacts
from okaeri.errors import GiveUp, StopSender, TryAgain

if TYPE_CHECKING:
    from okaeri.ports import Documents, Log


@dataclass(frozen=True)
class AttachDocument:
    """From the facts of a message to the same with its file. `open_documents` is asked by the first that has one."""

    open_documents: Callable[[], Documents]
    log: Log

    def __call__(self, facts: MessageFacts, *, is_needed: bool) -> MessageFacts:
        """With the order's paper, made if need be.

        Where there is none: what is needed raises TryAgain or GiveUp (`invoice_off` where the shop makes none of
        this order); else the facts come back without it, and a fault is noted in them.
        """
        order = facts.order.order if facts.order else None
        try:
            if order is None or not may_have_invoice(order, facts.store.settings.invoice):
                raise GiveUp("invoice_off")
            documents = self.open_documents()
            found = documents.find(facts.store, order, facts.customer, facts.message.locale)
        except (TryAgain, GiveUp, StopSender) as fault:
            if is_needed:
                raise
            if fault.code == "invoice_off":
                return facts
            return self._do_without(facts, fault.code)
        except Exception as error:  # whatever it is, it must not take the message with it
            if is_needed:
                raise
            return self._do_without(facts, f"unforeseen:{type(error).__name__}")
        return replace(facts, document=found)

    def _do_without(self, facts: MessageFacts, code: str) -> MessageFacts:
        extra = {"store": facts.store.store_id, "message_id": facts.message.message_id, "code": code}
        self.log.warning("document not made", extra=extra)
        return replace(facts, document_fault=code)
