"""Which records are counted besides messages and tickets: their items bear a mark, and the rest wakes nobody. Pure."""

from __future__ import annotations

from okaeri.domain.records import ConsentEntry, DecisionRecord, Finding, OrderRecord

HOLDOUT = "holdout"  # the arm of those who are told nothing, for comparison
COMPARED = "compared"  # a run began in a journey that holds others out: its half of the comparison
TALKS = "talk-"  # journeys that a customer's own question begins
WHERE_IS_IT = "talk-order-status"


def is_counted_order(record: OrderRecord) -> bool:
    """An order that is new here, and somebody's: no test and no draft."""
    order = record.order
    return record.version == 1 and order is not None and order.quiet not in ("test", "draft")


def is_counted_consent(entry: ConsentEntry) -> bool:
    """Marketing is not wanted any more."""
    return not entry.given and entry.purpose in ("marketing", "all")


def is_counted_decision(record: DecisionRecord) -> bool:
    """It held somebody out or in for comparison, took an answer, or heard a question."""
    return any(is_counted_finding(finding) for finding in record.findings)


def is_counted_finding(finding: Finding) -> bool:
    """As above, of one of its findings."""
    match finding.verdict:
        case "held out":
            return finding.why == HOLDOUT
        case "answered":
            return ".answer." in finding.what
        case "started":
            return finding.what.startswith(TALKS)
        case verdict:
            return verdict == COMPARED
