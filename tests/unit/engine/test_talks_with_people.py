"""What people of the shop say reaches the customer, whatever becomes of the talk; what nobody saw takes no answer."""

from __future__ import annotations

from datetime import timedelta

from okaeri.domain.evidence import MessageOutcome, TicketSolved
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.stores import Mode
from okaeri.domain.tickets import is_owed
from tests.unit.engine.shops import place, set_mode, write
from tests.unit.engine.test_talks import (
    PLANNED,
    STATUS,
    UNSURE,
    answer,
    find_ticket,
    hand_over,
    open_talk,
    state_of,
    told,
)
from tests.world import World

CARE = write("care", "open_ticket: {queue: care, due: PT4H}", purpose="order")
SURVEY = write(
    "how", "ask: {id: why, template: did_you_mean, text: true, channels: [whatsapp], timeout: P2D}", purpose="order"
)


def solve(world: World) -> None:
    ticket = next(iter(world.records.tickets.values()))
    world.hear(TicketSolved(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, at=world.clock()))


def list_replies(world: World) -> list[str]:
    messages = world.list_messages()
    return [m.data["reply.text"] for m in messages if m.template == "staff_reply" and m.free_form]


def list_letters(world: World) -> list[str]:
    return [m.data["reply.text"] for m in world.list_messages() if m.template == "staff_reply" and m.channel == "email"]


def plan_beyond_the_window() -> tuple[World, Message]:
    """An answer was planned, for who left the talk to the assistant: its time comes after WhatsApp's 24 hours."""
    world = open_talk(PLANNED, CARE, STATUS)
    world.write("where is my order")
    place(world)
    answer(world, "Did it arrive?", at=world.clock() + timedelta(hours=30))
    world.wait(hours=30)
    return world, world.list_messages()[-1]


def fail(world: World, message: Message) -> None:
    world.set_state(message, MessageState.FAILED)
    names = {"customer_id": message.customer_id, "message_id": message.message_id, "at": world.clock()}
    world.hear(MessageOutcome(outcome="failed", code="131026", **names))


def test_an_answer_that_goes_out_as_an_e_mail_is_not_said_again_once_the_window_opens() -> None:
    world, request = plan_beyond_the_window()
    fail(world, request)
    assert list_letters(world) == ["Did it arrive?"]
    world.write("hello again")
    assert list_replies(world) == []


def test_an_answer_that_was_shown_meanwhile_is_not_sent_as_an_e_mail_too() -> None:
    world, request = plan_beyond_the_window()
    world.write("Show the answer", payload="SHOW_REPLY")
    assert list_replies(world) == ["Did it arrive?"]
    fail(world, request)
    assert list_letters(world) == []


def test_an_answer_that_reached_nobody_makes_the_ticket_wait_for_the_shop_again() -> None:
    world = open_talk()
    hand_over(world)
    world.wait(hours=1)
    answer(world, "It left today")
    assert (find_ticket(world).state, is_owed(find_ticket(world))) == ("person", False)
    world.wait(minutes=5)
    fail(world, world.list_messages()[-1])
    assert (find_ticket(world).state, is_owed(find_ticket(world))) == ("waiting", True)
    assert state_of(world.customer()) == "waiting"


def test_an_answer_that_reached_nobody_opens_no_ticket_that_is_solved() -> None:
    world = open_talk()
    hand_over(world)
    answer(world, "It left today")
    solve(world)
    fail(world, world.list_messages()[-1])
    assert state_of(world.customer()) == "solved"


def test_what_comes_too_late_for_whoever_solves_the_ticket_is_read_by_the_assistant() -> None:
    for seconds, answered in (1, ["none_found"]), (60, []):
        world = open_talk()
        hand_over(world)
        answer(world, "It left today")
        world.wait(hours=1)
        before = told(world)
        world.write("And where is my order?")
        world.wait(seconds=seconds)
        solve(world)
        world.wait(seconds=4)
        assert told(world) == [*before, *answered]


def test_an_answer_that_is_planned_for_who_said_stop_is_sent_as_an_e_mail_unless_they_write_again() -> None:
    for again, channel in (False, "email"), (True, "whatsapp"):
        world = open_talk(PLANNED, CARE, STATUS)
        place(world)
        world.write("STOP")
        world.wait(minutes=1)
        if again:
            world.write("where is my order")
        answer(world, "Did it arrive?", at=world.clock() + timedelta(hours=5))
        world.wait(hours=5)
        message = world.list_messages()[-1]
        assert (message.template, message.channel) == ("staff_reply", channel)


def test_an_answer_that_waits_for_the_window_is_said_though_the_ticket_was_solved_meanwhile() -> None:
    world = open_talk()
    hand_over(world)
    world.wait(hours=30)
    answer(world, "The refund is on its way")
    solve(world)
    world.write("Show the answer", payload="SHOW_REPLY")
    assert list_replies(world) == ["The refund is on its way"]
    world.write("where is my order")
    assert told(world)[-1] == "none_found"  # the assistant answers again


def test_somebody_who_writes_in_many_short_answers_is_heard_whole_once_the_window_opens() -> None:
    world = open_talk()
    hand_over(world)
    world.wait(hours=30)
    texts = ["Hello", "I looked it up", "It was lost on its way", "A new one leaves today", "Sorry!"]
    for text in texts:
        answer(world, text)
    world.write("yes?")
    assert list_replies(world) == texts


def test_a_question_in_shadow_that_nobody_saw_takes_nothing_that_is_said() -> None:
    world = open_talk(SURVEY, STATUS, UNSURE)
    set_mode(world, "how", Mode.SHADOW)
    world.write("where is my order")
    place(world)
    assert [run.journey for run in world.customer().runs] == ["how"]
    world.clock.advance(minutes=5)
    world.write("where is my order")
    assert told(world)[-1:] == ["status"]
