"""Puts a thing right: a replacement, a refund or a credit within a role's limits, and a return's way through the shop.

What is given is recorded and told; in the store itself people do it, for now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from okaeri.domain.currencies import find_unit
from okaeri.domain.orders import Order
from okaeri.domain.records import Ticket
from okaeri.domain.remedies import Refused, Remedy, RemedyKind, check_remedy, name_remedies, name_remedy
from okaeri.domain.spending import find_worth
from okaeri.domain.staff import StaffMember
from okaeri.domain.stores import Store
from okaeri.domain.tickets import list_next_stages, may_move_to
from okaeri.domain.values import make_id
from okaeri.errors import RefuseRequest
from okaeri.use_cases.answer_customer import AnswerCustomer, Reply
from okaeri.use_cases.keep_tickets import KeepTickets, refuse_solved

if TYPE_CHECKING:
    from okaeri.ports import InboxWords, Records


class Offer(NamedTuple):
    """What somebody wants to give. `amount` is in the store's currency, None for a replacement.

    `text` tells the customer in their own words; without one a ready sentence in the customer's language does.
    `remedy_id` makes the same offer sent twice one.
    """

    remedy_id: str
    kind: RemedyKind
    amount: Decimal | None = None
    text: str = ""


@dataclass(frozen=True)
class GiveRemedy:
    """Records first, tells then: what was promised to a customer is always on record."""

    keep: KeepTickets
    answer: AnswerCustomer
    records: Records
    words: InboxWords

    def give(self, store: Store, by: StaffMember, ticket_id: str, offer: Offer) -> Ticket:
        """The ticket with the remedy on it. Raises RefuseRequest (403 over the limit, with who may), TryAgain."""
        amount = None if offer.amount is None else offer.amount.quantize(find_unit(store.currency))
        if amount != offer.amount:
            raise RefuseRequest(
                422, "amount_too_fine", f"{store.currency} has no such amount.", at="amount", fix="Round it."
            )
        ticket = self.keep.find(store, ticket_id)
        order = self._find_order(ticket)
        remedy = Remedy(
            remedy_id=offer.remedy_id,
            kind=offer.kind,
            amount="" if amount is None else str(amount),
            currency="" if amount is None else store.currency,
            by=by.name,
            at=self.keep.clock(),
        )

        def is_given(ticket: Ticket) -> bool:
            return any(one.remedy_id == offer.remedy_id for one in ticket.remedies)

        def check(ticket: Ticket) -> None:
            if is_given(ticket):
                return
            refuse_solved(ticket)
            refused = check_remedy(
                offer.kind,
                amount,
                role=by.role,
                roles=store.settings.roles,
                before=ticket.remedies,
                worth=_find_worth(order, store),
            )
            if refused is not None:
                raise _explain(refused, offer.kind, by, store)

        def make_changes(ticket: Ticket) -> Mapping[str, Any]:
            if is_given(ticket):
                return {}
            remedies = (*ticket.remedies, remedy)
            return {"remedies": remedies, "remedy": name_remedies(remedies)}

        ticket = self.keep.change(store, ticket_id, make_changes, check=check)
        self.keep.note(ticket, "remedy", by.name, name_remedy(remedy), note_id=make_id(offer.remedy_id)[:16])
        text = offer.text or self.words.say_remedy(
            remedy, self.keep.load_customer(ticket), store, order_name=order.name if order else ""
        )
        return self._tell(store, by, ticket, text, make_id("remedy", ticket_id, offer.remedy_id))

    def move_stage(self, store: Store, by: StaffMember, ticket_id: str, stage: str, text: str = "") -> Ticket:
        """Moves a return on, never back, and tells the customer. The same stage again tells once more, as one message.

        Raises RefuseRequest (409 where it can't come there from where it is), TryAgain.
        """

        def check(ticket: Ticket) -> None:
            if ticket.stage == stage:
                return
            refuse_solved(ticket)
            if not may_move_to(ticket, stage):
                there = ", ".join(list_next_stages(ticket)) or "none: it is at its end"
                raise RefuseRequest(
                    409,
                    "stage_refused",
                    f"A return that is {ticket.stage or 'not begun'} does not become {stage}.",
                    at="stage",
                    fix=f"What comes next: {there}.",
                )

        before = self.keep.find(store, ticket_id)
        ticket = self.keep.change(
            store, ticket_id, lambda ticket: {} if ticket.stage == stage else {"stage": stage}, check=check
        )
        if before.stage != stage:
            self.keep.note(ticket, "stage", by.name, stage)
        order = self._find_order(ticket)
        said = text or self.words.say_stage(
            stage, self.keep.load_customer(ticket), store, order_name=order.name if order else ""
        )
        return self._tell(store, by, ticket, said, make_id("stage", ticket_id, stage))

    def _tell(self, store: Store, by: StaffMember, ticket: Ticket, text: str, reply_id: str) -> Ticket:
        if ticket.solved_at is not None:  # the same move again, after the ticket was solved
            return ticket
        return self.answer.reply(store, by, ticket.ticket_id, Reply(reply_id=reply_id, text=text, anyway=True))

    def _find_order(self, ticket: Ticket) -> Order | None:
        record = self.records.get_order(ticket.store_id, ticket.order_id) if ticket.order_id else None
        return record.order if record else None


def _find_worth(order: Order | None, store: Store) -> Decimal | None:
    """What is left of an order to be given back; None where no order, or one in another currency, says so."""
    return find_worth(order) if order is not None and order.currency == store.currency else None


def _explain(refused: Refused, kind: RemedyKind, by: StaffMember, store: Store) -> RefuseRequest:
    currency = store.currency
    match refused.code:
        case "amount_unexpected":
            return RefuseRequest(422, refused.code, "A replacement has no amount.", at="amount", fix="Leave it out.")
        case "amount_missing" | "amount_not_positive":
            return RefuseRequest(422, refused.code, f"A {kind} has an amount.", at="amount", fix="Give one above 0.")
        case "more_than_paid":
            return RefuseRequest(
                422,
                refused.code,
                f"Of this order {refused.limit} {currency} is left to be refunded.",
                at="amount",
                fix="Refund no more than that, or give a credit.",
            )
    limit = "" if kind is RemedyKind.REPLACEMENT else f" beyond {refused.limit} {currency} for one ticket"
    before = f"; {refused.given} {currency} was given before" if refused.given else ""
    who = " or ".join(f"a {role}" for role in refused.who_may)
    return RefuseRequest(
        403,
        refused.code,
        f"As {by.role} you give no {kind}{limit}{before}.",
        at="amount" if limit else "kind",
        fix=f"Ask {who}: they may." if who else f"No role may. A lead raises it: okaeri staff role {store.store_id}.",
    )
