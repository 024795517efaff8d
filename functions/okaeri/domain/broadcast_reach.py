"""Who a broadcast is for, and how it went with those who were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from okaeri.domain.broadcasts import Broadcast, RampLimits, compile_broadcast, name_event
from okaeri.domain.conditions import Condition, holds
from okaeri.domain.customer_fields import read_customer_field
from okaeri.domain.customers import Customer
from okaeri.domain.decide import name_entry, shorten
from okaeri.domain.gates import check_reach
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.segments import list_segments
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel, Purpose, make_id

# facts: WhatsApp §8. What Meta refuses for the shopper's sake: its cap, an experiment, their wish for less.
BLOCKED = ("131049", "131048", "130472", "131050")
_ON_ITS_WAY = (
    MessageState.DECIDED,
    MessageState.QUEUED,
    MessageState.PARKED,
    MessageState.SENDING,
    MessageState.UNCONFIRMED,
)
_TOLD = (MessageState.ACCEPTED, MessageState.HELD, MessageState.SENT, MessageState.DELIVERED, MessageState.READ)


def is_in_audience(audience: Condition | None, customer: Customer, store: Store, now: datetime) -> bool:
    """Whether a condition over customers holds of this one; no condition holds of everybody."""

    def read_field(path: str) -> Any:
        root, _, name = path.partition(".")
        return read_customer_field(customer, store, name, now) if root == "customer" else None

    return audience is None or holds(audience, read_field, now)


def has_early_access(broadcast: Broadcast, customer: Customer, store: Store, now: datetime) -> bool:
    """Whether this customer is of the segment, or on the tier, that is told before the others."""
    access = broadcast.early_access
    if access is None:
        return False
    if access.segment:
        return access.segment in list_segments(customer, store, now)
    return bool(read_customer_field(customer, store, "tier", now) == access.tier)


def has_heard(broadcast: Broadcast, customer: Customer) -> bool:
    """Whether its event has come to them, as far as their profile still knows. The engine knows in any case."""
    entry = name_entry(broadcast.journey, broadcast.broadcast_id)
    return (
        shorten(name_event(broadcast)) in customer.recent
        or entry in customer.ended_runs
        or any(run.journey == broadcast.journey for run in customer.runs)
    )


def is_their_turn(broadcast: Broadcast, customer: Customer, store: Store, now: datetime) -> bool:
    """Whether one of the audience is to be told at this point: early those of its early access, then all others."""
    if broadcast.early_access is None:
        return True
    if broadcast.is_early:
        return has_early_access(broadcast, customer, store, now)
    return not has_heard(broadcast, customer)


def find_refusal(broadcast: Broadcast, customer: Customer, store: Store) -> str | None:
    """Why no channel of the broadcast can reach this customer: the first channel's reason; None where one can."""
    refusals = [check_reach(customer, store, channel, Purpose.MARKETING) for channel in broadcast.channels]
    return refusals[0] if refusals and all(refusals) else None


def list_message_ids(broadcast: Broadcast) -> tuple[str, ...]:
    """The ids that its messages to any customer have: run, step and visit are the same for all of them."""
    run_id = make_id(broadcast.store_id, broadcast.journey, broadcast.broadcast_id, 0)
    step = len(compile_broadcast(broadcast).steps) - 1  # what it says comes last
    seed = make_id(run_id, step, 0)
    return tuple(make_id(seed, channel) for channel in broadcast.channels)


@dataclass(frozen=True)
class Reaction:
    """What one recipient's messages and their consents since then say. `waits`: nothing came of it yet."""

    waits: bool
    told: bool
    failed: bool
    blocked: bool
    complained: bool
    unsubscribed: bool


def read_reaction(broadcast: Broadcast, customer: Customer | None, messages: Iterable[Message]) -> Reaction:
    """Of one recipient. Who was told on another channel after one had failed was told."""
    found = tuple(messages)
    told = any(message.state in _TOLD for message in found)
    withdrawn = _list_withdrawals(broadcast, customer)
    is_running = customer is not None and any(run.journey == broadcast.journey for run in customer.runs)
    return Reaction(
        waits=not told and (is_running or any(message.state in _ON_ITS_WAY for message in found)),
        told=told,
        failed=not told and any(message.state is MessageState.FAILED for message in found),
        blocked=any(_is_blocked(message) for message in found),
        complained="complaint" in withdrawn,
        unsubscribed=any(source != "complaint" for source in withdrawn),
    )


def _is_blocked(message: Message) -> bool:
    """Refused for the shopper's sake, for good or for a day; also where they were told on another channel then."""
    return message.state not in _TOLD and (message.withheld or message.reason in BLOCKED)


def _list_withdrawals(broadcast: Broadcast, customer: Customer | None) -> set[str]:
    """Where marketing was refused since the broadcast began, by source."""
    if customer is None or broadcast.started_at is None:
        return set()
    names = {f"{channel}:{purpose}" for channel in Channel for purpose in (Purpose.MARKETING, "all")}
    consents = (consent for name, consent in customer.consents.items() if name in names)
    return {consent.source for consent in consents if not consent.given and consent.at >= broadcast.started_at}


def judge_reactions(reactions: Iterable[Reaction], limits: RampLimits) -> str | None:
    """Why the broadcast should not go on, such as `blocked 12 of 100`; None where all limits hold."""
    counts: Counter[str] = Counter()
    for reaction in reactions:
        counts["reached for"] += reaction.told or reaction.failed or reaction.blocked
        for name in ("failed", "blocked", "complained", "unsubscribed"):
            counts[name] += getattr(reaction, name)
    asked = counts["reached for"]
    for name in ("complained", "unsubscribed", "blocked", "failed"):
        if counts[name] > max(limits.chance, getattr(limits, name) * asked):
            return f"{name} {counts[name]} of {asked}"
    return None


def is_too_early(reactions: Collection[Reaction]) -> bool:
    """Whether most of them still wait: for the morning, for their turn, for the provider."""
    return 2 * sum(reaction.waits for reaction in reactions) > len(reactions)


def count_states(messages: Mapping[str, Iterable[Message]]) -> Counter[tuple[str, str, str]]:
    """How many messages are (channel, state, reason), of all recipients by customer id; one without any waits."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for found in messages.values():
        listed = tuple(found)
        counts.update((message.channel, message.state, message.reason) for message in listed)
        if not listed:
            counts["", "no message yet", ""] += 1
    return counts
