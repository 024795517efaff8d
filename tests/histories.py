"""Histories: random journeys, random things that happen to a shopper, and engines that die in the middle of them.

One draw is a shop's journeys and a story; from it many histories are played, each with its own order of events, its
own redeliveries and its own deaths. Whatever the deaths and redeliveries, a history ends as its calm twin does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from okaeri.catalogue.compile_journeys import hash_definition
from okaeri.domain.asking import ANSWER_EVENTS
from okaeri.domain.conversations import STAFF_REPLY
from okaeri.domain.evidence import ConsentSeen, CustomerWake, MessageReceived, NumberChanged
from okaeri.domain.journeys import AskStep, Definition, SendStep
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.modes import is_switched_off
from okaeri.domain.plans import TALK
from okaeri.domain.stores import PublishedJourney, PublishedTemplate
from okaeri.domain.values import Channel, Purpose
from okaeri.domain.waking import GRACE
from okaeri.errors import TryAgain
from tests.crashing import Plan
from tests.fakes import FakeClock
from tests.happenings import Happening, Place, Play, list_next_versions
from tests.history_world import HistoryWorld, UnluckyWorld
from tests.talk_promises import SILENT, check_size, check_talks, watch_talks
from tests.world import make_store

MOST_WAKES = 4000
FAR_AHEAD = timedelta(days=1300)  # more than three waits of 400 days in a row
NEVER_FOR_ORDERS = ("attention", "in_conversation", "open_ticket", "outside_hours")


@dataclass(frozen=True)
class Moment:
    """Something that happens `hours` after the one before."""

    hours: float
    happening: Happening


# -- playing -----------------------------------------------------------------------------------------------------------


def make_shop(definitions: list[Definition], place: Place, **changes: Any) -> dict[str, Any]:
    """A shop with these journeys and their next versions: what worlds are made of, none of which changes it."""
    by_hash = {hash_definition(definition): definition for definition in definitions}
    following = list_next_versions(definitions)
    names = {"stop_confirmed", "start_confirmed", "marketing_stopped", "confirm_subscription"}
    triggers: dict[str, tuple[PublishedJourney, ...]] = {}
    for key, definition in by_hash.items():
        for event in definition.events:
            published = PublishedJourney(journey=definition.journey, definition=key)
            triggers[event] = (*triggers.get(event, ()), published)
        for step in definition.steps:
            if isinstance(step, SendStep | AskStep):
                names |= {step.template}
            if isinstance(step, AskStep) and step.again_template:
                names |= {step.again_template}
    spoken = PublishedTemplate(whatsapp=("en", "ja"), email=("en", "ja"))
    in_talks = PublishedTemplate(chat=("en", "ja"))
    templates = {name: in_talks if name.startswith("talk_") else spoken for name in names}
    templates[STAFF_REPLY] = PublishedTemplate(chat=("en", "ja"), whatsapp=("en", "ja"), email=("en", "ja"))
    country = place.buyer.country
    store = make_store(
        {}, triggers=triggers, templates=templates, country=country, time_zone=place.zone, locale="en", **changes
    )
    return {
        "store": store,
        "definitions": by_hash | {hash_definition(definition): definition for definition in following.values()},
        "next_versions": {before: hash_definition(after) for before, after in following.items()},
    }


@dataclass(frozen=True)
class End:
    """All that may not depend on deaths and redeliveries."""

    messages: tuple[tuple[str, ...], ...]
    spoken: frozenset[str]
    runs: tuple[Any, ...]
    finished: tuple[tuple[str, str], ...]
    goals: frozenset[str]
    tickets: frozenset[tuple[str, str]]
    actions: frozenset[str]
    tags: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    talks: tuple[str, ...]
    responses: tuple[tuple[str, str], ...]


def play_history(world: HistoryWorld, place: Place, story: list[Moment], *, redeliver: Random | None = None) -> End:
    """Plays the story and then three and a half quiet years."""
    play = Play(world, place)
    watch_talks(world)
    for channel in ("whatsapp", "email"):
        play.hear(
            ConsentSeen(
                channel=channel,
                purpose="marketing",
                given=True,
                at=place.begins,
                source="store",
                buyer=place.buyer,
                confirmed=True,
            )
        )
    for moment in story:
        live_on(play, world.clock() + timedelta(hours=moment.hours))
        heard = moment.happening(play)
        for evidence in heard:
            play.hear(evidence, times=redeliver.choice((1, 1, 2, 3)) if redeliver else 1)
        play.count += 1 + (len(heard) == 0)  # the same numbers whether or not something happened
        if redeliver and play.given and redeliver.random() < 0.3:
            again = redeliver.choice(play.given)
            if not isinstance(again.evidence, _ONCE):
                world.give(again, redelivered=True)
        send_all(play)
        check_nothing_is_stuck(world)
    check_size(world)
    live_on(play, world.clock() + FAR_AHEAD)
    check_nothing_is_stuck(world)
    assert not any(customer.pending for customer in world.customers.customers.values()), "effects are left for ever"
    check_promises(play)
    check_talks(play)
    return find_end(world)


# A wake-up that comes again long after may find a lost timer sooner than the sweep does; what was written from a
# number that is left by now comes from a stranger.
_ONCE = (CustomerWake, MessageReceived, NumberChanged)


def live_on(play: Play, until: datetime) -> None:
    """Time passes: timers ring, the house is swept, messages go out."""
    world = play.world
    for _ in range(MOST_WAKES):
        send_all(play)
        sweeps = (*world.customers.sweeps.values(), *world.messages.sweeps.values())
        moments = [at for at in (world.find_next(), *sweeps) if at is not None]
        moment = min(moments, default=until)
        if moment >= until:
            world.clock.now = max(until, world.clock.now)
            return
        world.clock.now = max(moment, world.clock.now)
        world.work()
        world.sweep()
    waiting = [run for customer in world.customers.customers.values() for run in customer.runs]
    raise AssertionError(f"woken again and again to no end: {waiting} at {world.clock()}")


def send_all(play: Play) -> None:
    """The senders take what was handed over, look once more, and speak."""
    world = play.world
    while world.taken < len(world.queues.messages):
        queued = world.queues.messages[world.taken].queued
        world.taken += 1
        try:
            facts = world.prepare(queued)
        except TryAgain:
            world.queues.messages.append(world.queues.messages[world.taken - 1])
            return
        if facts is not None:
            check_may_speak(play, facts)
            world.speak(facts.message)
        world.work()


# -- promises ----------------------------------------------------------------------------------------------------------


def check_may_speak(play: Play, facts: MessageFacts) -> None:
    """Nothing goes out against the store's switch or after a STOP."""
    message = facts.message
    assert not is_switched_off(play.find_store(), message.purpose), "said though the store is switched off"
    is_answer = message.run_id is None or (message.is_answer and play.has_asked)
    is_to_phone = message.channel is Channel.WHATSAPP and play.find_phone() in facts.customer.phones
    assert not (play.is_stopped and is_to_phone and not is_answer), f"{message.template} said after STOP"


def check_nothing_is_stuck(world: HistoryWorld) -> None:
    """Each run rests, and what it rests for can come: a timer that rings, a sweep that looks, or an event."""
    for customer in world.customers.customers.values():
        if customer.merged_into:
            continue
        due = world.customers.sweeps.get((customer.store_id, customer.customer_id))
        # Who is found another way when an event is given again is left to the sweep.
        is_left = customer.pending and (due is None or due > world.clock() + GRACE)
        assert not is_left, "effects were never carried out"
        for run in customer.runs:
            waiting = run.waiting
            assert waiting is not None, f"{run.journey} neither waits nor goes on"
            is_swept = world.customers.sweeps.get((customer.store_id, customer.customer_id)) is not None
            assert is_swept or waiting.due is None, "nobody would miss its timer"
            assert waiting.events or waiting.due, f"{run.journey} waits for nothing"


def check_promises(play: Play) -> None:
    """What holds of every history, whatever happened in it."""
    world = play.world
    messages = play.list_messages()
    said = Counter((message.seed, message.channel) for message in messages)
    assert set(said.values()) <= {1}, "one step of a run spoke twice on a channel"
    assert set(world.spoken.values()) <= {1}, "a message went out twice"
    purposes = {definition.journey: definition.purpose for definition in world.definitions.values()}
    for record in world.records.decisions.values():
        for finding in record.findings:
            journey = finding.what.partition(".")[0]
            if finding.verdict in ("deferred", "expired") and purposes.get(journey) is Purpose.ORDER:
                assert not finding.why.startswith(NEVER_FOR_ORDERS), f"{finding.what} was held back: {finding.why}"
    if play.is_one_day:
        check_budget(play, messages)


def check_budget(play: Play, messages: list[Message]) -> None:
    """No more marketing on one day of the customer's calendar than the shop ever allowed; what answers them is none."""
    zone = ZoneInfo(play.place.zone)
    records = play.world.records.decisions.values()
    heard = [record.decided_at for record in records if record.event in ANSWER_EVENTS]
    first: dict[tuple[str, str], datetime] = {}
    for message in messages:  # a stand-in on another channel says nothing more
        is_reply = any(timedelta(0) <= message.decided_at - at < TALK for at in heard)
        if message.purpose is Purpose.MARKETING and message.run_id and message.reason not in SILENT and not is_reply:
            first.setdefault((message.customer_id, message.seed), message.decided_at)
    days = Counter((customer_id, at.astimezone(zone).date()) for (customer_id, _), at in first.items())
    most = max(store.settings.attention.per_day for store in (play.world.store, play.find_store()))
    assert all(count <= most for count in days.values()), f"more than the budget allows: {days}"


def find_end(world: HistoryWorld) -> End:
    """What came of a history."""
    sent = list(world.messages.messages.values())
    assert len({message.message_id for message in sent}) == len(sent), "one message was said to two"
    handed_over = {item.queued.message_id for item in world.queues.messages}
    lost = [m for m in sent if m.message_id not in handed_over and m.state is not MessageState.SUPPRESSED]
    assert not lost, f"decided and never handed to a sender: {lost}"
    open_ends = [m for m in sent if m.state in (MessageState.DECIDED, MessageState.QUEUED, MessageState.PARKED)]
    assert not open_ends, f"never came to an end: {open_ends}"
    alive = [customer for customer in world.customers.customers.values() if customer.merged_into is None]
    return End(
        messages=tuple(sorted((m.message_id, m.template, m.channel, m.state, m.reason) for m in sent)),
        spoken=frozenset(world.spoken),
        runs=tuple(sorted((run.journey, run.key, run.entry, run.step, run.visit) for c in alive for run in c.runs)),
        finished=tuple(sorted((run_id, run.reason) for (_, run_id), run in world.records.finished_runs.items())),
        goals=frozenset(run_id for _, run_id in world.records.goals),
        tickets=frozenset((ticket.ticket_id, ticket.state) for ticket in world.records.tickets.values()),
        actions=frozenset(request.action_id for request in world.queues.actions),
        tags=tuple(sorted(tag for customer in alive for tag in customer.tags)),
        attributes=tuple(sorted(pair for customer in alive for pair in customer.attributes.items())),
        talks=tuple(sorted(c.conversation.model_dump_json() for c in alive if c.conversation is not None)),
        responses=tuple(sorted((r.response_id, str(r.answers)) for r in world.records.responses.values())),
    )


def play_twins(definitions: list[Definition], place: Place, story: list[Moment], seeds: list[int]) -> int:
    """One calm history, and one with deaths and redeliveries for each seed, which must end alike; how many there were.

    Half of the pairs happen in another order than the story's.
    """
    ends: dict[tuple[int, ...], End] = {}
    shop = make_shop(definitions, place)
    count = 0
    for seed in seeds:
        random = Random(seed)  # no secret: the same draw gives the same histories
        order = list(range(len(story)))
        if seed % 2:
            random.shuffle(order)
        turned = [story[index] for index in order]
        if tuple(order) not in ends:
            calm = HistoryWorld(clock=FakeClock(place.begins), **shop)
            ends[tuple(order)] = play_history(calm, place, turned)
            count += 1
        deaths = {random.randint(1, 250): random.random() < 0.5 for _ in range(random.randint(0, 12))}

        class Unlucky(UnluckyWorld):
            plan = Plan(deaths)

        world = Unlucky(clock=FakeClock(place.begins), **shop)
        end = play_history(world, place, turned, redeliver=random)
        assert end == ends[tuple(order)], f"seed {seed}, deaths {deaths}"
        count += 1
    return count
