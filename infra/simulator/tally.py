"""What a journey would have come to over all customers: runs, messages, people, refusals with reasons, cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from okaeri.domain.messages import MessageState
from okaeri.domain.prices import add_up, find_charge
from okaeri.domain.records import Finding
from simulator.replay import Replayed
from simulator.result import Decided, Held, Said

# A send step that did not speak, by the finding's verdict.
_PUT_OFF = ("deferred", "expired", "merged", "rerouted", "not said")


@dataclass
class Tally:
    """Sums, added to customer by customer."""

    customers: int = 0
    runs: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    not_begun: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    people: int = 0
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)  # channel, template
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)  # channel and template, reason
    put_off: Counter[tuple[str, str]] = field(default_factory=Counter)  # verdict, reason
    held: Counter[tuple[str, str]] = field(default_factory=Counter)  # state, reason: decided, and stopped by a sender
    cost: dict[str, Decimal] = field(default_factory=dict)
    cost_unknown: int = 0

    def add(self, replayed: Replayed) -> None:
        """Adds one customer's replay."""
        self.customers += 1
        self.waiting += len(replayed.waiting)
        for entry in replayed.log:
            match entry:
                case Decided():
                    for finding in entry.findings:
                        self._weigh(finding)
                case Said():
                    self.messages[entry.channel, entry.template] += 1
                case Held() if entry.state != MessageState.PARKED:
                    self.held[entry.state, entry.reason] += 1
        self.people += any(isinstance(entry, Said) for entry in replayed.log)
        charged = [find_charge(message) for message in replayed.messages]
        sums, unknown = add_up(cost for cost in charged if cost)
        for currency, amount in sums.items():
            self.cost[currency] = self.cost.get(currency, Decimal(0)) + amount
        self.cost_unknown += unknown

    def pass_by(self) -> None:
        """Counts a customer to whom nothing happened that would begin the journey."""
        self.customers += 1

    def _weigh(self, finding: Finding) -> None:
        if finding.what.endswith(".run"):
            self.runs += finding.verdict == "started"
            if finding.verdict == "ended":
                self.ended[finding.why] += 1
            if finding.verdict in ("not started", "held out"):
                self.not_begun[finding.why] += 1
        elif finding.verdict == "refused":
            self.refused[finding.what.replace(":", " "), finding.why] += 1
        elif finding.verdict in _PUT_OFF:
            self.put_off[finding.verdict, finding.why] += 1

    def list_messages(self) -> Iterator[tuple[str, str, int]]:
        """Channel, template and number, the most frequent first."""
        for (channel, template), number in self.messages.most_common():
            yield channel, template, number
