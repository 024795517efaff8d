"""A shop with many shoppers and a broadcast: the minute passes, what is released is worked through at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from okaeri.catalogue.compile_journeys import hash_definition
from okaeri.domain.broadcasts import Broadcast, BroadcastState, Ramp, RampPart, compile_broadcast
from okaeri.domain.customers import Consent, Customer
from okaeri.domain.journeys import Definition
from okaeri.domain.messages import Message
from okaeri.domain.stores import PublishedTemplate, Store
from okaeri.use_cases.run_broadcasts import RunBroadcasts
from simulator.log import SilentLog
from tests.fakes import FakeWakeups
from tests.world import MONDAY, World, load_catalogue, make_settings, make_store

NO_RAMP = Ramp(parts=())
SMALL_RAMP = Ramp(parts=(RampPart(percent=10, at_least=4), RampPart(percent=50)), watch=timedelta(minutes=30))


def make_broadcast(**changes: Any) -> Broadcast:
    """The summer's news to everybody, started on Monday at noon in Tokyo."""
    values: dict[str, Any] = {
        "store_id": "kinari",
        "broadcast_id": "summer",
        "name": "Summer",
        "template": "news",
        "words": {"en": {"title": "New linen", "text": "In three colours", "url": "https://kinari.example/new"}},
        "ramp": NO_RAMP,
        "state": BroadcastState.SENDING,
        "made_at": MONDAY,
        "size": 20,
    }
    broadcast = Broadcast(**values | changes)
    return broadcast.model_copy(update={"definition": hash_definition(compile_broadcast(broadcast))})


def make_broadcasting_store(**changes: Any) -> Store:
    """The shop of the world, with the template of the news."""
    store = make_store(load_catalogue(), **{"settings": make_settings(marketing_hours=("00:00", "00:00")), **changes})
    news = {"news": PublishedTemplate(whatsapp=("en", "ja"), email=("en", "ja"))}
    return store.model_copy(update={"templates": store.templates | news})


@dataclass(kw_only=True)
class BroadcastWorld(World):
    """`shoppers` agreed to marketing on both channels. `allowed` may be released in each minute."""

    broadcast: Broadcast = field(default_factory=make_broadcast)
    shoppers: int = 20
    allowed: int = 1_000
    store: Store = field(default_factory=make_broadcasting_store)

    def __post_init__(self) -> None:
        mine = {self.broadcast.early_definition: compile_broadcast(self.broadcast, early=True)}
        mine[self.broadcast.definition] = compile_broadcast(self.broadcast)
        self.definitions: dict[str, Definition] = {**self.definitions, **mine}
        super().__post_init__()
        self.wakeups = FakeWakeups()
        self.run = RunBroadcasts(
            stores=self.stores,
            customers=self.customers,
            broadcasts=self.records.broadcasts,
            messages=self.messages,
            queues=self.queues,
            wakeups=self.wakeups,
            count_allowed=lambda broadcast, store: self.allowed,
            clock=self.clock,
            log=SilentLog(),
        )
        for number in range(self.shoppers):
            self.add_shopper(number)
        self.records.broadcasts.save(self.broadcast.model_copy(update={"version": 1}))
        self.wakeups.start("kinari", "summer")

    def add_shopper(self, number: int, **changes: Any) -> Customer:
        """Somebody who agreed to marketing."""
        agreed = Consent(given=True, at=MONDAY - timedelta(days=9), source="signup")
        values: dict[str, Any] = {
            "store_id": "kinari",
            "customer_id": f"c{number:04}",
            "version": 1,
            "created_at": MONDAY - timedelta(days=9),
            "phones": (f"+8190{number:08}",),
            "emails": (f"shopper{number}@example.jp",),
            "consents": {"whatsapp:marketing": agreed, "email:marketing": agreed},
        }
        customer = Customer(**values | changes)
        self.customers.save(customer, sweep_at=None)
        return customer

    def change_shopper(self, number: int, **changes: Any) -> None:
        """As an event would."""
        customer = self.customers.customers["kinari", f"c{number:04}"]
        changed = customer.model_copy(update={**changes, "version": customer.version + 1})
        self.customers.save(changed, sweep_at=None)

    def pass_minute(self, minutes: int = 1) -> Broadcast:
        """The schedule wakes the broadcast, the engine works through what it released; time goes by."""
        for _ in range(minutes):
            if ("kinari", "summer") in self.wakeups.running:
                self.run("kinari", "summer", lambda: True)
            self._run_due()
            self.wait(minutes=1)
        return self.read()

    def read(self) -> Broadcast:
        """The broadcast as it stands."""
        found = self.records.broadcasts.get("kinari", "summer")
        assert found
        return found

    def command(self, **changes: Any) -> None:
        """An operator writes it."""
        before = self.read()
        self.records.broadcasts.save(before.model_copy(update={**changes, "version": before.version + 1}))

    def list_told(self) -> Sequence[str]:
        """Whom a message was handed to a sender for, once for each."""
        return sorted(sent.queued.customer_id for sent in self.queues.messages)

    def list_news(self) -> list[Message]:
        """Every message of the broadcast."""
        return [message for message in self.messages.messages.values() if message.refs.broadcast_id == "summer"]
