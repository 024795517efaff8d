"""What evidence says of the customer themself: names, identifiers, consent. Pure; decisions come after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from okaeri.domain.attention import unite_attention
from okaeri.domain.conversations import unite_conversations
from okaeri.domain.customers import (
    MAX_ATTRIBUTES,
    MAX_GOALS,
    MAX_TAGS,
    MAX_TICKETS,
    Customer,
    IdentityKind,
    Run,
    list_identities,
)
from okaeri.domain.effects import Effect, MarkShared
from okaeri.domain.events import Event
from okaeri.domain.orders import Buyer
from okaeri.domain.spending import unite_spending
from okaeri.domain.values import make_id

REGISTERED = "customer.registered"
MAX_IDENTIFIERS = 5  # of each kind; the one in use first
MAX_ORDERS = 20
MAX_ABSORBED = 8
MAX_HOURS = 24
MAX_ORDERS_A_DAY = 20  # an identifier on more orders than this names more than one person


class Change(NamedTuple):
    """A customer after evidence, with what is to be kept of it and the events that it makes."""

    customer: Customer
    effects: tuple[Effect, ...] = ()
    events: tuple[Event, ...] = ()


def take_buyer(customer: Customer, buyer: Buyer, *, wa_user_id: str | None = None) -> Customer:
    """The customer with what the buyer's own fields say, as the latest word; empty fields take nothing away.

    A zone belongs to its country: whoever moves to another one leaves it behind.
    """
    stays = buyer.country in (None, customer.country)
    return customer.model_copy(
        update={
            "first_name": buyer.first_name or customer.first_name,
            "last_name": buyer.last_name or customer.last_name,
            "locale": buyer.locale or customer.locale,
            "country": buyer.country or customer.country,
            "time_zone": buyer.time_zone or (customer.time_zone if stays else None),
            "phones": _put_first(customer.phones, buyer.phone),
            "emails": _put_first(customer.emails, buyer.email),
            "store_customer_ids": _put_first(customer.store_customer_ids, buyer.store_customer_id),
            "wa_user_ids": _put_first(customer.wa_user_ids, wa_user_id),
            "birthday": buyer.birthday or customer.birthday,
            "company": buyer.company or customer.company,
        }
    )


def note_account(customer: Customer, buyer: Buyer, at: datetime) -> Change:
    """They have an account in the store. It is news of those alone who were known before: others may have had it long.

    `at` is the customer's own time.
    """
    if not buyer.is_registered or customer.registered_at is not None:
        return Change(customer)
    after = customer.model_copy(update={"registered_at": at})
    if not customer.version:
        return Change(after)
    event_id = make_id(customer.customer_id, REGISTERED)
    return Change(after, events=(Event(event_id=event_id, name=REGISTERED, occurred_at=at, refs={}),))


def take_past_buyer(customer: Customer, buyer: Buyer) -> Customer:
    """The customer with what an order of the past says, which fills gaps and displaces nothing."""
    stays = customer.country in (None, buyer.country)
    return customer.model_copy(
        update={
            "first_name": customer.first_name or buyer.first_name,
            "last_name": customer.last_name or buyer.last_name,
            "locale": customer.locale or buyer.locale,
            "country": customer.country or buyer.country,
            "time_zone": customer.time_zone or (buyer.time_zone if stays else None),
            "phones": _unite(customer.phones, (buyer.phone,)),
            "emails": _unite(customer.emails, (buyer.email,)),
            "store_customer_ids": _unite(customer.store_customer_ids, (buyer.store_customer_id,)),
            "birthday": customer.birthday or buyer.birthday,
            "company": customer.company or buyer.company,
        }
    )


def note_hour(customer: Customer, at: datetime) -> Customer:
    """They were there themselves at that hour: what their best hour is found by."""
    hours = (*customer.active_hours, at.astimezone(UTC).hour)
    return customer.model_copy(update={"active_hours": hours[-MAX_HOURS:]})


def count_order(customer: Customer, order_id: str, at: datetime, *, by_shopper: bool = True) -> Change:
    """One more order. More than 20 on one day and the customer's identifiers name more than one person.

    `by_shopper` is False where somebody else placed it (a till, a draft).
    """
    if order_id in customer.orders:
        return Change(customer)
    customer = note_hour(customer, at) if by_shopper else customer
    day = at.date().isoformat()
    today = customer.orders_today[1] + 1 if customer.orders_today[0] == day else 1
    is_shared = customer.shared or today > MAX_ORDERS_A_DAY
    after = customer.model_copy(
        update={
            "orders": (*customer.orders, order_id)[-MAX_ORDERS:],
            "orders_count": customer.orders_count + 1,
            "orders_today": (day, today),
            "first_order_at": min(at, customer.first_order_at or at),
            "last_order_at": max(at, customer.last_order_at or at),
            "shared": is_shared,
        }
    )
    if not is_shared or customer.shared:
        return Change(after)
    marked = tuple(i for i in list_identities(after) if i.kind is not IdentityKind.STORE_CUSTOMER)
    return Change(after, (MarkShared(id=make_id(customer.customer_id, "shared"), identities=marked),))


def note_dead_address(customer: Customer, channel: str, address: str | None, why: str) -> Customer:
    """Remembers an address where nothing arrives."""
    if not address:
        return customer
    return customer.model_copy(update={"dead_addresses": customer.dead_addresses | {f"{channel}:{address}": why}})


def note_alive(customer: Customer, channel: str, addresses: Sequence[str | None]) -> Customer:
    """Forgets that an address was dead: somebody wrote from it."""
    names = {f"{channel}:{address}" for address in addresses}
    alive = {name: why for name, why in customer.dead_addresses.items() if name not in names}
    return customer.model_copy(update={"dead_addresses": alive})


def unite_customers(survivor: Customer, lost: Customer) -> tuple[Customer, Customer]:
    """One person of two records: the survivor with everything, and the tombstone that points to it.

    Runs unite by journey and key, the one that has come further stays; of two consents the stricter. The tombstone
    keeps all that it was, so that the merge can be undone.
    """
    from okaeri.domain.loyalty import unite_points  # two records are seldom one person

    runs = {_name_run(run, lost): run for run in lost.runs}
    for run in survivor.runs:
        about = _name_run(run, survivor)
        if about not in runs or runs[about].step <= run.step:
            runs[about] = run
    consents = dict(survivor.consents)
    for name, consent in lost.consents.items():
        ours = consents.get(name)
        if ours is None or consent.strictness > ours.strictness:
            consents[name] = consent
    united = survivor.model_copy(
        update={
            "created_at": min(survivor.created_at, lost.created_at),
            "first_name": survivor.first_name or lost.first_name,
            "last_name": survivor.last_name or lost.last_name,
            "locale": survivor.locale or lost.locale,
            "asked_locale": survivor.asked_locale or lost.asked_locale,
            "country": survivor.country or lost.country,
            "time_zone": survivor.time_zone or (lost.time_zone if survivor.country in (None, lost.country) else None),
            "phones": _unite(survivor.phones, lost.phones),
            "emails": _unite(survivor.emails, lost.emails),
            "wa_user_ids": _unite(survivor.wa_user_ids, lost.wa_user_ids),
            "store_customer_ids": _unite(survivor.store_customer_ids, lost.store_customer_ids),
            "consents": consents,
            "dead_addresses": lost.dead_addresses | survivor.dead_addresses,
            "window_opened_at": max(
                (at for at in (survivor.window_opened_at, lost.window_opened_at) if at), default=None
            ),
            "wrote_from": (lost if _wrote_later(lost, survivor) else survivor).wrote_from,
            "shared": survivor.shared or lost.shared,
            "orders": tuple(dict.fromkeys((*lost.orders, *survivor.orders)))[-MAX_ORDERS:],
            "orders_count": survivor.orders_count + lost.orders_count,
            "first_order_at": min((at for at in (survivor.first_order_at, lost.first_order_at) if at), default=None),
            "last_order_at": max((at for at in (survivor.last_order_at, lost.last_order_at) if at), default=None),
            **unite_spending(survivor, lost),
            "tags": tuple(dict.fromkeys((*lost.tags, *survivor.tags)))[-MAX_TAGS:],
            "attributes": dict(list((lost.attributes | survivor.attributes).items())[-MAX_ATTRIBUTES:]),
            "active_hours": (*lost.active_hours, *survivor.active_hours)[-MAX_HOURS:],
            "free_entry_until": max(
                (at for at in (survivor.free_entry_until, lost.free_entry_until) if at), default=None
            ),
            "attention": unite_attention(survivor.attention, lost.attention),
            "entered": lost.entered | survivor.entered,
            "goals": tuple({watch.run_id: watch for watch in (*lost.goals, *survivor.goals)}.values())[-MAX_GOALS:],
            "open_tickets": tuple(
                {ticket.ticket_id: ticket for ticket in (*lost.open_tickets, *survivor.open_tickets)}.values()
            )[-MAX_TICKETS:],
            "conversation": unite_conversations(survivor.conversation, lost.conversation),
            "surveyed_at": max(filter(None, (survivor.surveyed_at, lost.surveyed_at)), default=None),
            "told_at": max(filter(None, (survivor.told_at, lost.told_at)), default=None),
            "birthday": survivor.birthday or lost.birthday,
            "registered_at": min(filter(None, (survivor.registered_at, lost.registered_at)), default=None),
            "company": survivor.company or lost.company,
            **unite_points(survivor, lost),
            "rewarded": _unite_latest(survivor.rewarded, lost.rewarded),
            "ended_runs": _unite_entries(survivor.ended_runs, lost.ended_runs),
            "ended_own": _unite_entries(survivor.ended_own, lost.ended_own),
            "runs": tuple(runs.values()),
            "recent": tuple(dict.fromkeys((*lost.recent, *survivor.recent))),
            "evicted": survivor.evicted or lost.evicted,
            "latest_event_at": max(filter(None, (survivor.latest_event_at, lost.latest_event_at)), default=None),
            "pending": (*survivor.pending, *lost.pending),
            "absorbed": tuple(dict.fromkeys((*survivor.absorbed, *lost.absorbed, lost.customer_id)))[-MAX_ABSORBED:],
            "ahead_s": max(survivor.ahead_s, lost.ahead_s),
            "version": survivor.version + 1,
        }
    )
    tombstone = lost.model_copy(update={"merged_into": survivor.customer_id, "version": lost.version + 1})
    return united, tombstone


def _wrote_later(one: Customer, other: Customer) -> bool:
    mine, theirs = one.window_opened_at, other.window_opened_at
    return mine is not None and (theirs is None or mine > theirs)


def _name_run(run: Run, customer: Customer) -> tuple[str, str, int]:
    """What makes two runs of two records one: the same journey about the same thing; or about the person themself."""
    is_alone = sum((other.journey, other.key) == (run.journey, run.key) for other in customer.runs) == 1
    key = "" if run.key == customer.customer_id else run.key
    return run.journey, key, 0 if is_alone else run.entry


def _unite_entries(ours: dict[str, int], theirs: dict[str, int]) -> dict[str, int]:
    return ours | {name: max(entries, ours.get(name, 0)) for name, entries in theirs.items()}


def _unite_latest(ours: dict[str, datetime], theirs: dict[str, datetime]) -> dict[str, datetime]:
    return ours | {name: max(at, ours.get(name, at)) for name, at in theirs.items()}


def _put_first(values: tuple[str, ...], value: str | None) -> tuple[str, ...]:
    if not value:
        return values
    return (value, *(other for other in values if other != value))[:MAX_IDENTIFIERS]


def _unite(ours: tuple[str, ...], theirs: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ours, *(value for value in theirs if value))))[:MAX_IDENTIFIERS]
