"""Handing a talk to people of the shop, in and out of hours; complaints, letters, deadlines, and looking after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.domain.conversations import ConversationState
from okaeri.domain.evidence import LetterReceived, StaffReplied, TicketSolved
from okaeri.domain.stores import Contact, ShopHours
from okaeri.domain.values import Channel
from simulator.knowledge import MemoryKnowledge
from simulator.stores import MemoryStores
from tests.fakes import FakeClock
from tests.talks import Talk
from tests.world import AIKO, MONDAY, World, load_catalogue, make_cart, make_order, make_settings, make_store

NINE_TO_SIX = ShopHours(days=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("09:00", "18:00"),)))
MONDAY_EVENING = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)  # 20:00 in Tokyo; the Tuesday after it is a holiday


def open_talk(at: datetime = MONDAY) -> Talk:
    """A shop whose people are there from nine to six."""
    contact = Contact(email="hello@kinari.example")
    store = make_store(load_catalogue(), settings=make_settings(shop_hours=NINE_TO_SIX), contact=contact)
    interpreter = CatalogueInterpreter(MemoryKnowledge(MemoryStores(store)))
    return Talk(World(store=store, clock=FakeClock(at), interpreter=interpreter))


@pytest.fixture
def talk() -> Talk:
    return open_talk()


def reply(talk: Talk, text: str = "We look at once.") -> None:
    """A person of the shop answers the only ticket."""
    world, ticket = talk.world, talk.ticket()
    said = StaffReplied(
        customer_id=ticket.customer_id,
        ticket_id=ticket.ticket_id,
        reply_id=f"reply-{world.sequence}",
        by="mia",
        text=text,
        at=world.clock(),
    )
    world.hear(said, source="inbox")


def solve(talk: Talk) -> None:
    """The latest ticket is solved."""
    world = talk.world
    ticket = max(world.records.tickets.values(), key=lambda ticket: ticket.opened_at)
    world.hear(TicketSolved(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, at=world.clock()))


def test_a_person_is_asked_for_with_an_honest_time(talk: Talk) -> None:
    talk.do("person")
    assert talk.told() == ["talk_person"]
    assert talk.state() is ConversationState.WAITING
    assert "You'll hear from them here by 4:00\u202fPM today." in talk.text()
    assert talk.ticket().due == talk.world.clock() + timedelta(hours=4)


def test_out_of_hours_it_says_when_somebody_is_back_and_offers_answers_meanwhile() -> None:
    talk = open_talk(MONDAY_EVENING)
    talk.do("person")
    assert talk.told() == ["talk_person", "talk_person_meanwhile"]
    [promise] = [message for message in talk.world.list_messages() if message.template == "talk_person"]
    said = talk.read(promise).body
    assert "back at 9:00\u202fAM on Wed, Nov 4" in said
    assert "by 1:00\u202fPM on Wed, Nov 4" in said
    talk.tap("返金はいつ？")
    assert talk.told()[-1] == "talk_faq_meanwhile"
    assert talk.state() is ConversationState.WAITING


def test_while_somebody_waits_for_a_person_the_assistant_takes_no_words(talk: Talk) -> None:
    talk.do("person").type("It is about my apron").type("and the towels")
    assert talk.told() == ["talk_person"]


def test_who_waits_already_is_told_so_and_makes_no_second_ticket(talk: Talk) -> None:
    talk.do("person").do("person")
    assert talk.told() == ["talk_person", "talk_person_asked"]
    assert talk.ticket().queue == "conversation"


def test_once_it_is_solved_the_assistant_answers_again(talk: Talk) -> None:
    talk.do("person")
    solve(talk)
    talk.do("menu")
    assert talk.told() == ["talk_person", "talk_menu"]


def test_a_complaint_goes_to_the_front_with_a_deadline_and_the_latest_order(talk: Talk) -> None:
    talk.world.order(make_order())
    talk.do("complaint")
    assert talk.told() == ["talk_complaint"]
    assert talk.text().startswith("I'm sorry that something went wrong.")
    ticket = talk.ticket()
    assert (ticket.queue, ticket.priority, ticket.order_id) == ("complaints", "high", "5001")
    assert ticket.due == talk.world.clock() + timedelta(hours=4)
    talk.world.fill_cart(make_cart())
    talk.world.wait(hours=20)
    assert "cart_reminder_1" not in talk.world.told()


def test_a_complaint_of_the_evening_is_due_in_the_shops_hours() -> None:
    talk = open_talk(MONDAY_EVENING)
    talk.do("complaint")
    assert talk.ticket().due == datetime(2026, 11, 4, 4, 0, tzinfo=UTC)  # 13:00 in Tokyo


def test_a_ticket_that_nobody_answers_is_moved_to_the_front(talk: Talk) -> None:
    talk.do("person")
    talk.world.wait(hours=3, minutes=59)
    assert talk.ticket().escalated_at is None
    talk.world.wait(minutes=2)
    assert talk.ticket().escalated_at is not None


def test_a_ticket_that_is_answered_in_time_stays_where_it_is(talk: Talk) -> None:
    talk.do("person")
    reply(talk)
    talk.world.wait(hours=8)
    assert talk.ticket().escalated_at is None


def test_who_does_not_answer_the_shop_is_asked_once_before_whatsapp_closes_the_talk(talk: Talk) -> None:
    talk.do("person")
    talk.world.wait(hours=1)
    reply(talk)
    talk.world.wait(hours=21, minutes=59)
    assert "conversation_follow_up" not in talk.world.told()
    talk.world.wait(minutes=2)
    assert talk.world.told("whatsapp")[-1] == "conversation_follow_up"
    talk.world.wait(days=5)
    assert talk.world.told().count("conversation_follow_up") == 1


def test_who_answers_the_shop_is_not_asked(talk: Talk) -> None:
    talk.do("person")
    reply(talk)
    talk.world.wait(hours=3)
    talk.type("Thank you")
    talk.world.wait(days=2)
    assert "conversation_follow_up" not in talk.world.told()


def test_two_days_after_a_complaint_is_solved_somebody_asks_whether_all_is_well(talk: Talk) -> None:
    talk.do("complaint")
    solve(talk)
    talk.world.wait(days=4)
    assert talk.world.told("whatsapp")[-1] == "ticket_follow_up"
    assert talk.labels() == ["All is well", "Not yet"]
    talk.tap("All is well")
    assert talk.world.told("whatsapp")[-1] == "ticket_follow_up_thanks"
    assert not talk.world.customer().open_tickets


def test_what_is_not_well_yet_is_looked_after_again(talk: Talk) -> None:
    talk.do("complaint")
    solve(talk)
    talk.world.wait(days=4)
    talk.tap("Not yet")
    assert talk.world.told("whatsapp")[-1] == "ticket_follow_up_sorry"
    assert talk.state() is ConversationState.WAITING
    [ticket] = talk.world.customer().open_tickets
    assert ticket.queue == "complaints"


def write_letter(talk: Talk, **changes: Any) -> None:
    """An e-mail of Aiko's."""
    world = talk.world
    letter = LetterReceived(
        letter_id=f"<{world.sequence}@example.jp>",
        via="email",
        at=world.clock(),
        email=str(AIKO.email),
        **{"subject": "The strap", "text": "The strap of my apron is loose.", **changes},
    )
    world.hear(letter, source="mail")


def test_a_letter_becomes_a_ticket_and_is_answered_by_letter_with_the_time(talk: Talk) -> None:
    write_letter(talk)
    assert talk.world.told() == ["letter_received"]
    [message] = talk.world.list_messages()
    assert message.channel is Channel.EMAIL
    ticket = talk.ticket()
    assert (ticket.queue, ticket.channel, ticket.data["subject"]) == ("letters", Channel.EMAIL, "The strap")


def test_letters_that_anybody_may_have_written_fill_nobodys_mailbox_with_receipts(talk: Talk) -> None:
    for number in range(3):
        write_letter(talk, is_proven=False, text=f"Letter {number}")
    assert talk.world.told() == ["letter_received"]
    assert len(talk.world.records.tickets) == 3  # people read them all
    write_letter(talk, text="I do write from here")
    assert talk.world.told() == ["letter_received", "letter_received"]


def test_an_answer_to_the_shops_letter_gets_no_receipt(talk: Talk) -> None:
    write_letter(talk)
    ticket = talk.ticket()
    write_letter(talk, ticket_id=ticket.ticket_id, customer_id=ticket.customer_id)
    assert talk.world.told() == ["letter_received"]
    assert len(talk.world.records.tickets) == 1


def test_a_letter_that_asks_a_common_question_is_answered_with_it_and_still_read(talk: Talk) -> None:
    write_letter(talk, subject="Password", text="I forgot my password and can't log in.")
    assert talk.world.told() == ["letter_received_faq"]
    [message] = talk.world.list_messages()
    assert message.data["turn.faq"] == "password"
    assert talk.ticket().queue == "letters"


def test_a_letter_under_an_address_that_nobody_proved_silences_no_talk(talk: Talk) -> None:
    write_letter(talk, is_proven=False)
    assert talk.ticket().data["sender_proven"] == "false"
    assert talk.state() is ConversationState.BOT
    talk.do("menu")
    assert talk.last().template == "talk_menu"
