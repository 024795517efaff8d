"""The inbox and the engine on one world: what people do is said, and what customers do is seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.domain.conversations import MAX_HELD, ConversationState
from okaeri.domain.records import Ticket
from okaeri.domain.remedies import RemedyKind
from okaeri.domain.staff import StaffMember
from okaeri.domain.stores import PublishedTemplate
from okaeri.errors import RefuseRequest
from okaeri.use_cases.answer_customer import Notice, Reply
from okaeri.use_cases.give_remedy import Offer
from okaeri.use_cases.keep_tickets import KeepTickets
from okaeri.use_cases.read_inbox import Filter, TicketView
from simulator.histories import MemoryHistories
from simulator.tickets import MemoryStaff, MemoryTickets
from tests.desk import make_inbox
from tests.world import MONDAY, World, make_order, make_store

MIA = StaffMember(store_id="kinari", name="mia", role="lead", token_hash="", added_at=MONDAY)
LANGUAGES = ("en", "ja")


class Shop:
    """A world without journeys, its inbox, and what goes from one to the other."""

    def __init__(self) -> None:
        reply = PublishedTemplate(whatsapp=LANGUAGES, email=LANGUAGES, chat=LANGUAGES)
        self.world = World(store=make_store({}, templates={"staff_reply": reply}), definitions={})
        world = self.world
        keep = KeepTickets(MemoryTickets(world.records), world.customers, world.queues, world.clock)
        histories = MemoryHistories(world.records, world.messages)
        self.inbox = make_inbox(keep, world.stores, MemoryStaff(MIA), world.records, histories, world.knowledge)
        world.order(make_order())
        world.write("Hello, my apron is torn")
        self.ticket_id = self.inbox.handle.take_talk(world.store, MIA, world.customer().customer_id).ticket_id
        self.carry()

    def carry(self) -> None:
        """The queue gives the engine what the inbox told it."""
        waiting = [envelope for _, envelope in self.world.queues.evidence]
        self.world.queues.evidence.clear()
        for envelope in waiting:
            self.world.give(envelope)

    def say(self, text: str, reply_id: str = "r1") -> None:
        reply = Reply(reply_id=reply_id, text=text, anyway=True)
        self.inbox.answer.reply(self.world.store, MIA, self.ticket_id, reply)
        self.carry()

    def look(self) -> TicketView:
        return self.inbox.read.show(self.world.store, MIA, self.ticket_id)

    @property
    def ticket(self) -> Ticket:
        return self.look().row.ticket

    def list_open(self) -> list[tuple[str, bool]]:
        rows = self.inbox.read.list(self.world.store, Filter()).rows
        return [(row.ticket.ticket_id, row.is_owed) for row in rows]


def test_a_talk_is_taken_over_answered_and_given_back() -> None:
    shop = Shop()
    assert [ticket.ticket_id for ticket in shop.world.customer().open_tickets] == [shop.ticket_id]
    assert shop.look().talk is ConversationState.PERSON
    shop.world.clock.advance(minutes=2)
    shop.say("Oh no! A new one leaves today.")
    [message] = shop.world.list_messages()
    assert (message.template, message.free_form, message.refs.ticket_id) == ("staff_reply", True, shop.ticket_id)
    shop.world.clock.advance(minutes=2)
    shop.world.write("Thank you!")
    assert shop.list_open() == [(shop.ticket_id, True)]
    assert [(line.who, line.by, line.text) for line in shop.look().lines] == [
        ("customer", "", "Hello, my apron is torn"),
        ("shop", "mia", "Oh no! A new one leaves today."),
        ("customer", "", "Thank you!"),
    ]
    shop.inbox.handle.solve(shop.world.store, MIA, shop.ticket_id, "replaced", anyway=True)
    shop.carry()
    assert shop.world.customer().open_tickets == () and shop.list_open() == []
    assert shop.look().talk in (ConversationState.SOLVED, ConversationState.BOT)


def test_the_first_answer_is_the_one_that_reached_the_customer() -> None:
    shop = Shop()
    shop.world.wait(hours=30)
    shop.say("Sorry that it took so long.")
    assert shop.ticket.first_told_at is None and shop.list_open() == [(shop.ticket_id, False)]
    held = [line.text for line in shop.look().lines if line.state == "held"]
    assert held == ["Sorry that it took so long."] and not shop.look().window.is_open
    shop.world.wait(hours=1)
    shop.world.write("Yes?")
    assert shop.ticket.first_told_at == shop.world.clock()
    assert shop.list_open() == [(shop.ticket_id, True)], "they wrote, so somebody looks again"
    assert [line.text for line in shop.look().lines if line.state == "held"] == []
    shop.world.wait(hours=1)
    shop.say("And here is the new one.", "r2")
    assert shop.ticket.first_told_at == shop.world.clock() - timedelta(hours=1)


def test_an_answer_that_could_not_be_held_any_more_is_refused_and_none_is_lost() -> None:
    shop = Shop()
    shop.world.wait(hours=30)
    for number in range(MAX_HELD):
        shop.say(f"line {number}", f"r{number}")
    shop.say("line 0", "r0")  # sent twice it is the one that waits
    with pytest.raises(RefuseRequest, match="10 answers wait already"):
        shop.say("one too many", "r10")
    shop.world.write("yes?")
    said = [m.data["reply.text"] for m in shop.world.list_messages() if m.free_form]
    assert said == [f"line {number}" for number in range(MAX_HELD)]
    shop.say("That was all", "r11")


def test_the_customer_who_writes_while_somebody_types_is_not_missed() -> None:
    shop = Shop()
    seen = shop.look().seen
    shop.world.clock.advance(seconds=5)
    shop.world.write("It is the blue one, by the way")
    with pytest.raises(RefuseRequest, match="customer wrote"):
        shop.inbox.answer.reply(
            shop.world.store, MIA, shop.ticket_id, Reply(reply_id="r1", text="Which one?", seen=seen)
        )
    assert shop.world.list_messages() == []


def test_a_ticket_that_is_reopened_and_solved_again_is_heard_again() -> None:
    shop = Shop()
    for outcome in ("replaced", "refunded"):
        shop.world.clock.advance(hours=1)
        shop.inbox.handle.solve(shop.world.store, MIA, shop.ticket_id, outcome, anyway=True)
        shop.carry()
        assert shop.world.customer().open_tickets == ()
        if outcome == "replaced":
            shop.inbox.handle.reopen(shop.world.store, MIA, shop.ticket_id)
            shop.carry()
            assert len(shop.world.customer().open_tickets) == 1
            assert shop.ticket.solved_at is None


def test_a_remedy_is_said_to_the_customer_once() -> None:
    shop = Shop()
    for _ in range(2):
        shop.inbox.remedy.give(shop.world.store, MIA, shop.ticket_id, Offer("remedy-1", RemedyKind.REPLACEMENT))
        shop.carry()
    [message] = shop.world.list_messages()
    assert "代わりの商品" in message.data["reply.text"]


def test_a_notice_is_said_once_however_often_it_is_pressed_and_they_wait_on() -> None:
    shop = Shop()
    notice = Notice("storm-2026", {"ja": "ご返信は月曜日になります。"})
    for _ in range(2):
        shop.inbox.answer.announce(shop.world.store, MIA, notice)
        shop.carry()
        shop.world.clock.advance(minutes=10)
    assert len(shop.world.list_messages()) == 1
    assert shop.list_open() == [(shop.ticket_id, True)]


def test_who_answers_and_solves_in_one_go_has_solved_it() -> None:
    shop = Shop()
    shop.inbox.answer.reply(
        shop.world.store, MIA, shop.ticket_id, Reply(reply_id="r1", text="A new one leaves today.", anyway=True)
    )
    shop.inbox.handle.solve(shop.world.store, MIA, shop.ticket_id, "replaced", anyway=True)
    shop.carry()
    assert (shop.ticket.state, shop.ticket.replies, shop.ticket.reopened) == ("solved", 1, 0)
    assert shop.world.told() == ["staff_reply"] and shop.world.customer().open_tickets == ()


def test_a_ticket_that_is_reopened_and_solved_in_one_go_stays_solved() -> None:
    shop = Shop()
    shop.inbox.handle.solve(shop.world.store, MIA, shop.ticket_id, "replaced")
    shop.carry()
    shop.world.clock.advance(hours=1)
    shop.inbox.handle.reopen(shop.world.store, MIA, shop.ticket_id)
    shop.inbox.handle.solve(shop.world.store, MIA, shop.ticket_id, "refunded")
    shop.carry()
    assert (shop.ticket.state, shop.ticket.outcome, shop.ticket.reopened) == ("solved", "refunded", 1)
    assert shop.world.customer().open_tickets == ()
