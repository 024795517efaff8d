"""Writes what became of each message: one conditional update for each report, and no look at the customer.

A report may come twice, late, or before our own answer. Whatever is told to the engine bears an id made of the
message and the outcome, so telling it again is harmless; that is why a failure is told even where nothing moved.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from okaeri.domain.delivery import (
    FOREIGN_ID,
    Advice,
    Fail,
    Meaning,
    MessageKey,
    Outcome,
    Park,
    Retry,
    choose_after_refusal,
    read_email_event,
    read_key,
    read_whatsapp_status,
    should_tell,
)
from okaeri.domain.evidence import Envelope, MessageOutcome
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.numbers import FIELDS, NumberState, concerns, find_stop, take_notice
from okaeri.domain.prices import read_charge
from okaeri.domain.reports import AccountReport, EmailReport, Report, TemplateReport, VisitReport, WhatsappReport
from okaeri.domain.templates import TemplateState
from okaeri.domain.values import Lane, Purpose, make_id
from okaeri.domain.visits import Visit
from okaeri.errors import GiveUp, StopSender, TryAgain
from okaeri.use_cases.settle_message import read_refusal

if TYPE_CHECKING:
    from okaeri.ports import Clock, Log, Messages, Numbers, Queues, Stores, Templates

ReadError = Callable[[str, int], TryAgain | GiveUp | StopSender]
"""A provider's code and the message's attempt, as the typed error that the sender would have raised."""

_META_NAME = re.compile(r"(?P<name>.+)_v\d+")
# A refusal that came by a status may still move a message that Meta had taken, but none that reached a phone.
_TAKEN = (
    MessageState.SENDING,
    MessageState.UNCONFIRMED,
    MessageState.ACCEPTED,
    MessageState.HELD,
    MessageState.SENT,
)
_WORTH_A_READ = ("failed", "clicked")
_CLICKED = Meaning(state=MessageState.READ, outcome="clicked")


@dataclass(frozen=True)
class RecordDelivery:
    """Takes one report at a time."""

    messages: Messages
    stores: Stores
    templates: Templates
    numbers: Numbers
    queues: Queues
    clock: Clock
    log: Log
    read_error: ReadError
    recognise_machine: Callable[[str], str]  # a user agent's kind of program, empty for a person's
    chance: Callable[[], float] = random.random

    def __call__(self, report: Report) -> None:
        """Raises TryAgain where the table or a queue cannot be reached."""
        match report:
            case WhatsappReport():
                self._record_whatsapp(report)
            case EmailReport():
                self._record_email(report)
            case VisitReport():
                self._record_visit(report)
            case TemplateReport():
                self._record_template(report)
            case AccountReport():
                self._record_notice(report)

    def _record_whatsapp(self, report: WhatsappReport) -> None:
        key = read_key(report.ref)
        meaning = read_whatsapp_status(report.status)
        if key is None or meaning.state is None:
            return
        if meaning.state is MessageState.FAILED:
            self._record_failure(key, report)
        else:
            self._move_and_tell(key, report, meaning)

    def _record_failure(self, key: MessageKey, report: WhatsappReport) -> None:
        """Meta took the message and did not deliver it: the same rule as for a refusal on the spot."""
        message = self.messages.get(*key)
        if message is None or _is_of_earlier_attempt(message, report.provider_id):
            return
        self._hold_number(message, report.code)
        wait = self._find_next_attempt(message, report.code)
        if wait is not None:
            # What is sent then is a new message to Meta, with an id of its own: nothing is left of this attempt's.
            self.messages.move(
                message,
                MessageState.PARKED,
                expected=(message.state,),
                at=self.clock(),
                reason=report.code,
                attempt=message.attempt + 1,
                parked_until=wait.until,
                withheld=wait.withheld or None,
            )
            return
        moved = self.messages.report(
            *key, MessageState.FAILED, at=report.at, reason=report.code, details={"id": report.provider_id}
        )
        if moved or message.state is MessageState.FAILED:
            self._tell(key, "failed", report, lane=message.lane, address=message.address)

    def _hold_number(self, message: Message, code: str) -> None:
        """What Meta refuses of the number itself stops marketing, as it does when Meta answers so on the spot."""
        refusal = read_refusal(self.read_error(code, message.attempt))
        store = self.stores.get(message.store_id) if refusal.advice is Advice.STOP else None
        number = store.phone_number_id if store else None
        now = self.clock()
        if number and find_stop(self.numbers.get(number), Purpose.MARKETING, now) is None:
            self.numbers.hold_marketing(number, code, now + timedelta(seconds=refusal.wait_s or 0))

    def _find_next_attempt(self, message: Message, code: str) -> Park | None:
        """When to send again what a status called failed; None where that is the end, or another channel's turn."""
        if message.state not in _TAKEN or message.fallback:
            return None
        now = self.clock()
        refusal = read_refusal(self.read_error(code, message.attempt))
        match choose_after_refusal(message, refusal, now=now, chance=self.chance()):
            case Fail():
                return None
            case Park() as wait:
                return wait
            case Retry(delay_s=delay_s):
                return Park(until=now + timedelta(seconds=delay_s))

    def _record_email(self, report: EmailReport) -> None:
        key = read_key(report.ref)
        meaning = read_email_event(report.event, permanent=report.permanent)
        if key is None or meaning.state is None:
            return
        if meaning.outcome == "clicked":
            self._record_click(key, report)
        elif meaning.state is MessageState.READ and self.recognise_machine(report.agent):
            self.messages.note_machine_open(*key)
        else:
            self._move_and_tell(key, report, meaning)

    def _record_visit(self, report: VisitReport) -> None:
        key = read_key(report.ref)
        if key is not None:
            self._record_click(key, report)

    def _record_click(self, key: MessageKey, report: EmailReport | VisitReport) -> None:
        """What a program follows is kept, and neither read nor clicked."""
        said = report.machine if isinstance(report, VisitReport) else ""
        visit = Visit(report.at, report.link, said or self.recognise_machine(report.agent))
        if self.messages.note_visit(*key, visit) == "person":
            self._move_and_tell(key, report, _CLICKED)

    def _move_and_tell(
        self, key: MessageKey, report: WhatsappReport | EmailReport | VisitReport, meaning: Meaning
    ) -> None:
        assert meaning.state is not None  # the callers have looked
        moved = self.messages.report(
            *key,
            meaning.state,
            at=report.at,
            reason=report.code,
            details={"id": report.provider_id} if report.provider_id else None,
            charge=read_charge(report.pricing) if isinstance(report, WhatsappReport) else None,
        )
        outcome = meaning.outcome
        if outcome is None:
            return
        address = report.address if isinstance(report, EmailReport) else None
        if meaning.always:
            self._tell(key, outcome, report, lane=Lane.TRANSACTIONAL, address=address)
            return
        # Where nothing moved it was told before, or the telling failed, or a click came after the opening.
        message = moved or (self.messages.get(*key) if outcome in _WORTH_A_READ else None)
        if message is None or not should_tell(message, outcome):
            return
        if outcome == "failed" and message.state is not MessageState.FAILED:
            return  # it had reached the person already, or waits for its next attempt
        self._tell(key, outcome, report, lane=message.lane, address=address)

    def _tell(
        self,
        key: MessageKey,
        outcome: Outcome,
        report: WhatsappReport | EmailReport | VisitReport,
        *,
        lane: Lane,
        address: str | None,
    ) -> None:
        envelope = Envelope(
            id=make_id(key.message_id, outcome),
            store_id=key.store_id,
            source=f"{report.kind} status",
            received_at=self.clock(),
            evidence=MessageOutcome(
                customer_id=key.customer_id,
                message_id=key.message_id,
                outcome=outcome,
                at=report.at,
                code=report.code,
                address=address,
            ),
        )
        self.queues.send_evidence([envelope], lane=lane)

    def _record_notice(self, report: AccountReport) -> None:
        """A line that a person should read, and what senders must obey from now on."""
        extra = {"waba_id": report.waba_id, "field": report.field, "event": report.event}
        self.log.warning("whatsapp account notice", extra=extra)
        if report.field not in FIELDS:
            return
        for store_id in self.stores.list_ids():
            store = self.stores.get(store_id)
            if store is not None and store.phone_number_id and store.waba_id == report.waba_id:
                before = self.numbers.get(store.phone_number_id) or NumberState(phone_number_id=store.phone_number_id)
                if concerns(before, report.details):
                    after = take_notice(before, report.field, report.details, report.at)
                    self.numbers.put(after.model_copy(update={"waba_id": report.waba_id}))

    def _record_template(self, report: TemplateReport) -> None:
        named = _META_NAME.fullmatch(report.meta_name)
        if named is None:
            return  # not one of ours
        for store_id in self.stores.list_ids():
            store = self.stores.get(store_id)
            if store is not None and store.waba_id == report.waba_id:
                self._put_template_state(store_id, named["name"], report)

    def _put_template_state(self, store_id: str, name: str, report: TemplateReport) -> None:
        known = self.templates.get_state(store_id, name, report.locale)
        if known and known.meta_name not in ("", report.meta_name):
            return  # of an earlier version
        if known and known.at and known.at > report.at:
            return
        before = known or TemplateState(status="PENDING", category="")
        state = before.model_copy(
            update={
                "status": _read_status(report.status) or before.status,
                "category": report.category or before.category,
                "quality": report.quality or before.quality,
                "meta_id": report.meta_id or before.meta_id,
                "meta_name": report.meta_name,
                "reason": report.reason,
                "at": report.at,
            }
        )
        self.templates.put_state(store_id, name, report.locale, state)
        extra = {"store": store_id, "template": report.meta_name, "status": state.status, "category": state.category}
        self.log.warning("whatsapp template changed", extra=extra)


def _read_status(event: str | None) -> str | None:
    return "APPROVED" if event == "REINSTATED" else event


def _is_of_earlier_attempt(message: Message, provider_id: str) -> bool:
    """Whether a failure speaks of an attempt that is over: doubled, late, or outrun by a repetition."""
    if message.state in (MessageState.DECIDED, MessageState.QUEUED, MessageState.PARKED):
        return True
    if message.state is MessageState.SENDING:
        return message.provider_id == provider_id  # the present attempt has no id of its own yet
    known = message.provider_id
    return known is not None and not known.startswith(FOREIGN_ID) and known != provider_id
