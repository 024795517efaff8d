"""Broadcasts of a store: made from a file, looked at before, tried, started, stopped, followed."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import batched
from pathlib import Path

from command_line import records
from command_line.checks import check_one_of
from command_line.failures import CommandFailure
from command_line.source_files import read_source
from command_line.stack import Stack
from okaeri.adapters.broadcasts import DynamoBroadcasts
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.templates import DynamoTemplates
from okaeri.adapters.wakeups import SchedulerWakeups
from okaeri.catalogue.compile_broadcasts import compile_broadcast_file
from okaeri.catalogue.compile_journeys import hash_definition
from okaeri.catalogue.journey_yaml import JourneyError
from okaeri.domain.broadcast_reach import find_refusal, has_early_access, is_in_audience, list_message_ids
from okaeri.domain.broadcasts import (
    NEXT,
    Broadcast,
    BroadcastState,
    compile_broadcast,
    list_templates,
    plan_times,
)
from okaeri.domain.customers import Customer
from okaeri.domain.messages import Message
from okaeri.domain.stores import Store
from okaeri.errors import Conflict
from okaeri.use_cases.list_customers import list_customers

_RACES = 5
_PAGE = 100  # customers; one BatchGetItem takes their messages on both channels in two


def read_clock() -> datetime:
    """Real time, UTC."""
    return datetime.now(UTC)


def open_broadcasts(stack: Stack) -> DynamoBroadcasts:
    """Where they are kept."""
    return DynamoBroadcasts(stack.dynamodb, stack.table_name, read_clock)


def open_wakeups(stack: Stack) -> SchedulerWakeups:
    """The schedules that wake them. CommandFailure where the stack was deployed before there were broadcasts."""
    names = ("ScheduleGroupName", "RunBroadcastsArn", "BroadcastsSchedulerRoleArn", "SchedulerDeadLettersArn")
    if missing := [name for name in names if name not in stack.outputs]:
        raise CommandFailure(
            f"the stack {stack.name} lacks the outputs {', '.join(missing)}", at="--stack", fix="Deploy this version."
        )
    group, function, role, dead_letters = (stack.outputs[name] for name in names)
    return SchedulerWakeups(
        stack.scheduler, group=group, function_arn=function, role_arn=role, dead_letters_arn=dead_letters
    )


def read_broadcast(stack: Stack, store_id: str, broadcast_id: str) -> Broadcast:
    """The broadcast. CommandFailure where there is none."""
    found = open_broadcasts(stack).get(store_id, broadcast_id)
    if found is None:
        known = [broadcast.broadcast_id for broadcast in list_broadcasts(stack, store_id)]
        check_one_of(broadcast_id, "BROADCAST", known or ["none yet: okaeri broadcasts create"])
        raise AssertionError("listed and not found")
    return found


def list_broadcasts(stack: Stack, store_id: str) -> list[Broadcast]:
    """Every broadcast of a store, by its id. CommandFailure where there is no such store."""
    records.read_store(stack, store_id)
    return list(open_broadcasts(stack).list_all(store_id))


def create_broadcast(stack: Stack, store_id: str, path: Path) -> Broadcast:
    """A draft from a file, or a draft anew. CommandFailure names files, lines and fixes."""
    store = records.read_store(stack, store_id)
    text = read_source(path, fix="Give the path of a broadcast file.")
    try:
        draft = compile_broadcast_file(text, path.name, store, made_at=read_clock(), made_by=getpass.getuser())
    except JourneyError as error:
        raise CommandFailure(str(error), at=path.name, fix="docs/broadcasts.md describes the file.") from error
    before = open_broadcasts(stack).get(store_id, draft.broadcast_id)
    if before is not None and before.state is not BroadcastState.DRAFT:
        raise CommandFailure(
            f"{draft.broadcast_id} is {before.state} already", at="broadcast", fix="Give the new one an id of its own."
        )
    _save(stack, draft.model_copy(update={"version": before.version + 1 if before else 1}))
    return draft


def start_broadcast(stack: Stack, store_id: str, broadcast_id: str, *, send_at: datetime | None = None) -> Broadcast:
    """Lets it go, now or at a time. The audience is counted, which takes about a second for a thousand customers.

    With early access the time is that of the others: those who have it are told so long before, or now.
    One that is started already is woken again: after a command that was interrupted.
    """
    wakeups, store = open_wakeups(stack), records.read_store(stack, store_id)
    found = read_broadcast(stack, store_id, broadcast_id)
    if found.state in (BroadcastState.SCHEDULED, BroadcastState.SENDING):
        wakeups.start(store_id, broadcast_id, not_before=_find_start(found))
        return found
    check_step(found, BroadcastState.SENDING)
    if found.state is not BroadcastState.DRAFT:
        raise CommandFailure(f"{broadcast_id} is {found.state}", at="BROADCAST", fix="okaeri broadcasts resume")
    reached = [who for who in list_audience(stack, store, found) if find_refusal(found, who, store) is None]
    if not reached:
        raise CommandFailure(
            "nobody of its audience can be reached",
            at="BROADCAST",
            fix=f"okaeri broadcasts preview {store_id} {broadcast_id}",
        )
    begins, opens_at = plan_times(found, send_at, read_clock())
    compiled = {early: compile_broadcast(found, early=early) for early in (False, True)}
    names = {early: hash_definition(definition) for early, definition in compiled.items()}
    records.put_definitions(stack, {names[early]: definition for early, definition in compiled.items()})
    changes = {
        "state": BroadcastState.SENDING if begins is None else BroadcastState.SCHEDULED,
        "send_at": begins,
        "opens_at": opens_at,
        "definition": names[False],
        "early_definition": names[True],
        "size": len(reached),
        "early_size": sum(is_early(found, customer, store) for customer in reached),
    }
    started = change_broadcast(stack, store_id, broadcast_id, lambda before: before.model_copy(update=changes))
    wakeups.start(store_id, broadcast_id, not_before=_find_start(started))
    return started


def pause_broadcast(stack: Stack, store_id: str, broadcast_id: str) -> Broadcast:
    """Stops it within the minute, with what is queued already."""
    return _command(stack, store_id, broadcast_id, BroadcastState.PAUSED, reason="by hand")


def resume_broadcast(stack: Stack, store_id: str, broadcast_id: str) -> Broadcast:
    """Lets a paused one go on where it was."""
    found = read_broadcast(stack, store_id, broadcast_id)
    is_ahead = found.send_at is not None and found.send_at > read_clock()
    to = BroadcastState.SCHEDULED if is_ahead else BroadcastState.SENDING
    if found.state is not BroadcastState.PAUSED:
        raise CommandFailure(f"{broadcast_id} is {found.state}, not paused", at="BROADCAST")
    resumed = _command(stack, store_id, broadcast_id, to)
    open_wakeups(stack).start(store_id, broadcast_id, not_before=_find_start(resumed))
    return resumed


def cancel_broadcast(stack: Stack, store_id: str, broadcast_id: str) -> Broadcast:
    """Ends it for good; what is queued already is not said any more."""
    return _command(stack, store_id, broadcast_id, BroadcastState.CANCELLED, reason="by hand")


def check_step(broadcast: Broadcast, to: BroadcastState) -> None:
    """CommandFailure where a broadcast in its state cannot become `to`."""
    if to not in NEXT[broadcast.state]:
        raise CommandFailure(
            f"{broadcast.broadcast_id} is {broadcast.state} and cannot become {to}",
            at="BROADCAST",
            fix=f"okaeri broadcasts show {broadcast.store_id} {broadcast.broadcast_id}",
        )


def change_broadcast(
    stack: Stack, store_id: str, broadcast_id: str, change: Callable[[Broadcast], Broadcast]
) -> Broadcast:
    """Writes what `change` makes of it, if nobody wrote in between; who loses the race reads again."""
    for _ in range(_RACES):
        before = read_broadcast(stack, store_id, broadcast_id)
        after = change(before).model_copy(update={"version": before.version + 1})
        try:
            open_broadcasts(stack).save(after)
        except Conflict:
            continue
        return after
    raise CommandFailure(f"others keep changing {broadcast_id}", at="BROADCAST", fix="Try again.")


def list_audience(stack: Stack, store: Store, broadcast: Broadcast) -> Iterator[Customer]:
    """Who is in it now, reachable or not."""
    for customer in list_customers(DynamoCustomers(stack.dynamodb, stack.table_name), store.store_id):
        if is_in_audience(broadcast.audience, customer, store, read_clock() + timedelta(seconds=customer.ahead_s)):
            yield customer


def is_early(broadcast: Broadcast, customer: Customer, store: Store) -> bool:
    """Whether somebody of the audience is told before the others, as things stand now."""
    return has_early_access(broadcast, customer, store, read_clock() + timedelta(seconds=customer.ahead_s))


def list_outcomes(stack: Stack, broadcast: Broadcast) -> Iterator[tuple[str, list[Message]]]:
    """Each recipient's id with their messages of it, none while the engine has not come to them or refused."""
    messages = DynamoMessages(stack.dynamodb, stack.table_name, read_clock)
    ids = list_message_ids(broadcast)
    for page in batched(open_broadcasts(stack).list_recipients(broadcast), _PAGE, strict=False):
        found: dict[str, list[Message]] = {who: [] for who in page}
        for message in messages.get_many(broadcast.store_id, ((who, name) for who in page for name in ids)):
            found[message.customer_id].append(message)
        yield from found.items()


def list_unapproved(stack: Stack, broadcast: Broadcast, store: Store) -> list[str]:
    """What Meta has not approved of its templates, `news in ja: PENDING`; empty where all is well."""
    templates = DynamoTemplates(stack.dynamodb, stack.table_name)
    states = {
        (name, locale): templates.get_state(store.store_id, name, locale)
        for name in list_templates(broadcast)
        for locale in (store.templates[name].whatsapp if name in store.templates else ())
    }
    return [
        f"{name} in {locale}: {state.status if state else 'not pushed'}"
        for (name, locale), state in states.items()
        if state is None or state.status != "APPROVED"
    ]


def _find_start(broadcast: Broadcast) -> datetime | None:
    return broadcast.send_at if broadcast.state is BroadcastState.SCHEDULED else None


def _command(stack: Stack, store_id: str, broadcast_id: str, to: BroadcastState, *, reason: str = "") -> Broadcast:
    def change(before: Broadcast) -> Broadcast:
        check_step(before, to)
        ended = {"ended_at": read_clock()} if to is BroadcastState.CANCELLED else {}
        return before.model_copy(update={"state": to, "reason": reason, **ended})

    return change_broadcast(stack, store_id, broadcast_id, change)


def _save(stack: Stack, broadcast: Broadcast) -> None:
    try:
        open_broadcasts(stack).save(broadcast)
    except Conflict as conflict:
        raise CommandFailure(
            f"others keep changing {broadcast.broadcast_id}", at="broadcast", fix="Try again."
        ) from conflict
