"""How a customer stands at this moment: who may be told what where, what waits, what the shop has switched. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from okaeri.domain.attention import find_room
from okaeri.domain.counted import HOLDOUT
from okaeri.domain.customers import Customer, Run
from okaeri.domain.gates import SERVICE_WINDOW, check_reach, is_window_open
from okaeri.domain.habits import Habit, choose_order, sum_up
from okaeri.domain.local_time import find_zone
from okaeri.domain.modes import find_mode, is_in_share, is_tester
from okaeri.domain.records import DecisionRecord
from okaeri.domain.segments import list_segments
from okaeri.domain.sentences import say_channel, say_moment, say_purpose, say_reason
from okaeri.domain.stores import Mode, PublishedJourney, Sending, Store
from okaeri.domain.values import Channel, Purpose

_LOOKS = {"text": "plain", "picture": "with pictures", "buttons": "with buttons", "product": "with a product's card"}
_SWITCHES = {
    Sending.ORDERS_ONLY: "The shop has stopped marketing.",
    Sending.OFF: "The shop has stopped all sending.",
}


@dataclass(frozen=True)
class Standing:
    """Sentences: how they may be reached, what holds for them, which runs wait for what, what the shop has switched."""

    reach: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()


def describe_standing(
    customer: Customer,
    store: Store,
    decisions: Sequence[DecisionRecord],
    now: datetime,
    real_now: datetime,
    habits: Sequence[Habit] = (),
) -> Standing:
    """`now` is the customer's own time, `real_now` the provider's; `habits` are what was learned of them."""
    zone = find_zone(customer, store)
    return Standing(
        reach=tuple(_say_reach(customer, store)),
        facts=(*_say_facts(customer, store, now, real_now, zone), *_say_habits(habits, customer, store)),
        waiting=tuple(_say_waiting(run, customer, decisions, zone) for run in customer.runs),
        switches=tuple(say_switches(store, customer)),
    )


def list_published(store: Store) -> list[PublishedJourney]:
    """The journeys published for a store, each once, by name."""
    by_name = {entry.journey: entry for entries in store.triggers.values() for entry in entries}
    return [by_name[name] for name in sorted(by_name)]


def say_switches(store: Store, customer: Customer | None = None, *, with_off: bool = True) -> Iterator[str]:
    """What the shop has paused, stopped, switched off or put on trial; with a customer, what that means for them."""
    if store.paused:
        yield f"The shop is paused: {store.paused}."
    if store.sending in _SWITCHES:
        yield _SWITCHES[store.sending]
    if store.mode is not Mode.ON:
        yield f"The whole shop is in mode {_say_mode(store.mode, store.share)}."
    off: list[str] = []
    for entry in list_published(store):
        mode = find_mode(store, entry)
        if mode is Mode.OFF:
            off.append(entry.journey)
        elif mode is not Mode.ON:
            yield f"{entry.journey} is in mode {_say_mode(mode, entry.share)}{_say_part(store, entry, mode, customer)}."
    if off and with_off:
        yield f"Not switched on: {', '.join(off)}."


def _say_mode(mode: Mode, share: int) -> str:
    return f"share, {share} %" if mode is Mode.SHARE else mode


def _say_part(store: Store, entry: PublishedJourney, mode: Mode, customer: Customer | None) -> str:
    if customer is None or mode is Mode.SHADOW:
        return ""
    if mode is Mode.TEST:
        return ": they are a tester" if is_tester(store, customer) else ": they are no tester"
    return ": they are among them" if is_in_share(store, entry, customer) else ": they are not among them"


def _say_reach(customer: Customer, store: Store) -> Iterator[str]:
    for purpose in Purpose:
        for channel in Channel:
            refusal = check_reach(customer, store, channel, purpose)
            answer = f"no, {say_reason(refusal)}" if refusal else "yes"
            what = say_purpose(purpose)
            yield f"{what[:1].upper()}{what[1:]} by {say_channel(channel)}: {answer}."


def _say_facts(customer: Customer, store: Store, now: datetime, real_now: datetime, zone: ZoneInfo) -> Iterator[str]:
    yield f"Segments: {', '.join(list_segments(customer, store, now))}."
    room = find_room(customer, store.settings.attention, purpose=Purpose.MARKETING, now=now, zone=zone)
    if room.at is not None:
        why = say_reason(f"attention_{room.why}" + (f":{room.winner}" if room.winner else ""))
        yield f"No more marketing before {say_moment(room.at.astimezone(zone))}: {why}."
    if customer.window_opened_at and is_window_open(customer, real_now):
        closes = say_moment((customer.window_opened_at + SERVICE_WINDOW).astimezone(zone))
        yield f"They may be answered in free words on WhatsApp until {closes}."
    for ticket in customer.open_tickets:
        since = say_moment(ticket.opened_at.astimezone(zone))
        yield f"A ticket for {ticket.queue} is open since {since} ({ticket.ticket_id}): there is no marketing."
    for address, why in customer.dead_addresses.items():
        channel, _, name = address.partition(":")
        yield f"{name} is not used for {say_channel(channel)}: {say_reason(why)}."
    for watch in customer.goals:
        until = say_moment(watch.until.astimezone(zone))
        if watch.arm == HOLDOUT:
            yield f"For comparison, {watch.journey} tells them nothing; its goal counts until {until}."
        else:
            yield f"The goal of {watch.journey} counts until {until}."


def _say_habits(habits: Sequence[Habit], customer: Customer, store: Store) -> Iterator[str]:
    """What they did with marketing lately, by channel and by look; older messages count less."""
    for channel in Channel:
        of_channel = [habit for habit in habits if habit.channel == channel]
        if of_channel:
            yield f"Marketing by {say_channel(channel)} lately: {_say_habit(sum_up(of_channel, channel))}."
        looks = [habit for habit in of_channel if habit.format]
        if len(looks) > 1:
            told = "; ".join(f"{_LOOKS.get(habit.format, habit.format)} {_say_habit(habit)}" for habit in looks)
            yield f"By its look: {told}."
    reachable = [channel for channel in Channel if check_reach(customer, store, channel, Purpose.MARKETING) is None]
    choice = choose_order(tuple(Channel), reachable, habits)
    if choice.why and store.settings.learn != "off":
        yield f"Where a journey leaves it open, marketing goes first by {say_channel(choice.channels[0])}."


def _say_habit(habit: Habit) -> str:
    hidden = f", and {habit.hidden:.0f} opened by programs" if round(habit.hidden) else ""
    return f"{habit.seen:.0f} of {habit.said:.0f} read{hidden}, {habit.acted:.0f} acted upon"


def _say_waiting(run: Run, customer: Customer, decisions: Sequence[DecisionRecord], zone: ZoneInfo) -> str:
    waiting, about = run.waiting, f" ({run.key})" if run.key != customer.customer_id else ""
    name = f"{run.journey}{about}"
    if waiting is None:
        return f"{name} is at work."
    until = f"until {say_moment(waiting.due.astimezone(zone))}" if waiting.due else ""
    if waiting.wish is not None:
        since = f", wanted since {say_moment(waiting.wanted_at.astimezone(zone))}" if waiting.wanted_at else ""
        why = _find_deferral(run.journey, waiting.wish, decisions)
        return f"{name} puts {waiting.wish} off {until}{since}{f': {say_reason(why)}' if why else ''}."
    events = ", ".join(dict.fromkeys(waiting.events))
    if events and until:
        return f"{name} waits for {events}, {until} at the latest."
    return f"{name} waits {until or f'for {events}'}."


def _find_deferral(journey: str, template: str, decisions: Sequence[DecisionRecord]) -> str:
    """Why it was put off, as it was last decided."""
    found = [
        (decision.decided_at, finding.why)
        for decision in decisions
        for finding in decision.findings
        if finding.verdict == "deferred" and finding.what == f"{journey}.{template}"
    ]
    return max(found, default=(None, ""))[1] if found else ""
