"""Moves a customer's runs to another version of their journey, as `okaeri journeys migrate` asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from okaeri.domain.customers import Customer
from okaeri.domain.decide import MAX_RECENT, keep_decision, shorten
from okaeri.domain.effects import Effect
from okaeri.domain.events import Event
from okaeri.domain.evidence import RunMigration
from okaeri.domain.migrations import Move, list_concerned, make_migration_event, move_run
from okaeri.domain.records import Finding
from okaeri.domain.stores import PublishedJourney, Store
from okaeri.use_cases.gather_facts import GatherFacts
from okaeri.use_cases.read_evidence import Reading


@dataclass(frozen=True)
class MigrateRuns:
    """Reads what each run needs, moves it, and records the decision."""

    gather_facts: GatherFacts

    def __call__(
        self, customer: Customer, evidence: RunMigration, store: Store, now: datetime
    ) -> tuple[Customer, list[Effect]]:
        """The customer and what is to be done; nothing where it was done before."""
        event = make_migration_event(evidence, store.store_id)
        if self._is_known(customer, event) or not list_concerned(customer, evidence):
            return customer, []
        effects: list[Effect] = []
        findings: list[Finding] = []
        for move in self.move_all(customer, evidence, store, now):
            customer = move.customer
            effects += move.effects
            findings += move.findings
        remembered = {
            "recent": (*customer.recent, shorten(event.event_id))[-MAX_RECENT:],
            "evicted": customer.evicted or len(customer.recent) >= MAX_RECENT,
        }
        customer = customer.model_copy(update=remembered)
        return customer, [*effects, keep_decision(customer, event, now, findings)]

    def _is_known(self, customer: Customer, event: Event) -> bool:
        """Said again long after, it would move the runs that it left behind the first time."""
        if shorten(event.event_id) in customer.recent:
            return True
        holders = (customer.customer_id, *customer.absorbed) if customer.evicted else ()
        records = self.gather_facts.records
        return any(records.has_decision(customer.store_id, holder, event.event_id) for holder in holders)

    def move_all(self, customer: Customer, evidence: RunMigration, store: Store, now: datetime) -> list[Move]:
        """One move for each run concerned, in their order; each begins where the one before it has left off."""
        event = make_migration_event(evidence, store.store_id)
        target = PublishedJourney(journey=evidence.journey, definition=evidence.after)
        moves = []
        for run in list_concerned(customer, evidence):
            about = event.model_copy(update={"refs": run.refs})
            facts = self.gather_facts(customer, about, Reading(summoned=(target,)), store, None)
            moves.append(move_run(customer, run, evidence, event, now, facts))
            customer = moves[-1].customer
        return moves
