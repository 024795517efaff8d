"""The inbox: who is let in, answers, hand-over, solving, remedies, returns, and a word to all who wait."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from okaeri.catalogue.compile_templates import TEMPLATES, compile_template
from okaeri.domain.conversations import Conversation, ConversationState
from okaeri.domain.customers import OpenTicket
from okaeri.domain.evidence import StaffReplied, TicketReopened, TicketSolved
from okaeri.domain.messages import Message
from okaeri.domain.records import MediaRecord, Ticket, TimelineEntry
from okaeri.domain.remedies import RemedyKind
from okaeri.domain.stores import ShopHours, StoreSettings
from okaeri.domain.tickets import apply_changes, tag_sight
from okaeri.domain.values import Channel, Purpose
from okaeri.errors import Conflict, RefuseRequest, TryAgain
from okaeri.use_cases.admit_staff import MOST_FAILURES
from okaeri.use_cases.answer_customer import Notice, Reply
from okaeri.use_cases.give_remedy import Offer
from okaeri.use_cases.read_inbox import Filter
from tests.desk import KEN, MIA, ROLES, STORE, Desk
from tests.fakes import START

HOUR = timedelta(hours=1)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.meet()
    desk.open()
    return desk


def say(desk: Desk, text: str = "It comes tomorrow.", reply_id: str = "reply-01", by: Any = MIA, **more: Any) -> Ticket:
    return desk.inbox.answer.reply(desk.store, by, "t1", Reply(reply_id=reply_id, text=text, **more))


# ── Who is let in ──


def test_a_token_opens_its_own_store_and_no_other(desk: Desk) -> None:
    assert desk.inbox.admit("s1", "Bearer mia.secret", address="203.0.113.9") == MIA
    for store_id, header in (("s2", "Bearer mia.secret"), ("s1", "Bearer mia.other"), ("s1", "Bearer zoe.secret")):
        with pytest.raises(RefuseRequest) as refused:
            desk.inbox.admit(store_id, header, address="203.0.113.9")
        assert (refused.value.status, refused.value.code) == (401, "not_admitted")


def test_who_was_removed_is_out_at_once(desk: Desk) -> None:
    desk.staff.remove("s1", "mia")
    with pytest.raises(RefuseRequest, match="opens no inbox"):
        desk.inbox.admit("s1", "Bearer mia.secret", address="203.0.113.9")


def test_who_guesses_tokens_waits_a_minute_and_nobody_else_does(desk: Desk) -> None:
    for _ in range(MOST_FAILURES):
        with pytest.raises(RefuseRequest, match="opens no inbox"):
            desk.inbox.admit("s1", "Bearer mia.guess", address="203.0.113.9")
    with pytest.raises(RefuseRequest) as refused:
        desk.inbox.admit("s1", "Bearer mia.secret", address="203.0.113.9")
    assert refused.value.status == 429
    assert desk.inbox.admit("s1", "Bearer mia.secret", address="203.0.113.10") == MIA
    desk.clock.advance(minutes=1)
    assert desk.inbox.admit("s1", "Bearer mia.secret", address="203.0.113.9") == MIA


# ── Answers ──


def test_an_answer_goes_to_the_engine_and_makes_the_ticket_theirs(desk: Desk) -> None:
    ticket = say(desk)
    [told] = desk.heard()
    assert isinstance(told, StaffReplied)
    assert (told.customer_id, told.ticket_id, told.by, told.text) == ("c1", "t1", "mia", "It comes tomorrow.")
    assert (told.at, told.expected) == (START, False)
    assert (ticket.state, ticket.assignee, ticket.replied_by) == ("person", "mia", "mia")
    assert (ticket.first_told_at, ticket.last_told_at) == (START, START)


def test_the_first_answer_time_stays_when_more_is_said(desk: Desk) -> None:
    say(desk)
    desk.clock.advance(hours=1)
    ticket = say(desk, "Here it is.", "reply-02", by=KEN, anyway=True)
    assert (ticket.first_told_at, ticket.last_told_at, ticket.assignee) == (START, START + HOUR, "mia")


def test_the_same_answer_sent_twice_is_one(desk: Desk) -> None:
    say(desk)
    desk.clock.advance(hours=1)
    say(desk)
    assert len({envelope.id for _, envelope in desk.queues.evidence}) == 1
    assert (desk.look().last_told_at, desk.look().replies) == (START, 1)


def test_an_answer_that_the_queue_did_not_take_is_sent_again_by_the_same_press(desk: Desk) -> None:
    seen = tag_sight(desk.look())
    desk.queues.failing = True
    with pytest.raises(TryAgain):
        say(desk, seen=seen)
    desk.queues.failing = False
    say(desk, seen=seen)
    assert len(desk.heard()) == 1


def test_outside_the_window_the_answer_is_noted_and_the_customer_has_heard_nothing_yet(desk: Desk) -> None:
    desk.clock.advance(hours=30)
    ticket = say(desk)
    assert (ticket.replied_at, ticket.first_told_at) == (desk.clock(), None)
    assert len(desk.heard()) == 1


def test_a_colleague_who_answered_a_second_ago_is_told_of(desk: Desk) -> None:
    say(desk, by=KEN)
    desk.clock.advance(seconds=1)
    with pytest.raises(RefuseRequest, match="ken answered less than a minute ago") as refused:
        say(desk, "Tomorrow!", "reply-02")
    assert (refused.value.status, refused.value.code, refused.value.at) == (409, "answered_meanwhile", "seen")
    assert len(desk.heard()) == 1
    say(desk, "And sorry!", "reply-02", anyway=True)
    assert len(desk.heard()) == 2


def test_who_looked_before_the_customer_wrote_is_told_of_it(desk: Desk) -> None:
    seen = tag_sight(desk.look())
    desk.records.change_ticket("s1", "t1", {"last_heard_at": "2026-11-02T10:00:05Z"})
    desk.clock.advance(minutes=2)
    with pytest.raises(RefuseRequest, match="customer wrote 1 min ago"):
        say(desk, seen=seen)
    say(desk, seen=tag_sight(desk.look()))


def test_two_who_answer_in_the_same_moment_are_told_apart(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading and writing a colleague answers: the write fails, and the second look finds them."""
    save = desk.tickets.save
    raced: list[bool] = []

    def race(ticket: Ticket) -> None:
        if not raced:
            raced.append(True)
            other = {"replied_at": START, "replied_by": "ken", "reply_id": "other"}
            save(apply_changes(desk.look(), other))
            raise Conflict("changed_meanwhile")
        save(ticket)

    monkeypatch.setattr(desk.tickets, "save", race)
    with pytest.raises(RefuseRequest, match="ken answered"):
        say(desk)
    assert desk.heard() == []


def test_a_scheduled_answer_is_said_later_and_leaves_the_ticket_unanswered(desk: Desk) -> None:
    at = START + 20 * HOUR
    ticket = say(desk, at=at)
    [told] = desk.heard()
    assert isinstance(told, StaffReplied) and told.at == at
    assert (ticket.replied_at, ticket.first_told_at, ticket.state) == (None, None, "waiting")
    assert desk.list_notes() == [("scheduled", "mia", "It comes tomorrow.")]


@pytest.mark.parametrize("at", [START - HOUR, START + timedelta(days=31)])
def test_a_time_that_is_over_or_far_off_is_refused(desk: Desk, at: Any) -> None:
    with pytest.raises(RefuseRequest, match="30 days"):
        say(desk, at=at)


def test_a_quick_reply_brings_its_own_words(desk: Desk) -> None:
    say(desk, "", quick_reply="on-its-way")
    [told] = desk.heard()
    assert isinstance(told, StaffReplied) and told.text == "It is on its way."


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": " "}, "text_missing"),
        ({"text": "Both", "quick_reply": "on-its-way"}, "two_texts"),
        ({"text": "", "quick_reply": "nothing"}, "quick_reply_unknown"),
        ({"text": "See", "media_key": "files/other-store/a/b.jpg"}, "file_unknown"),
    ],
)
def test_an_answer_that_says_nothing_sensible_is_refused(desk: Desk, given: dict[str, Any], code: str) -> None:
    with pytest.raises(RefuseRequest) as refused:
        say(desk, **given)
    assert (refused.value.status, refused.value.code) == (422, code)
    assert refused.value.fix


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f00030101"
    "00b5e5e2360000000049454e44ae426082"
)


def test_a_file_is_kept_and_sent_along(desk: Desk) -> None:
    key = desk.inbox.keep_file(desk.store, MIA, PIXEL, claimed="image/png")
    assert key == desk.inbox.keep_file(desk.store, MIA, PIXEL, claimed="image/png")
    assert key.startswith("files/s1/") and key.endswith(".png")
    say(desk, "", media_key=key)
    [told] = desk.heard()
    assert isinstance(told, StaffReplied) and (told.media_key, told.text) == (key, "")


@pytest.mark.parametrize("body", [b"", b"<html>", b"MZ\x90\x00", PIXEL + b"0" * 5_000_000])
def test_what_customers_are_not_sent_is_not_kept(desk: Desk, body: bytes) -> None:
    with pytest.raises(RefuseRequest) as refused:
        desk.inbox.keep_file(desk.store, MIA, body, claimed="image/png")
    assert refused.value.status == 422


# ── Taking over, solving, reopening ──


def test_a_talk_without_a_ticket_is_taken_over_with_a_new_one(desk: Desk) -> None:
    desk.meet("c2")
    taken = desk.inbox.handle.take_talk(desk.store, MIA, "c2")
    again = desk.inbox.handle.take_talk(desk.store, KEN, "c2")
    assert taken.ticket_id == again.ticket_id
    assert (again.state, again.assignee, again.queue, again.order_id) == ("person", "ken", "conversation", "5001")
    told = desk.heard()[0]
    assert isinstance(told, TicketReopened)
    assert (told.customer_id, told.ticket_id, told.queue) == ("c2", taken.ticket_id, "conversation")


def test_a_talk_with_an_open_ticket_keeps_it(desk: Desk) -> None:
    opened = OpenTicket(ticket_id="t2", queue="help", opened_at=START)
    conversation = Conversation(state=ConversationState.WAITING, ticket_id="t2")
    desk.meet("c2", open_tickets=(opened,), conversation=conversation)
    desk.open("t2", "c2")
    assert desk.inbox.handle.take_talk(desk.store, MIA, "c2").ticket_id == "t2"


def test_a_talk_whose_ticket_was_solved_a_moment_ago_gets_a_new_one(desk: Desk) -> None:
    """The engine has not heard of it yet: the customer still carries the solved one."""
    desk.meet("c2", open_tickets=(OpenTicket(ticket_id="t2", queue="help", opened_at=START),))
    desk.open("t2", "c2")
    desk.inbox.handle.solve(desk.store, MIA, "t2", "replaced")
    taken = desk.inbox.handle.take_talk(desk.store, MIA, "c2")
    assert taken.ticket_id != "t2" and taken.state == "person"
    with pytest.raises(RefuseRequest, match="no such customer"):
        desk.inbox.handle.take_talk(desk.store, MIA, "c9")


def test_solving_tells_the_engine_and_again_where_it_may_not_have_heard(desk: Desk) -> None:
    desk.inbox.handle.solve(desk.store, MIA, "t1", "refunded")
    desk.clock.advance(hours=1)
    solved = desk.inbox.handle.solve(desk.store, KEN, "t1", "something else")
    assert (solved.state, solved.outcome, solved.solved_by, solved.solved_at) == ("solved", "refunded", "mia", START)
    told = desk.heard()
    assert all(isinstance(one, TicketSolved) and (one.outcome, one.at) == ("refunded", START) for one in told)
    assert len({envelope.id for _, envelope in desk.queues.evidence}) == 1
    assert desk.list_notes() == [("solved", "mia", "refunded")]


def test_a_solved_ticket_is_not_answered_before_it_is_reopened(desk: Desk) -> None:
    desk.inbox.handle.solve(desk.store, MIA, "t1", "refunded")
    with pytest.raises(RefuseRequest, match="is solved"):
        say(desk)
    desk.clock.advance(hours=1)
    reopened = desk.inbox.handle.reopen(desk.store, KEN, "t1")
    assert (reopened.solved_at, reopened.outcome, reopened.state, reopened.assignee) == (None, "", "person", "ken")
    assert reopened.due is not None and reopened.due > desk.clock() and reopened.reopened == 1
    assert isinstance(desk.heard()[-1], TicketReopened)
    say(desk)


def test_solving_it_a_second_time_is_news(desk: Desk) -> None:
    desk.inbox.handle.solve(desk.store, MIA, "t1", "refunded")
    desk.clock.advance(hours=1)
    desk.inbox.handle.reopen(desk.store, MIA, "t1")
    desk.inbox.handle.solve(desk.store, MIA, "t1", "replaced")
    ids = [envelope.id for _, envelope in desk.queues.evidence]
    assert len(set(ids)) == 3


def test_who_solves_what_the_customer_just_wrote_to_is_told(desk: Desk) -> None:
    seen = tag_sight(desk.look())
    desk.records.change_ticket("s1", "t1", {"last_heard_at": "2026-11-02T10:00:05Z"})
    with pytest.raises(RefuseRequest, match="customer wrote"):
        desk.inbox.handle.solve(desk.store, MIA, "t1", "done", seen=seen)
    assert desk.inbox.handle.solve(desk.store, MIA, "t1", "done", seen=seen, anyway=True).solved_at == START


def test_a_ticket_is_given_to_somebody_of_the_staff(desk: Desk) -> None:
    for _ in range(2):
        assert desk.inbox.handle.assign(desk.store, MIA, "t1", "ken").assignee == "ken"
    assert desk.list_notes() == [("assigned", "mia", "ken")]
    assert desk.inbox.handle.assign(desk.store, MIA, "t1", "").assignee == ""
    with pytest.raises(RefuseRequest) as refused:
        desk.inbox.handle.assign(desk.store, MIA, "t1", "zoe")
    assert refused.value.fix == "One of: ken, mia."


def test_notes_and_moves_stand_beside_the_ticket_with_who_made_them(desk: Desk) -> None:
    desk.inbox.handle.note(desk.store, MIA, "t1", "Calls back at three.")
    desk.inbox.handle.set_priority(desk.store, KEN, "t1", "high")
    assert sorted(desk.list_notes()) == [("note", "mia", "Calls back at three."), ("priority", "ken", "high")]
    assert desk.heard() == []


def test_a_ticket_that_is_not_there_is_nowhere(desk: Desk) -> None:
    with pytest.raises(RefuseRequest) as refused:
        desk.inbox.handle.take(desk.store, MIA, "t9")
    assert refused.value.status == 404


# ── Remedies and returns ──


def give(desk: Desk, by: Any, kind: str, amount: str | None = None, remedy_id: str = "remedy-1", text: str = "") -> Any:
    offer = Offer(remedy_id, RemedyKind(kind), None if amount is None else Decimal(amount), text)
    return desk.inbox.remedy.give(desk.store, by, "t1", offer)


def test_a_refund_within_the_limit_is_recorded_and_told(desk: Desk) -> None:
    ticket = give(desk, MIA, "refund", "20")
    assert ticket.remedy == "refund 20.00 EUR"
    [told] = desk.heard()
    assert isinstance(told, StaffReplied)
    assert told.text.startswith("We are refunding €20.00 for order #1001.")
    assert desk.list_notes() == [("remedy", "mia", "refund 20.00 EUR")]


def test_a_remedy_is_told_in_the_customers_language_or_in_ones_own_words(desk: Desk) -> None:
    desk.meet("c2", locale="ja")
    desk.open("t2", "c2")
    desk.inbox.remedy.give(desk.store, MIA, "t2", Offer("remedy-1", RemedyKind.REPLACEMENT))
    give(desk, MIA, "replacement", text="A new cup is on its way, Aya.")
    native, own = desk.heard()
    assert isinstance(native, StaffReplied) and "代わりの商品をお送りします（ご注文#1001）" in native.text
    assert isinstance(own, StaffReplied) and own.text == "A new cup is on its way, Aya."


def test_over_the_limit_the_refusal_says_who_may_and_nothing_is_told(desk: Desk) -> None:
    with pytest.raises(RefuseRequest) as refused:
        give(desk, MIA, "refund", "20.01")
    assert (refused.value.status, refused.value.code) == (403, "over_limit")
    assert str(refused.value) == "As agent you give no refund beyond 20 EUR for one ticket."
    assert refused.value.fix == "Ask a lead: they may."
    assert desk.heard() == [] and desk.look().remedies == ()
    assert give(desk, KEN, "refund", "20.01").remedy == "refund 20.01 EUR"


def test_what_nobody_may_give_says_how_that_is_changed(desk: Desk) -> None:
    with pytest.raises(RefuseRequest) as refused:
        give(desk, KEN, "credit", "1000")
    assert "okaeri staff role s1" in refused.value.fix


def test_the_same_remedy_sent_twice_is_one_and_two_count_together(desk: Desk) -> None:
    give(desk, MIA, "refund", "15")
    assert len(give(desk, MIA, "refund", "15").remedies) == 1
    assert len({envelope.id for _, envelope in desk.queues.evidence}) == 1
    with pytest.raises(RefuseRequest, match="EUR was given before"):
        give(desk, MIA, "refund", "10", "remedy-2")


def test_no_more_goes_back_than_was_paid(desk: Desk) -> None:
    with pytest.raises(RefuseRequest, match="60 EUR is left"):
        give(desk, KEN, "refund", "61")


def test_an_amount_is_one_that_the_currency_has(desk: Desk) -> None:
    with pytest.raises(RefuseRequest, match="no such amount"):
        give(desk, MIA, "refund", "1.005")
    yen = desk.store.model_copy(update={"currency": "JPY"})
    with pytest.raises(RefuseRequest, match="no such amount"):
        desk.inbox.remedy.give(yen, MIA, "t1", Offer("remedy-1", RemedyKind.REFUND, Decimal("10.5")))


def test_a_return_moves_on_and_the_customer_hears_of_each_stage_once(desk: Desk) -> None:
    for stage in ("requested", "approved", "approved"):
        desk.inbox.remedy.move_stage(desk.store, MIA, "t1", stage)
    texts = {one.reply_id: one.text for one in desk.heard() if isinstance(one, StaffReplied)}
    assert len(texts) == 2 and desk.look().stage == "approved"
    assert sorted(desk.list_notes()) == [("stage", "mia", "approved"), ("stage", "mia", "requested")]
    with pytest.raises(RefuseRequest) as refused:
        desk.inbox.remedy.move_stage(desk.store, MIA, "t1", "requested")
    assert refused.value.fix == "What comes next: received, refunded, declined."


# ── To all who wait ──


def announce(desk: Desk, by: Any = KEN, **more: Any) -> Any:
    texts = {"en": "Answers take until Monday.", "ja": "ご返信は月曜日になります。"}
    return desk.inbox.answer.announce(desk.store, by, Notice("storm-2026", texts, **more))


def test_everybody_who_waits_is_told_once_in_their_language_however_often_it_is_pressed(desk: Desk) -> None:
    desk.meet("c2", locale="ja")
    desk.open("t2", "c2")
    desk.open("t3", "c2")
    desk.meet("c3")
    desk.open("t4", "c3", last_told_at=START + HOUR)
    assert announce(desk).told == 2
    announce(desk)
    told = {one.reply_id: one for one in desk.heard() if isinstance(one, StaffReplied)}
    assert sorted(one.text for one in told.values()) == ["Answers take until Monday.", "ご返信は月曜日になります。"]
    assert all(one.expected for one in told.values())
    assert desk.look().replied_at is None


def test_a_notice_may_be_for_one_queue(desk: Desk) -> None:
    desk.meet("c2")
    desk.open("t2", "c2", queue="returns")
    assert announce(desk, queue="returns").told == 1


def test_hundreds_who_wait_are_told_in_parts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("okaeri.use_cases.answer_customer.MOST_WAITING", 20)
    for number in range(44):
        desk.meet(f"d{number}")
        desk.open(f"u{number:02}", f"d{number}", due=START + timedelta(minutes=number))
    notice = Notice("storm-2026", {"en": "Later."})
    told, after, calls = 0, "", 0
    while True:
        announced = desk.inbox.answer.announce(desk.store, KEN, notice, after=after)
        told, calls = told + announced.told, calls + 1
        if announced.after is None:
            break
        after = announced.after
    assert (told, calls) == (45, 3)


def test_all_who_wait_are_told_by_a_lead(desk: Desk) -> None:
    with pytest.raises(RefuseRequest) as refused:
        announce(desk, by=MIA)
    assert refused.value.status == 403


# ── What is seen ──


def test_lists_are_by_state_and_by_whose_they_are(desk: Desk) -> None:
    desk.open("t2", due=START + HOUR, assignee="mia", state="person")
    desk.open("t3", queue="dispute", due=START + 9 * HOUR)
    desk.open("t4")
    desk.inbox.handle.solve(desk.store, MIA, "t4", "done")

    def found(**wanted: Any) -> list[str]:
        page = desk.inbox.read.list(desk.store, Filter(**wanted))
        return [row.ticket.ticket_id for row in page.rows]

    assert found() == ["t3", "t2", "t1"]
    assert found(state="person") == ["t2"]
    assert found(state="solved") == ["t4"]
    assert found(assignee="mia") == ["t2"]
    assert found(assignee="-") == ["t3", "t1"]
    assert found(queue="help") == ["t2", "t1"]
    desk.open("t5", "c2", order_id="5002")
    assert found(customer_id="c2") == found(order_id="5002") == ["t5"]


def test_a_long_list_comes_in_pages(desk: Desk) -> None:
    for number in range(2, 8):
        desk.open(f"t{number}", due=START + number * HOUR)
    seen, after = [], ""
    while True:
        page = desk.inbox.read.list(desk.store, Filter(), limit=3, after=after)
        seen += [row.ticket.ticket_id for row in page.rows]
        if page.after is None:
            break
        after = page.after
    assert sorted(seen) == [f"t{number}" for number in range(1, 8)] and len(set(seen)) == 7


def test_a_ticket_is_shown_with_its_talk_its_files_and_what_may_be_done() -> None:
    hours = ShopHours(days={"mon": (("09:00", "17:00"),)})
    store = STORE.model_copy(update={"settings": StoreSettings(shop_hours=hours, roles=ROLES)})
    desk = Desk(store)
    desk.meet(last_name="Sato")
    desk.open()
    desk.records.put_timeline_entry(
        TimelineEntry(
            store_id="s1",
            customer_id="c1",
            entry_id="n1",
            at=START,
            kind="whatsapp.received",
            text="It broke",
            data={"type": "image", "media_id": "m1"},
        )
    )
    desk.records.put_media(
        MediaRecord(
            store_id="s1",
            customer_id="c1",
            media_id="m1",
            content_type="image/jpeg",
            key="files/s1/a/b.jpg",
            received_at=START,
        )
    )
    desk.inbox.handle.note(store, MIA, "t1", "Second time.")
    view = desk.inbox.read.show(store, MIA, "t1")
    assert view.customer.name == "Aya Sato"
    assert (view.row.deadline, view.row.is_owed, view.order_name) == ("due in 4 h (shop hours)", True, "#1001")
    assert view.window.is_open and view.window.channel is Channel.WHATSAPP
    assert [(line.who, line.text, line.media_id) for line in view.lines] == [("customer", "It broke", "m1")]
    assert view.files[0].link == "https://files.example/files/s1/a/b.jpg?for=3600"
    assert [note.text for note in view.notes] == ["Second time."]
    assert [(one.kind, one.left) for one in view.may_give] == [("replacement", None), ("refund", Decimal(20))]
    assert [ready.text for ready in view.quick_replies] == ["It is on its way."]
    assert view.seen == tag_sight(desk.look())


def test_what_the_assistant_said_is_read_in_its_words_and_not_by_a_templates_name(desk: Desk) -> None:
    for number, template in enumerate(("talk_person", "gone_since")):
        message = Message(
            message_id=f"m{number}", store_id="s1", customer_id="c1", channel=Channel.WHATSAPP, purpose=Purpose.ORDER,
            template=template, locale="en", free_form=True, decided_at=START + timedelta(minutes=number),
        )  # fmt: skip
        desk.messages.create(message)
    published = compile_template(TEMPLATES / "talk_person" / "en.yaml")
    desk.templates.templates["s1", "talk_person", "en"] = published
    said, forgotten = desk.inbox.read.show(desk.store, MIA, "t1").lines
    assert said.who == "assistant" and len(said.text) > 20 and "{" not in said.text
    assert (forgotten.template, forgotten.text) == ("gone_since", "")


def test_a_ticket_outlives_its_customer() -> None:
    desk = Desk()
    desk.open()
    assert desk.inbox.read.show(desk.store, MIA, "t1").customer.name == "Nobody knows their name"
    with pytest.raises(RefuseRequest, match="erased"):
        say(desk)
