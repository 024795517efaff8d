"""A talk on WhatsApp: bursts are one turn, taps are heard at once, people take over, and nothing is said twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from okaeri.domain.conversations import ConversationState
from okaeri.domain.customers import Customer
from okaeri.domain.evidence import (
    ActionDone,
    AnswerGiven,
    Attachment,
    CustomerWake,
    LetterReceived,
    MessageReceived,
    StaffReplied,
    TicketReopened,
    TicketSolved,
    TurnDue,
)
from okaeri.domain.interpretations import UNKNOWN, Guess, Interpretation
from okaeri.domain.records import Ticket
from okaeri.domain.stores import PublishedTemplate, Store
from okaeri.domain.values import Channel
from tests.unit.engine.shops import open_shop, place, write
from tests.world import AIKO, World, make_order

STATUS = write(
    "talk-status",
    "ask: {id: order, template: which, choices: open_orders, channels: [whatsapp], timeout: PT20M}",
    "focus: answer.order",
    """branch:
      - when: {field: run.outcome, is: focused}
        steps: [{send: {template: status, channels: [whatsapp]}}]
      - otherwise: [{send: {template: none_found, channels: [whatsapp]}}]""",
    purpose="order",
    event="turn.taken",
    key="event.id",
).replace("key: event.id}", "key: event.id, when: {field: event.intent, is: order_status}}")
UNSURE = write(
    "talk-unknown",
    """ask:
      id: guess
      template: did_you_mean
      choices: guesses
      answers: {person: [person]}
      channels: [whatsapp]
      timeout: PT20M""",
    """branch:
      - when: {answer: guess, is: person}
        steps:
          - send: {template: wait_for_us, channels: [whatsapp]}
          - open_ticket: {queue: conversation, due: PT4H, hours: true, hand_over: true, data: {said: turn.said}}""",
    purpose="order",
    event="turn.taken",
    key="event.id",
).replace("key: event.id}", "key: event.id, when: {field: event.intent, is: unknown}}")
LETTERS = write(
    "letters",
    "open_ticket: {queue: letters, due: PT4H, hand_over: true}",
    "send: {template: letter_is_here, channels: [email]}",
    purpose="order",
    event="letter.received",
    key="event.id",
).replace("key: event.id}", "key: event.id, when: {field: event.is_threaded, is: false}}")
PLANNED = write(
    "scheduled-reply",
    "wait: {until: turn.at, else: PT0S}",
    "send: {template: staff_reply, channels: [whatsapp, email]}",
    purpose="order",
    event="reply.scheduled",
    key="event.id",
    exit="[{event: message.received, match: customer, reason: they wrote}]",
)
CHAT = ("which", "status", "none_found", "did_you_mean", "wait_for_us", "staff_reply")


class Keen:
    """Understands two things, and what is written in digits."""

    def interpret(self, text: str, store: Store, *, locale: str | None) -> Interpretation:
        words = text.lower()
        if "where" in words and "order" in words:
            name = next((word.strip("?#") for word in words.split() if word.strip("?#").isdecimal()), "")
            return Interpretation(Guess("order_status", 95), order_name=name)
        if "skip" in words:
            return Interpretation(Guess("skip", 92))
        if "person" in words:
            return Interpretation(Guess("person", 95))
        others = (Guess("order_status", 50), Guess("faq", 40, "delivery_time"))
        return Interpretation(Guess(UNKNOWN, 0), others, choice=int(words) if words.isdecimal() else None)


def open_talk(*texts: str, **changes: Any) -> World:
    world = open_shop(*(texts or (STATUS, UNSURE)), **changes)
    chat = {name: PublishedTemplate(chat=("en", "ja")) for name in CHAT}
    chat["staff_reply"] = PublishedTemplate(chat=("en", "ja"), whatsapp=("en", "ja"), email=("en", "ja"))
    store = world.store.model_copy(update={"templates": {**world.store.templates, **chat}})
    return World(clock=world.clock, store=store, definitions=world.definitions, interpreter=Keen())


def told(world: World) -> list[str]:
    return world.told("whatsapp")


def find_ticket(world: World) -> Ticket:
    (ticket,) = world.records.tickets.values()
    return ticket


def hand_over(world: World) -> Ticket:
    world.talk("grmbl")
    world.talk("person please")
    world.write("label", payload=f"ANSWER:{world.list_messages()[-1].seed}:person")
    return find_ticket(world)


def answer(world: World, text: str, **details: Any) -> None:
    ticket = find_ticket(world)
    names = {"reply_id": f"r{world.sequence}", "by": "mia", "at": world.clock()} | details
    world.hear(StaffReplied(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, text=text, **names))


def state_of(customer: Customer) -> ConversationState:
    return customer.conversation.state if customer.conversation else ConversationState.BOT


# -- bursts -----------------------------------------------------------------------------------------------------------


def test_several_short_messages_are_read_as_one() -> None:
    world = open_talk()
    for words in ("hello", "I need help", "with my order"):
        world.write(words)
        world.wait(seconds=2)
        assert told(world) == []
    world.wait(seconds=2)
    assert told(world) == ["did_you_mean"]
    assert world.list_messages()[-1].data["turn.said"] == "hello\nI need help\nwith my order"


def test_who_says_it_all_at_once_is_answered_at_once() -> None:
    world = open_talk()
    place(world)
    world.write("Where is my order?")
    assert told(world)[-1] == "status"


def test_a_burst_that_never_ends_is_read_all_the_same() -> None:
    world = open_talk()
    for _ in range(8):
        world.write("and")
        world.wait(seconds=2)
    assert "did_you_mean" in told(world)


def test_stop_within_a_burst_is_obeyed_and_nothing_else_is_read() -> None:
    world = open_talk()
    world.write("hm")
    world.write("STOP")
    world.wait(minutes=5)
    assert told(world) == ["stop_confirmed"]


def test_an_edit_is_read_as_it_was_meant_and_what_was_taken_back_is_not() -> None:
    world = open_talk()
    world.write("wehre si my oder", provider_id="wamid.a")
    world.write("never mind", provider_id="wamid.b")
    world.write("where it is", amends="edit", reply_to="wamid.a")
    world.write("", amends="revoke", reply_to="wamid.b")
    world.wait(seconds=4)
    assert world.list_messages()[-1].data["turn.said"] == "where it is"


def test_all_taken_back_there_is_nothing_to_answer() -> None:
    world = open_talk()
    world.write("oops", provider_id="wamid.a")
    world.write("", amends="revoke", reply_to="wamid.a")
    world.wait(minutes=5)
    assert told(world) == []
    assert world.customer().conversation is None


def test_the_end_of_a_burst_that_was_lost_is_found_by_the_sweep() -> None:
    world = open_talk()
    world.write("hm")
    (later,) = [envelope for envelope in world.lose_later() if isinstance(envelope.evidence, TurnDue)]
    world.wait(minutes=16)
    assert told(world) == []
    world.hear(CustomerWake(customer_id=world.customer().customer_id))
    assert told(world) == ["did_you_mean"]
    world.give(later)  # it comes after all
    assert told(world) == ["did_you_mean"]


def test_two_bursts_that_end_at_the_same_moment_are_both_read() -> None:
    world = open_talk()
    world.write("hm", provider_id="wamid.a")
    (end,) = [envelope for envelope in world.lose_later() if isinstance(envelope.evidence, TurnDue)]
    world.give(end)  # before its time: a clock of ours is slow
    assert told(world) == ["did_you_mean"]
    world.write("hm", provider_id="wamid.b")
    world.wait(seconds=4)
    assert told(world) == ["did_you_mean", "did_you_mean"]


def test_a_message_that_is_delivered_twice_is_read_once() -> None:
    world = open_talk()
    envelope = world.write("hm")
    world.give(envelope, redelivered=True)
    world.wait(seconds=4)
    world.give(envelope, redelivered=True)
    world.wait(seconds=4)
    assert told(world) == ["did_you_mean"]
    assert world.list_messages()[-1].data["turn.said"] == "hm"


def test_a_long_burst_is_read_in_two_and_nothing_of_it_is_lost() -> None:
    world = open_talk(UNSURE.replace("timeout: PT20M", "timeout: PT0S"))
    words = [f"word {number}" for number in range(25)]
    for word in words:
        world.write(word)
    world.wait(seconds=4)
    said = [message.data["turn.said"] for message in world.list_messages() if message.template == "did_you_mean"]
    assert "\n".join(said).split("\n") == words


def test_a_tap_within_a_burst_takes_along_what_was_written_before_it() -> None:
    world = open_talk()
    world.write("it came broken")
    world.write("", type="image", media_id="m1")
    world.write("Something else", payload="DO:dance")
    world.wait(minutes=1)
    (message,) = world.list_messages()
    assert message.data["turn.said"] == "it came broken\nSomething else"
    assert (message.data["turn.type"], message.data["turn.media_id"]) == ("image", "m1")


@pytest.mark.parametrize("kind", ["sticker", "reaction"])
def test_a_sticker_or_a_heart_wants_no_answer(kind: str) -> None:
    world = open_talk()
    world.write("❤️", type=kind)
    world.wait(minutes=1)
    assert told(world) == []


@pytest.mark.parametrize("kind", ["audio", "unsupported", "location", "contacts"])
def test_what_has_no_words_is_a_turn_of_its_kind(kind: str) -> None:
    world = open_talk()
    world.write("", type=kind)
    world.wait(seconds=4)
    assert told(world) == ["did_you_mean"]
    assert world.list_messages()[-1].data["turn.type"] == kind


def test_a_picture_is_fetched_before_meta_forgets_it() -> None:
    world = open_talk()
    world.write("look", type="image", media_id="m1")
    (request,) = [request for request in world.queues.actions if request.kind == "media"]
    assert (request.target, request.data) == ("m1", {"type": "image"})


# -- orders -----------------------------------------------------------------------------------------------------------


def test_of_several_orders_one_is_chosen_by_its_row_its_place_or_its_name() -> None:
    for pick in ("#1002", "1", "1002"):
        world = open_talk()
        for number in (1, 2):
            world.order(make_order(f"500{number}", name=f"#100{number}", created_at=world.clock()))
            world.wait(minutes=5)
        world.write("where is my order")
        assert told(world)[-1] == "which"
        world.talk(pick)
        assert told(world)[-1] == "status", pick
        assert world.list_messages()[-1].refs.order_id == "5002"


def test_an_order_of_somebody_else_is_not_told_of() -> None:
    world = open_talk()
    ken = AIKO.model_copy(update={"store_customer_id": "9", "email": "ken@example.jp", "phone": "+819099999999"})
    world.order(make_order("5009", name="#1009", buyer=ken))
    world.write("where is order #1009")
    message = world.list_messages()[-1]
    assert (message.template, message.refs.order_id) == ("none_found", None)


def test_an_order_that_was_cancelled_is_still_told_of_to_who_asks() -> None:
    world = open_talk(STATUS.replace("open_orders", "orders"))
    place(world)
    world.order(make_order(cancelled_at=world.clock(), updated_at=world.clock() + timedelta(minutes=1)))
    world.write("where is my order")
    assert (told(world)[-1], world.list_messages()[-1].is_answer) == ("status", True)


# -- what nothing understands ------------------------------------------------------------------------------------------


def test_a_guess_that_is_tapped_begins_what_it_stands_for() -> None:
    world = open_talk()
    world.talk("blah")
    world.write("label", payload=f"ANSWER:{world.list_messages()[-1].seed}:order_status")
    assert told(world) == ["did_you_mean", "none_found"]


def test_misunderstandings_in_a_row_are_counted_and_forgotten_once_understood() -> None:
    world = open_talk()
    world.talk("blah")
    world.wait(hours=1)
    world.talk("bleh")
    assert world.list_messages()[-1].data["turn.misread"] == "2"
    world.write("where is my order")
    assert world.customer().conversation is None


def test_what_is_understood_and_not_offered_is_told_so() -> None:
    world = open_talk(UNSURE)
    world.write("where is my order")
    assert told(world) == ["did_you_mean"]


def test_a_button_of_a_flow_that_is_gone_is_a_wish_all_the_same() -> None:
    world = open_talk()
    world.write("Old menu", payload="DO:dance")
    assert told(world) == ["did_you_mean"]


def test_a_button_of_last_week_is_a_turn_of_its_own_and_a_second_tap_of_today_is_not() -> None:
    how = write("how", "ask: {id: rating, template: how_was_it, answers: {good: ['1']}, timeout: P1D}", purpose="order")
    world = open_talk(how, UNSURE)
    place(world)
    seed = world.list_messages()[-1].seed
    world.write("label", payload=f"ANSWER:{seed}:good")
    world.write("label", payload=f"ANSWER:{seed}:good")
    assert "did_you_mean" not in told(world)
    world.order(make_order("5002"))
    late = world.list_messages()[-1].seed
    world.wait(days=7)
    world.write("label", payload=f"ANSWER:{late}:good")
    assert told(world)[-1] == "did_you_mean"
    assert world.list_messages()[-1].data["turn.type"] == "stale_answer"


def test_skip_please_ends_the_question_and_another_wish_leaves_it_open() -> None:
    how = write(
        "how",
        "ask: {id: rating, template: how_was_it, answers: {good: ['1']}, timeout: P1D}",
        "branch: [{when: {field: run.outcome, is: answered}, steps: [{send: thanks}]}]",
        purpose="order",
    )
    world = open_talk(how, STATUS)
    place(world)
    world.talk("SKIP please")
    assert not world.customer().runs
    world.order(make_order("5002"))
    world.write("where is my order")
    assert [run.journey for run in world.customer().runs] == ["how", "talk-status"]  # two orders: which?
    world.write(
        "label", payload=f"ANSWER:{[m for m in world.list_messages() if m.template == 'how_was_it'][-1].seed}:good"
    )
    assert told(world)[-1] == "thanks"


# -- people -----------------------------------------------------------------------------------------------------------


def test_once_a_person_is_asked_for_the_assistant_is_silent_until_it_is_solved() -> None:
    world = open_talk()
    ticket = hand_over(world)
    assert told(world)[-1] == "wait_for_us"
    assert (ticket.state, state_of(world.customer())) == ("waiting", ConversationState.WAITING)
    before = told(world)
    world.talk("where is my order")
    assert told(world) == before
    assert find_ticket(world).last_heard_at == world.clock() - timedelta(seconds=3)
    answer(world, "It is on its way")
    assert told(world)[-1] == "staff_reply"
    assert (find_ticket(world).state, state_of(world.customer())) == ("person", ConversationState.PERSON)
    world.write("thanks")
    assert find_ticket(world).state == "waiting"
    world.hear(TicketSolved(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, at=world.clock()))
    world.write("where is my order")
    assert told(world)[-1] == "none_found"


def test_likely_answers_may_be_tapped_while_one_waits() -> None:
    world = open_talk()
    hand_over(world)
    world.write("Where is my order?", payload="DO:order_status")
    assert told(world)[-1] == "none_found"
    answer(world, "Here I am")
    before = told(world)
    world.write("Where is my order?", payload="DO:order_status")
    assert told(world) == before


def test_a_question_of_the_assistant_is_not_asked_again_to_who_talks_with_a_person() -> None:
    world = open_talk()
    for number in (1, 2):
        world.order(make_order(f"500{number}"))
    world.write("where is my order")
    world.hear(TicketReopened(customer_id=world.customer().customer_id, ticket_id="t1", by="mia", at=world.clock()))
    before = told(world)
    world.wait(hours=2)
    assert told(world) == before
    assert [ticket.ticket_id for ticket in world.customer().open_tickets] == ["t1"]


def test_an_answer_outside_the_window_waits_behind_a_template_and_is_said_once_they_write() -> None:
    world = open_talk()
    hand_over(world)
    world.wait(hours=30)
    answer(world, "First")
    answer(world, "Second")
    asked = [message for message in world.list_messages() if message.template == "staff_reply"]
    assert [message.free_form for message in asked] == [False]
    world.write("yes?")
    said = [message for message in world.list_messages() if message.template == "staff_reply" and message.free_form]
    assert [message.data["reply.text"] for message in said] == ["First", "Second"]
    world.write("and?")
    assert len([message for message in world.list_messages() if message.template == "staff_reply"]) == 3


def test_the_same_reply_twice_is_said_once() -> None:
    world = open_talk()
    hand_over(world)
    answer(world, "Hello", reply_id="r1")
    answer(world, "Hello", reply_id="r1")
    assert told(world).count("staff_reply") == 1


def test_a_reply_that_comes_after_it_was_solved_is_said_and_leaves_the_talk_to_the_assistant() -> None:
    world = open_talk()
    ticket = hand_over(world)
    world.hear(TicketSolved(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, at=world.clock()))
    answer(world, "One more thing")
    assert told(world)[-1] == "staff_reply"
    world.write("where is my order")
    assert told(world)[-1] == "none_found"


def test_a_notice_to_all_who_wait_leaves_them_waiting() -> None:
    world = open_talk()
    hand_over(world)
    answer(world, "It takes longer today", expected=True)
    assert told(world)[-1] == "staff_reply"
    assert find_ticket(world).state == "waiting"
    assert state_of(world.customer()) is ConversationState.WAITING


def test_a_notice_outside_the_window_waits_without_a_call() -> None:
    world = open_talk()
    hand_over(world)
    world.wait(hours=30)
    answer(world, "It takes longer today", expected=True)
    assert "staff_reply" not in told(world)
    world.write("hello?")
    assert world.list_messages()[-1].data["reply.text"] == "It takes longer today"


def test_a_planned_reply_is_said_at_its_time_and_not_to_who_wrote_meanwhile() -> None:
    for writes in (False, True):
        world = open_talk(STATUS, UNSURE, PLANNED)
        hand_over(world)
        answer(world, "Tomorrow's news", at=world.clock() + timedelta(hours=5))
        assert "staff_reply" not in told(world)
        if writes:
            world.write("one more thing")
        world.wait(hours=6)
        assert told(world).count("staff_reply") == (0 if writes else 1)


def test_a_planned_reply_whose_window_has_closed_is_said_once_they_write() -> None:
    world = open_talk(STATUS, UNSURE, PLANNED)
    hand_over(world)
    answer(world, "In two days", at=world.clock() + timedelta(days=2))
    world.wait(days=3)
    assert [m.free_form for m in world.list_messages() if m.template == "staff_reply"] == [False]
    world.write("hello?")
    assert world.list_messages()[-1].data["reply.text"] == "In two days"


def test_a_planned_reply_that_is_delivered_again_after_its_time_is_said_once() -> None:
    world = open_talk(STATUS, UNSURE, PLANNED)
    ticket = hand_over(world)
    later = world.clock() + timedelta(hours=5)
    names = {"reply_id": "r1", "by": "mia", "at": later, "text": "Tomorrow's news"}
    envelope = world.hear(StaffReplied(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, **names))
    world.wait(hours=6)
    world.give(envelope, redelivered=True)
    assert told(world).count("staff_reply") == 1


def test_the_picture_of_a_planned_reply_is_held_with_its_words() -> None:
    world = open_talk(STATUS, UNSURE, PLANNED)
    hand_over(world)
    answer(world, "Look", at=world.clock() + timedelta(days=2), media_key="media/1.jpg")
    world.wait(days=3)
    world.write("hello?")
    assert world.list_messages()[-1].data["reply.media_key"] == "media/1.jpg"


def test_a_tap_on_a_page_opens_no_window_for_what_is_held() -> None:
    world = open_talk()
    hand_over(world)
    world.wait(hours=30)
    answer(world, "First")
    asked = told(world)
    world.hear(AnswerGiven(customer_id=world.customer().customer_id, ask="gone", answer="good", at=world.clock()))
    assert told(world) == asked
    world.write("yes?")
    assert [m.data["reply.text"] for m in world.list_messages() if m.template == "staff_reply" and m.free_form] == [
        "First"
    ]


def test_stop_is_not_answered_with_what_was_held() -> None:
    world = open_talk()
    hand_over(world)
    world.wait(hours=30)
    answer(world, "First")
    world.write("STOP")
    world.wait(hours=1)
    assert told(world)[-2:] == ["staff_reply", "stop_confirmed"]
    world.write("what was it?")
    assert world.list_messages()[-1].data["reply.text"] == "First"


def test_words_that_wait_to_be_read_are_left_to_people_once_they_are_in_charge() -> None:
    world = open_talk()
    hand_over(world)
    ticket = find_ticket(world)
    world.hear(TicketSolved(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, at=world.clock()))
    before = told(world)
    world.write("hm")
    names = {"customer_id": ticket.customer_id, "ticket_id": ticket.ticket_id}
    world.hear(TicketReopened(**names, by="mia", at=world.clock()))
    answer(world, "One more thing")
    world.wait(seconds=4)
    assert told(world) == [*before, "staff_reply"]
    assert len(world.records.tickets) == 1


def test_stop_in_the_middle_of_a_talk_ends_what_was_still_to_be_said() -> None:
    world = open_talk()
    for number in (1, 2):
        world.order(make_order(f"500{number}"))
    world.write("where is my order")
    world.wait(minutes=1)
    world.write("STOP")
    world.wait(hours=1)  # the question's time is over, and the journey would say that it found none
    assert told(world)[-2:] == ["which", "stop_confirmed"]


def test_stop_in_the_second_in_which_they_asked_ends_what_was_still_to_be_said() -> None:
    """WhatsApp tells whole seconds, and what it says comes a moment after it was said."""
    later = STATUS.replace("  - ask: {id", "  - wait: PT1M\n  - ask: {id")
    world = open_talk(later, UNSURE)
    for number in (1, 2):
        world.order(make_order(f"500{number}"))
    world.write("where is my order")
    world.write("STOP")
    world.wait(hours=1)
    assert told(world)[-1] == "stop_confirmed"


def test_who_stopped_everything_and_asks_gets_an_answer_and_nothing_more() -> None:
    world = open_talk()
    place(world)
    world.write("STOP")
    world.write("where is my order")
    assert told(world)[-2:] == ["stop_confirmed", "status"]
    world.order(make_order(cancelled_at=world.clock(), updated_at=world.clock() + timedelta(minutes=1)))
    assert told(world)[-1] == "status"


# -- letters ----------------------------------------------------------------------------------------------------------


def write_letter(world: World, letter_id: str = "l1", **details: Any) -> None:
    world.hear(
        LetterReceived(
            letter_id=letter_id,
            via="email",
            at=world.clock(),
            email="aiko@example.jp",
            text="Is it washable?",
            **details,
        )
    )


def test_a_letter_opens_a_ticket_and_is_answered_by_letter() -> None:
    world = open_talk(LETTERS)
    write_letter(world, subject="A question", name="Aiko Sato")
    ticket = find_ticket(world)
    assert (ticket.channel, ticket.state, world.told("email")) == (Channel.EMAIL, "waiting", ["letter_is_here"])
    assert world.customer().first_name == "Aiko"
    answer(world, "Yes, at 40 degrees")
    message = world.list_messages()[-1]
    assert (message.channel, message.refs.ticket_id) == (Channel.EMAIL, ticket.ticket_id)


def test_the_files_of_a_letter_are_noted_beside_its_writer() -> None:
    world = open_talk(LETTERS)
    photo = Attachment(media_key="files/s1/a/b.png", content_type="image/png", name="cup.png", size=5)
    page = Attachment(media_key="", content_type="text/html", name="x.html", refused="not_allowed:text/html")
    write_letter(world, attachments=(photo, page))
    requests = [request for request in world.queues.actions if request.kind == "media"]
    assert [(r.data["key"], r.data["filename"], r.data["refused"]) for r in requests] == [
        ("files/s1/a/b.png", "cup.png", ""),
        ("", "x.html", "not_allowed:text/html"),
    ]
    assert {r.customer_id for r in requests} == {world.customer().customer_id}
    assert len({r.target for r in requests}) == 2


def test_a_letter_that_answers_a_solved_ticket_opens_it_again_and_no_other() -> None:
    world = open_talk(LETTERS)
    write_letter(world)
    ticket = find_ticket(world)
    world.hear(TicketSolved(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, at=world.clock()))
    assert not world.customer().open_tickets
    write_letter(world, "l2", ticket_id=ticket.ticket_id, customer_id=ticket.customer_id)
    assert find_ticket(world).state == "waiting"
    assert [entry.ticket_id for entry in world.customer().open_tickets] == [ticket.ticket_id]
    write_letter(world, "l2", ticket_id=ticket.ticket_id, customer_id=ticket.customer_id)
    assert world.told("email") == ["letter_is_here"]


# -- changes in the store ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "expected"), [("done", "thanks"), ("refused", "none_found"), ("failed", "none_found")]
)
def test_the_store_changes_the_order_or_a_person_does(outcome: str, expected: str) -> None:
    text = write(
        "cancel",
        "focus: latest",
        "change_order: {id: change, do: cancel}",
        """branch:
      - when: {field: run.outcome, is: done}
        steps: [{send: thanks}]
      - otherwise: [{send: none_found}, {open_ticket: {queue: changes, data: {why: change.change.reason}}}]""",
        purpose="order",
        event="turn.taken",
        key="event.id",
    )
    world = open_talk(text)
    place(world)
    world.write("Cancel", payload="DO:cancel_order")
    (request,) = [request for request in world.queues.actions if request.kind == "change"]
    assert (request.target, request.refs["order.id"]) == ("cancel", "5001")
    data = {"outcome": outcome, "reason": "too_late"}
    world.hear(
        ActionDone(
            customer_id=world.customer().customer_id,
            action_id=request.action_id,
            action="change",
            ok=outcome == "done",
            at=world.clock(),
            data=data,
        )
    )
    assert told(world)[-1] == expected
    if outcome != "done":
        assert find_ticket(world).data == {"why": "too_late"}


def test_a_store_that_does_not_answer_in_the_chat_leaves_it_to_a_person() -> None:
    text = write(
        "cancel", "focus: latest", "change_order: {id: change, do: cancel}", "send: thanks", purpose="order",
        event="turn.taken", key="event.id",
    )  # fmt: skip
    world = open_talk(text)
    place(world)
    world.write("Cancel", payload="DO:cancel_order")
    world.wait(minutes=3)
    assert told(world)[-1] == "thanks"


# -- surveys ----------------------------------------------------------------------------------------------------------


def test_nobody_is_asked_by_two_surveys_within_the_gap() -> None:
    survey = write(
        "poll",
        "ask: {id: score, template: how_was_it, text: true, timeout: P1D}",
        "record: {survey: nps, score: answer.score, answers: {score: answer.score.title}}",
        purpose="order",
    )
    world = open_talk(survey)
    place(world)
    world.talk("9")
    (response,) = world.records.responses.values()
    assert (response.survey, response.score, response.answers) == ("nps", 9, {"score": "9"})
    world.order(make_order("5002"))
    assert told(world).count("how_was_it") == 1
    assert "poll.run not started surveyed_lately" in world.why()
    world.wait(days=31)
    world.order(make_order("5003", created_at=world.clock()))
    assert told(world).count("how_was_it") == 2


def test_two_surveys_that_began_by_the_same_order_do_not_both_ask() -> None:
    surveys = (
        write(
            name,
            f"wait: {after}",
            "ask: {id: score, template: how_was_it, answers: {good: []}, timeout: P1D}",
            "ask: {id: why, template: how_was_it, text: true, timeout: P1D}",
            f"record: {{survey: {name}, score: answer.score}}",
            purpose="order",
        )
        for name, after in (("early", "P2D"), ("late", "P9D"))
    )
    world = open_talk(*surveys)
    place(world)
    world.wait(days=12)
    assert {message.journey for message in world.list_messages()} == {"early"}
    assert told(world) == ["how_was_it", "how_was_it"]  # its own second question follows the first
    assert "late.run ended surveyed_lately" in world.why()


def test_a_code_that_was_given_is_followed_to_its_use() -> None:
    text = write(
        "gift",
        "issue_coupon: {id: gift, pool: autumn}",
        "wait: {event: coupon.redeemed, match: coupon.code, timeout: P5D}",
        "branch: [{when: {field: run.outcome, is: timeout}, steps: [{exit: unused}]}]",
        "send: thanks",
        purpose="order",
        event="turn.taken",
        key="event.id",
    )
    for used, is_told in (("autumn-7", True), ("other", False)):
        world = open_talk(text)
        place(world)
        world.write("Gift", payload="DO:begin:gift")
        (request,) = [request for request in world.queues.actions if request.kind == "coupon"]
        done = {"action_id": request.action_id, "action": "coupon", "ok": True, "data": {"code": "AUTUMN-7"}}
        world.hear(ActionDone(customer_id=world.customer().customer_id, at=world.clock(), **done))
        world.order(make_order("5002", coupon_codes=(used,)))
        world.wait(days=6)
        assert ("thanks" in told(world)) is is_told, used


def test_a_talk_of_two_records_that_are_one_person_is_one() -> None:
    world = open_talk()
    world.hear(
        MessageReceived(
            provider_id="wamid.x", at=world.clock(), type="text", phone="+819012345678", wa_user_id="JP.1", text="hm"
        )
    )
    world.order(make_order())
    world.wait(seconds=4)
    assert "did_you_mean" in told(world)
