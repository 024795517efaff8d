"""A ticket's life: what stays when two write, whose turn it is, what comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okaeri.domain.records import Ticket
from okaeri.domain.remedies import Remedy, RemedyKind
from okaeri.domain.tickets import (
    apply_changes,
    find_clash,
    is_owed,
    list_next_stages,
    may_move_to,
    name_place,
    tag_sight,
)
from okaeri.domain.values import format_time

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make_ticket(ticket_id: str = "t1", **fields: Any) -> Ticket:
    opened: dict[str, Any] = {"opened_at": NOW, "due": NOW + 4 * HOUR}
    return Ticket(store_id="s1", ticket_id=ticket_id, customer_id="c1", queue="help", **opened | fields)


# ── What may change ──


def test_a_field_is_set_and_emptied_and_the_version_counts() -> None:
    ticket = apply_changes(make_ticket(), {"assignee": "mia", "priority": "high", "due": None})
    assert (ticket.assignee, ticket.priority, ticket.due, ticket.version) == ("mia", "high", None, 1)
    emptied = apply_changes(ticket, {"assignee": None, "priority": None})
    assert (emptied.assignee, emptied.priority, emptied.version) == ("", "normal", 2)


def test_texts_of_the_engine_become_times() -> None:
    ticket = apply_changes(make_ticket(), {"state": "waiting", "last_heard_at": format_time(NOW + HOUR)})
    assert ticket.last_heard_at == NOW + HOUR


@pytest.mark.parametrize("name", ["last_heard_at", "last_told_at", "escalated_at", "replied_at"])
def test_what_was_heard_or_told_only_moves_forward(name: str) -> None:
    ticket = make_ticket().model_copy(update={name: NOW + HOUR})
    assert getattr(apply_changes(ticket, {name: format_time(NOW)}), name) == NOW + HOUR
    assert getattr(apply_changes(ticket, {name: format_time(NOW + 2 * HOUR)}), name) == NOW + 2 * HOUR


def test_the_first_answer_stays_the_first() -> None:
    ticket = apply_changes(make_ticket(first_told_at=NOW), {"first_told_at": format_time(NOW + HOUR)})
    assert ticket.first_told_at == NOW


def test_what_a_later_version_wrote_is_kept() -> None:
    ticket = Ticket.model_validate(make_ticket().model_dump() | {"mood": "calm"})
    assert (apply_changes(ticket, {"assignee": "mia"}).model_extra or {})["mood"] == "calm"


def test_what_is_told_of_an_answer_after_the_ticket_was_solved_does_not_open_it() -> None:
    solved = apply_changes(make_ticket(), {"solved_at": NOW, "state": "solved"})
    late = apply_changes(solved, {"state": "person", "last_told_at": format_time(NOW)})
    assert (late.state, late.last_told_at) == ("solved", NOW)
    assert apply_changes(late, {"solved_at": None}).state == "person"
    assert apply_changes(late, {"solved_at": None, "state": "waiting"}).state == "waiting"


def test_a_state_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="state"):
        apply_changes(make_ticket(), {"state": "lost"})


# ── Whose turn, and what first ──


def test_it_is_the_shops_turn_until_it_answers_and_again_once_the_customer_writes() -> None:
    assert is_owed(make_ticket())
    answered = make_ticket(last_told_at=NOW + HOUR)
    assert not is_owed(answered)
    assert is_owed(apply_changes(answered, {"last_heard_at": format_time(NOW + 2 * HOUR)}))


def test_an_answer_that_waits_for_the_window_is_an_answer() -> None:
    assert not is_owed(make_ticket(replied_at=NOW + HOUR))


def test_escalated_and_disputed_come_first_then_the_oldest_deadline_then_those_who_have_an_answer() -> None:
    tickets = [
        make_ticket("answered", due=NOW, last_told_at=NOW + HOUR, priority="high"),
        make_ticket("tomorrow", due=NOW + 24 * HOUR),
        make_ticket("soon", due=NOW + HOUR),
        make_ticket("escalated", due=NOW + 30 * HOUR, escalated_at=NOW),
        make_ticket("dispute", due=NOW + 40 * HOUR).model_copy(update={"queue": "dispute"}),
        make_ticket("without a deadline", due=None),
    ]
    found = [ticket.ticket_id for ticket in sorted(tickets, key=name_place)]
    assert found == ["escalated", "dispute", "soon", "tomorrow", "without a deadline", "answered"]


# ── Two at once ──


def test_nobody_is_stopped_whose_sight_is_as_the_ticket_is() -> None:
    ticket = make_ticket(replied_at=NOW, replied_by="ken", reply_id="r1")
    assert find_clash(ticket, by="mia", seen=tag_sight(ticket), now=NOW) is None


def test_a_colleagues_answer_of_a_second_ago_is_in_the_way_even_without_a_sight() -> None:
    ticket = make_ticket(replied_at=NOW, replied_by="ken", reply_id="r1")
    clash = find_clash(ticket, by="mia", seen=None, now=NOW + timedelta(seconds=1))
    assert clash is not None and (clash.code, clash.by, clash.at) == ("answered_meanwhile", "ken", NOW)
    assert find_clash(ticket, by="ken", seen=None, now=NOW) is None
    assert find_clash(ticket, by="mia", seen=None, now=NOW + HOUR) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"replied_at": NOW + HOUR, "replied_by": "ken", "reply_id": "r2"}, "answered_meanwhile"),
        ({"last_heard_at": NOW + 2 * HOUR}, "customer_wrote_meanwhile"),
        ({"solved_at": NOW + HOUR, "solved_by": "ken", "state": "solved"}, "solved_meanwhile"),
        ({"stage": "approved"}, "changed_meanwhile"),
    ],
)
def test_an_old_sight_says_what_happened_since(changes: dict[str, Any], code: str) -> None:
    before = make_ticket(last_heard_at=NOW)
    clash = find_clash(apply_changes(before, changes), by="mia", seen=tag_sight(before), now=NOW + 3 * HOUR)
    assert clash is not None and clash.code == code


def test_what_an_answer_does_not_depend_on_leaves_the_sight_as_it_is() -> None:
    before = make_ticket()
    after = apply_changes(before, {"assignee": "ken", "last_told_at": format_time(NOW), "priority": "low"})
    assert tag_sight(after) == tag_sight(before)
    refund = Remedy(remedy_id="x", kind=RemedyKind.REFUND, amount="5.00", currency="EUR", by="ken", at=NOW)
    assert tag_sight(apply_changes(before, {"remedies": (refund,)})) != tag_sight(before)


# ── Returns ──


def test_a_return_moves_on_and_never_back() -> None:
    approved = make_ticket(stage="approved")
    assert list_next_stages(approved) == ("received", "refunded", "declined")
    assert may_move_to(approved, "received") and not may_move_to(approved, "requested")
    for end in ("refunded", "declined"):
        assert list_next_stages(make_ticket(stage=end)) == ()
