"""When, and on which channels, a wish to say something is met: now, later, elsewhere, or no more (G4–G7). Pure.

A wish that cannot be met now is put off while it is still useful, moved to a channel that is open, or expires with
the reason that held it back. Nothing vanishes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from okaeri.domain.attention import Rival, find_room
from okaeri.domain.conversations import IN_CHARGE
from okaeri.domain.customers import Customer
from okaeri.domain.facts import Facts
from okaeri.domain.gates import check_reach
from okaeri.domain.local_time import find_window, find_zone
from okaeri.domain.modes import is_switched_off
from okaeri.domain.values import Channel, Purpose

# How long a wish is useful whose template does not say so.
USEFUL_FOR = {Purpose.ORDER: timedelta(days=2), Purpose.MARKETING: timedelta(days=2)}
SWITCH_LOOK = timedelta(hours=1)  # how often a wish looks whether the store speaks again
TALK = timedelta(hours=1)  # after the shopper's last message there is a talk going on: marketing does not cut in
TICKET_LOOK = timedelta(days=1)


class Wish(NamedTuple):
    """What is wanted: since when, how long it is of use, and who goes before it.

    `is_reply`: the shopper has just answered, and waits for it. It needs no room, and is no interruption.
    """

    purpose: Purpose
    channels: tuple[Channel, ...]
    wanted_at: datetime
    useful_until: datetime
    rivals: tuple[Rival, ...] = ()
    is_reply: bool = False
    is_bot: bool = False  # the assistant speaks: it gives way to people


class Plan(NamedTuple):
    """`channels` on which it may be said now, in order; else `later` and `why`; neither where it is useful no more."""

    channels: tuple[Channel, ...] = ()
    later: datetime | None = None
    why: str = ""


def plan_wish(wish: Wish, customer: Customer, now: datetime, facts: Facts) -> Plan:
    """The first obstacle decides; each is looked at again when the wish comes back."""
    plan = _find_plan(wish, customer, now, facts)
    if plan.channels and now > wish.useful_until:
        return Plan(why="too_late")  # the wake-up came late: it takes no room from what is still of use
    return plan


def _find_plan(wish: Wish, customer: Customer, now: datetime, facts: Facts) -> Plan:
    store = facts.store
    if is_switched_off(store, wish.purpose) and wish.is_bot:
        return Plan(why=f"sending_{store.sending}")  # an answer that comes days later answers nobody
    if is_switched_off(store, wish.purpose):
        return _put_off(wish, now + SWITCH_LOOK, f"sending_{store.sending}")
    if wish.is_bot and customer.conversation is not None and customer.conversation.state in IN_CHARGE:
        return Plan(why="person_in_charge")
    if wish.purpose is Purpose.ORDER:
        return Plan(wish.channels)
    if customer.open_tickets:
        return _put_off(wish, now + TICKET_LOOK, "open_ticket")
    if wish.is_reply:
        return _find_hours(wish, customer, now, facts)
    talk_ends = _find_talk_end(customer, now, facts)
    if talk_ends is not None:
        return _put_off(wish, talk_ends, "in_conversation")
    room = find_room(
        customer,
        store.settings.attention,
        purpose=wish.purpose,
        now=now,
        zone=find_zone(customer, store),
        rivals=wish.rivals,
    )
    if room.at is not None:
        return _put_off(wish, room.at, f"attention_{room.why}" + (f":{room.winner}" if room.winner else ""))
    return _find_hours(wish, customer, now, facts)


def _find_hours(wish: Wish, customer: Customer, now: datetime, facts: Facts) -> Plan:
    """The channels that are open now, in the wished order; a closed one that is preferred is waited for if it opens
    in time, and passed over if it does not.
    """
    store = facts.store
    openings = {
        channel: find_window(now, purpose=wish.purpose, channel=channel, customer=customer, store=store)
        for channel in wish.channels
        if check_reach(customer, store, channel, wish.purpose) is None
    }
    if not openings:
        return Plan(wish.channels)  # nobody to reach: saying it tells why
    in_time = {channel: at for channel, at in openings.items() if at is None or at <= wish.useful_until}
    if not in_time:
        return Plan(why="outside_hours")
    first, opens = next(iter(in_time.items()))
    if opens is not None:
        return Plan(later=opens, why="outside_hours")
    is_open = tuple(channel for channel in wish.channels if in_time.get(channel, now) is None)
    why = "" if first == next(iter(openings)) else "rerouted_outside_hours"
    # A channel that nobody can be reached on stays in the list, so that the record says why it was not taken.
    closed = {channel for channel, at in openings.items() if at is not None}
    return Plan(tuple(channel for channel in wish.channels if channel in is_open or channel not in closed), why=why)


def _put_off(wish: Wish, until: datetime, why: str) -> Plan:
    return Plan(later=until, why=why) if until <= wish.useful_until else Plan(why=why)


def _find_talk_end(customer: Customer, now: datetime, facts: Facts) -> datetime | None:
    """When a talk that is going on counts as over. The window is real time, journeys may be compressed."""
    if customer.window_opened_at is None:
        return None
    quiet_for = facts.pace.to_domain_time((facts.real_now - customer.window_opened_at).total_seconds())
    left = TALK - timedelta(seconds=quiet_for)
    return now + left if left > timedelta(0) else None
