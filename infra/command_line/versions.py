"""A journey's versions in a store: which there are, who walks in them, going back, and moving runs over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched

from command_line import checks, records
from command_line.failures import CommandFailure
from command_line.journeys import list_journeys
from command_line.publish import remember_version
from command_line.queues import open_queues
from command_line.reading import count_aloud
from command_line.stack import Stack
from okaeri.adapters.companions import DynamoCompanions
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.adapters.knowledge import DynamoKnowledge
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.shelf import DynamoShelf
from okaeri.adapters.stores import DynamoStores
from okaeri.adapters.touch_book import DynamoTouchBook
from okaeri.domain.customers import Customer, Run
from okaeri.domain.entries import list_intents
from okaeri.domain.evidence import Envelope, RunMigration
from okaeri.domain.journeys import AskStep, Definition, ExitStep, JumpStep, SendStep
from okaeri.domain.migrations import map_steps
from okaeri.domain.pace import Pace
from okaeri.domain.purchases import has_recommendations
from okaeri.domain.stores import PublishedJourney, Store
from okaeri.domain.values import Lane, make_id
from okaeri.use_cases.gather_facts import GatherFacts
from okaeri.use_cases.list_customers import list_customers
from okaeri.use_cases.migrate_runs import MigrateRuns

CURRENT = "current"
_BATCH = 10  # what SQS takes at once


@dataclass(frozen=True)
class Version:
    """One version that the store has published, newest first, and how many runs walk in it."""

    definition_id: str
    definition: Definition
    is_current: bool
    runs: int


@dataclass(frozen=True)
class PlannedMove:
    """What would become of one run. `step` and `after` are steps, None where it stays or ends (`stays` says why)."""

    customer_id: str
    run: Run
    before: str
    step: int
    after: int | None
    stays: str
    due: datetime | None
    due_after: datetime | None


@dataclass(frozen=True)
class Plan:
    """The moves of a migration, and the evidence that makes them."""

    store: Store
    target: str
    definitions: dict[str, Definition]
    moves: tuple[PlannedMove, ...]
    evidence: tuple[RunMigration, ...]

    def list_next(self, move: PlannedMove) -> tuple[str, ...]:
        """What the run may say next, once it has moved (or where it is, if it stays)."""
        if move.after is None:
            return list_next_messages(self.definitions[move.before], move.step)
        return list_next_messages(self.definitions[self.target], move.after)


def list_versions(stack: Stack, store_id: str, journey: str) -> list[Version]:
    """The present version and up to ten former ones, with those that runs still walk in."""
    store = records.read_store(stack, store_id)
    entry = find_entry(store, journey)
    counts = Counter(run.definition for _, run in _list_runs(stack, store_id, journey))
    known = DynamoDefinitions(stack.dynamodb, stack.table_name)
    hashes = dict.fromkeys((entry.definition, *entry.past, *counts))
    return [Version(name, known.get(name), is_current=name == entry.definition, runs=counts[name]) for name in hashes]


def roll_back(stack: Stack, store_id: str, journey: str, to: str | None = None) -> tuple[Definition, Definition]:
    """Publishes a former version again for new runs, the latest one unless `to` names another; from what, to what."""
    known = DynamoDefinitions(stack.dynamodb, stack.table_name)
    left: list[str] = []
    chosen: list[str] = []

    def change(store: Store) -> Store:
        entry = find_entry(store, journey)
        if not entry.past:
            raise CommandFailure(
                f"{journey} was never published in another version here", at="JOURNEY", fix="There is nothing to undo."
            )
        name = entry.past[0] if to is None else _choose(to, entry.past, known)
        left[:], chosen[:] = [entry.definition], [name]
        return publish_version(store, entry, name, known.get(name))

    records.change_store(stack, store_id, change)
    return known.get(left[0]), known.get(chosen[0])


def publish_version(store: Store, entry: PublishedJourney, name: str, definition: Definition) -> Store:
    """The store with the journey in this version: its events begin it, the version before is remembered."""
    kept = {
        "definition": name,
        "past": remember_version(entry, name),
        "intents": list_intents(definition),
        "recommends": has_recommendations(definition),
    }
    changed = entry.model_copy(update=kept)
    triggers = {
        event: tuple(other for other in entries if other.journey != entry.journey)
        for event, entries in store.triggers.items()
    }
    for event in definition.events:
        others = (*triggers.get(event, ()), changed)
        triggers[event] = tuple(sorted(others, key=lambda other: other.journey))
    return store.model_copy(update={"triggers": {event: entries for event, entries in triggers.items() if entries}})


def _make_facts(stack: Stack, known: DynamoDefinitions, now: datetime) -> GatherFacts:
    """What the engine would know of each customer, read from the table alone."""
    parts = (stack.dynamodb, stack.table_name)
    knowledge = DynamoKnowledge(*parts, DynamoStores(*parts))
    return GatherFacts(
        records=DynamoRecords(*parts, lambda: now),
        definitions=known,
        interpreter=CatalogueInterpreter(knowledge),
        knowledge=knowledge,
        shelf=DynamoShelf(*parts, lambda: now),
        companions=DynamoCompanions(*parts, lambda: now),
        touches=DynamoTouchBook(*parts, lambda: now),
        clock=lambda: now,
        pace=Pace(),
    )


def plan_migration(
    stack: Stack, store_id: str, journey: str, *, to: str = CURRENT, end_others: bool = False, by: str
) -> Plan:
    """Plays each run's move on the table's own facts and writes nothing. Raises CommandFailure."""
    store = records.read_store(stack, store_id)
    entry = find_entry(store, journey)
    known = DynamoDefinitions(stack.dynamodb, stack.table_name)
    target = _choose(to, (entry.definition, *entry.past), known)
    now = datetime.now(UTC)
    facts = _make_facts(stack, known, now)
    definitions = {target: known.get(target)}
    moves: list[PlannedMove] = []
    evidence: list[RunMigration] = []
    maps: dict[str, dict[int, int]] = {}
    for customer in _list_customers(stack, store_id):
        for before in dict.fromkeys(run.definition for run in customer.runs if run.journey == journey):
            if before == target:
                continue
            definitions[before] = known.get(before)
            steps = maps.setdefault(before, map_steps(definitions[before], definitions[target]))
            asked = RunMigration(
                customer_id=customer.customer_id,
                journey=journey,
                before=before,
                after=target,
                steps=steps,
                otherwise="end" if end_others else "stay",
                by=by,
                at=now,
            )
            evidence.append(asked)
            moves += _plan_customer(customer, asked, store, facts, now)
    return Plan(store, target, definitions, tuple(moves), tuple(evidence))


def send_migration(stack: Stack, plan: Plan) -> int:
    """Has the engine make the moves; returns of how many customers."""
    queues = open_queues(stack)
    for batch in batched(plan.evidence, _BATCH, strict=False):
        envelopes = [
            Envelope(
                id=make_id("migrate", asked.customer_id, asked.before, asked.after, asked.at.isoformat()),
                store_id=plan.store.store_id,
                source="okaeri migrate",
                received_at=asked.at,
                evidence=asked,
            )
            for asked in batch
        ]
        queues.send_evidence(envelopes, lane=Lane.MARKETING)
    return len(plan.evidence)


def find_entry(store: Store, journey: str) -> PublishedJourney:
    """The journey as it stands published. Raises CommandFailure."""
    entries = {entry.journey: entry for entry in list_journeys(store)}
    return entries[checks.check_one_of(journey, "JOURNEY", entries)]


def list_next_messages(definition: Definition, step: int) -> tuple[str, ...]:
    """The templates of the first messages that a run at this step can come to; several where it branches first."""
    found: dict[str, None] = {}
    waiting, seen = [step], set()
    while waiting:
        index = waiting.pop(0)
        if index in seen or index >= len(definition.steps):
            continue
        seen.add(index)
        match definition.steps[index]:
            case SendStep(template=template) | AskStep(template=template):
                found[template] = None
            case JumpStep() as jump:
                waiting += [jump.to] if jump.unless is None else [index + 1, jump.to]
            case ExitStep():
                pass
            case _:
                waiting.append(index + 1)
    return tuple(found)


def _plan_customer(
    customer: Customer, asked: RunMigration, store: Store, facts: GatherFacts, now: datetime
) -> Iterator[PlannedMove]:
    their_now = now + timedelta(seconds=customer.ahead_s)
    concerned = [run for run in customer.runs if (run.journey, run.definition) == (asked.journey, asked.before)]
    for run, move in zip(concerned, MigrateRuns(facts).move_all(customer, asked, store, their_now), strict=True):
        is_moved = move.run is not None and not move.stays
        yield PlannedMove(
            customer_id=customer.customer_id,
            run=run,
            before=asked.before,
            step=run.step,
            after=move.run.step if is_moved and move.run else None,
            stays=move.stays or ("" if move.run else "ends"),
            due=run.waiting.due if run.waiting else None,
            due_after=move.run.waiting.due if move.run and move.run.waiting else None,
        )


def _choose(wanted: str, hashes: Sequence[str], known: DynamoDefinitions) -> str:
    """A version by `current`, its number, or the beginning of its hash."""
    if wanted == CURRENT:
        return hashes[0]
    matching = [name for name in hashes if name.startswith(wanted) or str(known.get(name).version) == wanted]
    if not matching:
        listed = ", ".join(f"{known.get(name).version} ({name[:8]})" for name in hashes)
        raise CommandFailure(f"no version {wanted} is known here", at="--to", fix=f"Versions: {listed}.")
    return matching[0]


def _list_runs(stack: Stack, store_id: str, journey: str) -> Iterator[tuple[Customer, Run]]:
    for customer in _list_customers(stack, store_id):
        yield from ((customer, run) for run in customer.runs if run.journey == journey)


def _list_customers(stack: Stack, store_id: str) -> Iterable[Customer]:
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    return count_aloud(list_customers(customers, store_id), "customers read")
