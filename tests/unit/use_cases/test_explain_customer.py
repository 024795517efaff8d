"""Why did, or didn't, this customer get this: whom a name means, what the story says, and why there may be none."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from command_line.explain import show_explanation
from okaeri.domain.evidence import CustomersMerged, MessageOutcome, ShipmentSeen
from okaeri.domain.explanations import Explanation, Question
from okaeri.domain.messages import MessageCost, MessageState
from okaeri.domain.order_silence import Unread
from okaeri.domain.orders import Shipment, ShipmentStatus
from okaeri.domain.records import MediaRecord
from okaeri.domain.stores import Mode, Platform, Sending
from okaeri.use_cases.explain_customer import ExplainCustomer
from simulator.histories import MemoryHistories
from tests.unit.engine.shops import change_store, open_shop, place, set_mode, switch, write
from tests.world import AIKO, BOTH_OPT_INS, MONDAY, World, make_order

DOCUMENT = Path(__file__).parents[3] / "docs" / "explain.md"
REMINDER = write("news", "wait: PT10H", "send: one", "wait: P1D", "send: two")


def open_explainer(world: World) -> ExplainCustomer:
    return ExplainCustomer(
        customers=world.customers,
        records=world.records,
        histories=MemoryHistories(world.records, world.messages),
        touches=world.touches,
        clock=world.clock,
    )


def explain(world: World, who: str = "aiko@example.jp", **question: Any) -> Explanation:
    explainer = open_explainer(world)
    found = explainer.find(world.store, who)
    assert found is not None
    return explainer(world.store, found.customer, Question(**question))


def read(answer: Explanation) -> str:
    """Everything that is told, line by line."""
    lines = [text for entry in answer.entries for text in (entry.text, *(line.text for line in entry.lines))]
    standing = answer.standing
    return "\n".join([*lines, *standing.reach, *standing.facts, *standing.waiting, *standing.switches, *answer.notes])


# -- whom it means -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("aiko@example.jp", "e-mail"),
        (" Aiko@Example.JP ", "e-mail"),
        ("+81 90-1234-5678", "phone"),
        ("090-1234-5678", "phone"),
        ("7001", "the store's customer id"),
        ("#5001", "order #5001"),
        ("5001", "order 5001"),
    ],
)
def test_a_customer_is_found_by_each_of_their_names(text: str, by: str) -> None:
    world = World()
    world.order(make_order())
    found = open_explainer(world).find(world.store, text)
    assert found is not None
    assert (found.customer.customer_id, found.by) == (world.customer().customer_id, by)
    again = open_explainer(world).find(world.store, found.customer.customer_id)
    assert again is not None and again.by == "customer id"


def test_an_order_is_found_by_the_name_that_shoppers_know() -> None:
    world = World()
    world.order(make_order("820982911", name="#K1001"))
    found = open_explainer(world).find(world.store, "k1001")
    assert found is not None and found.order_id == "820982911"


def test_nobody_is_nobody() -> None:
    world = World()
    assert open_explainer(world).find(world.store, "nobody@example.jp") is None
    assert open_explainer(world).find(world.store, "#1") is None


# -- the story ---------------------------------------------------------------------------------------------------------


def test_the_story_says_what_happened_was_weighed_and_said_by_the_customers_clock() -> None:
    world = open_shop(REMINDER)
    place(world)
    world.wait(hours=30)
    answer = explain(world)
    assert answer.zone == "Asia/Tokyo"
    assert [entry.at for entry in answer.entries] == sorted(entry.at for entry in answer.entries)
    placed = next(entry for entry in answer.entries if entry.code == "order.placed")
    assert (f"{placed.at:%H:%M}", placed.text) == ("12:00", "Order #5001 is placed")
    assert [line.text for line in placed.lines] == ["news begins", "news waits until Mon 2 Nov 2026 22:00"]
    woken = [entry for entry in answer.entries if entry.code == "timer.due"]
    assert woken[0].text == "A wait of news is over"
    put_off = woken[0].lines[0].text
    assert put_off.startswith("one is put off: it is outside the hours for marketing — until Tue 3 Nov 2026 09:")
    (said,) = [entry for entry in answer.entries if entry.kind == "message"]
    assert said.text == "one by WhatsApp, in ja: waiting to be sent" and said.journeys == ("news",)
    (waiting,) = answer.standing.waiting
    assert waiting.startswith("news (5001) waits until Wed 4 Nov 2026 09:")


def test_what_became_of_a_message_and_what_was_done_about_it() -> None:
    world = open_shop(write("status", "send: one", purpose="order"))
    place(world)
    (message,) = world.list_messages()
    cost = MessageCost(amount="0.0073", rate="0.0073", category="utility", type="regular", market="Japan", settled=True)
    world.messages.move(message, MessageState.SENDING, expected=(MessageState.QUEUED,), at=world.clock(), cost=cost)
    world.clock.advance(minutes=1)
    at = world.clock()
    world.messages.report(
        "kinari", message.customer_id, message.message_id, MessageState.FAILED, at=at, reason="131026"
    )
    world.hear(
        MessageOutcome(
            customer_id=message.customer_id, message_id=message.message_id, outcome="failed", at=at, code="131026",
            address=AIKO.phone,
        )
    )  # fmt: skip
    answer = explain(world)
    failed = next(entry for entry in answer.entries if entry.kind == "message" and "WhatsApp" in entry.text)
    assert failed.text.endswith("failed (this number cannot be reached on WhatsApp (131026))")
    assert [line.text for line in failed.lines] == [
        "Mon 2 Nov 2026 12:01 failed: this number cannot be reached on WhatsApp (131026)",
        "It goes by e-mail instead",
        "It costs 0.0073 USD (utility, regular, Japan), as the provider says",
    ]
    assert "one failed, and is said on another channel: this number cannot be reached" in read(answer)
    assert "+819012345678 is not used for WhatsApp" in read(answer)
    assert "Order messages by WhatsApp: no, this number is not on WhatsApp." in answer.standing.reach


def test_what_whatsapp_did_not_deliver_costs_nothing_by_an_estimate() -> None:
    world = open_shop(write("status", "send: one", purpose="order"))
    place(world)
    (message,) = world.list_messages()
    cost = MessageCost(amount="0.0073", rate="0.0073", category="utility", type="regular", market="Japan")
    world.messages.move(message, MessageState.SENDING, expected=(MessageState.QUEUED,), at=world.clock(), cost=cost)
    assert "It costs 0.0073 USD (utility, regular, Japan), by our own estimate" in read(explain(world))
    world.messages.report(
        "kinari", message.customer_id, message.message_id, MessageState.FAILED, at=world.clock(), reason="131049"
    )
    assert "It costs" not in read(explain(world))


def test_what_they_wrote_and_agreed_to_stands_in_the_story_once() -> None:
    world = World()
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    world.clock.advance(minutes=5)
    world.write("Where is it?")
    told = read(explain(world))
    assert told.count("They write on WhatsApp: “Where is it?”") == 1
    assert told.count("They agree to marketing on WhatsApp") == 1
    assert "Source: whatsapp_opt_in (order 5001)" in told
    assert "They may be answered in free words on WhatsApp until Tue 3 Nov 2026 12:05." in told


def test_what_they_sent_is_told_with_where_it_is_or_why_it_is_not_kept() -> None:
    world = World()
    world.order(make_order())
    who = {"store_id": world.store.store_id, "customer_id": world.customer().customer_id, "received_at": MONDAY}
    kept = {"media_id": "m1", "content_type": "image/png", "size": 120_000, "key": "files/a/b.png", "may_publish": True}
    world.records.put_media(MediaRecord.model_validate(who | kept))
    world.records.put_media(MediaRecord.model_validate(who | {"media_id": "m2", "refused": "not_allowed:text/html"}))
    told = [(e.text, e.lines[0].text, e.lines[0].code) for e in explain(world).entries if e.kind == "media"]
    assert told == [
        ("They send a picture", "It is kept: image/png, 120,000 bytes, and may be published", "files/a/b.png"),
        ("They send a file", "It is not kept: files of this kind are not kept (text/html)", "not_allowed:text/html"),
    ]


def test_one_order_one_journey_one_message_or_the_time_since() -> None:
    world = World()
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    world.wait(days=2)
    world.order(make_order("5002", created_at=world.clock(), updated_at=world.clock()))
    both = explain(world)
    assert {order for entry in both.entries for order in entry.order_ids} == {"5001", "5002"}
    one = explain(world, order_id="5002")
    assert one.entries and all("5002" in entry.order_ids for entry in one.entries)
    named = explain(world, journey="payment-failed")
    assert named.entries and all("payment-failed" in entry.journeys for entry in named.entries)
    late = explain(world, since=MONDAY + timedelta(days=1))
    assert late.entries and all(entry.at > MONDAY for entry in late.entries)
    message = world.list_messages()[0]
    asked = explain(world, message_id=message.message_id[:8])
    assert {entry.kind for entry in asked.entries} == {"event", "message"}
    assert all(message.message_id in entry.messages for entry in asked.entries)


def test_the_story_of_a_record_that_turned_out_to_be_the_same_person_is_told_with_it() -> None:
    world = World()
    other = AIKO.model_copy(update={"store_customer_id": "7002", "email": "other@example.jp", "phone": None})
    world.order(make_order())
    world.order(make_order("5002", buyer=other))
    world.hear(CustomersMerged(kept="7001", lost="7002", at=world.clock()))
    told = explain(world, "7002")
    assert {order for entry in told.entries for order in entry.order_ids} == {"5001", "5002"}
    assert "1 other record turned out to be the same person: their story is here." in told.notes


def test_what_was_weighed_more_than_ninety_days_ago_is_said_to_be_gone() -> None:
    world = open_shop(REMINDER)
    place(world)
    assert explain(world).notes == ()
    world.wait(days=120)
    world.records.decisions.clear()  # the table has dropped them
    answer = explain(world)
    assert any(note.startswith("What was weighed is kept for 90 days") for note in answer.notes)
    assert "news ends: its last step is taken" in read(answer)
    assert "They agree to marketing on WhatsApp" in read(answer)


def test_modes_and_the_switch_are_told_with_what_they_mean_for_this_customer() -> None:
    world = open_shop(REMINDER, write("other", "send: three"))
    place(world)
    set_mode(world, "news", Mode.TEST)
    set_mode(world, "other", Mode.SHARE, 1)
    switch(world, Sending.ORDERS_ONLY)
    switches = explain(world).standing.switches
    assert switches == (
        "The shop has stopped marketing.",
        "news is in mode test: they are no tester.",
        "other is in mode share, 1 %: they are not among them.",
    )
    set_mode(world, "news", Mode.SHADOW)
    change_store(world, paused="stocktaking")
    assert explain(world).standing.switches[0] == "The shop is paused: stocktaking."
    assert "news is in mode shadow." in explain(world).standing.switches


def test_a_wish_that_is_put_off_says_since_when_until_when_and_why() -> None:
    world = open_shop(write("first", "send: greeting"), write("second", "wait: PT1H", "send: one"))
    place(world)
    world.wait(hours=1)
    (waiting,) = explain(world).standing.waiting
    assert waiting.startswith("second (5001) puts one off until Tue 3 Nov 2026 00:")
    assert waiting.endswith("wanted since Mon 2 Nov 2026 13:00: they have heard enough for today, from first.")
    assert any(
        fact.startswith("No more marketing before Tue 3 Nov 2026 00:00") for fact in explain(world).standing.facts
    )


# -- why nothing happened ----------------------------------------------------------------------------------------------


def test_an_order_that_never_came_is_said_to_have_never_come() -> None:
    world = World()
    silence = open_explainer(world).explain_order(world.store, "#1001")
    assert silence.lines[0] == "No event of the order #1001 itself ever came."
    assert "No webhook of this store ever came: okaeri doctor kinari" in silence.lines
    world.order(make_order())
    silence = open_explainer(world).explain_order(world.store, "#1001")
    assert any(line.startswith("shopify test came last at Mon 2 Nov 2026 03:00 UTC") for line in silence.lines)
    assert "orders/create never came: look whether the store sends it (docs/operations.md)." in silence.lines


def test_a_shop_of_the_store_api_is_told_to_look_for_what_it_sends() -> None:
    world = World()
    world.order(make_order())
    store = world.store.model_copy(update={"platform": Platform.STANDARD})
    silence = open_explainer(world).explain_order(store, "#1001")
    assert "order.placed never came: look whether the store sends it (docs/operations.md)." in silence.lines


def test_a_parcel_that_waits_for_its_order_is_named() -> None:
    world = World()
    parcel = Shipment(shipment_id="f1", status=ShipmentStatus.SHIPPED, at=MONDAY)
    world.hear(ShipmentSeen(order_id="1001", shipment=parcel), source="shopify fulfillments/create")
    silence = open_explainer(world).explain_order(world.store, "1001")
    assert silence.customer_id is None
    assert any(
        line.startswith("shopify fulfillments/create (shipment.seen) came at Mon 2 Nov 2026 03:00 UTC, and waits")
        for line in silence.lines
    )


def test_a_quiet_order_and_journeys_that_are_off_are_the_reason() -> None:
    world = open_shop(REMINDER)
    set_mode(world, "news", Mode.OFF)
    place(world, quiet="test")
    silence = open_explainer(world).explain_order(world.store, "5001")
    assert "No journey begins for it: the store's order is one of which nothing is said (test)." in silence.lines
    assert "Not switched on: news." in silence.lines
    assert silence.customer_id == world.customer().customer_id
    assert "news does not begin: the store's order is one of which nothing is said (test)" in read(explain(world))


def test_what_could_not_be_read_is_named_with_what_to_do() -> None:
    world = World()
    unread = Unread("shopify orders/create", "lines.0.price: not a number", "After a fix: okaeri quarantine replay.")
    lines = open_explainer(world).explain_order(world.store, "1001", [unread]).lines
    assert any("lines.0.price" in line and "okaeri quarantine replay" in line for line in lines)


def test_a_shop_without_journeys_is_told_to_publish() -> None:
    world = open_shop()
    lines = open_explainer(world).explain_order(world.store, "1001").lines
    assert "No journey is published for this store: okaeri publish kinari" in lines


# -- the documents -----------------------------------------------------------------------------------------------------


def deliver(world: World, template: str, channel: str, *moves: tuple[MessageState, str]) -> None:
    """A sender takes the message, and the provider reports."""
    message = next(m for m in world.list_messages() if (m.template, m.channel) == (template, channel))
    sending = world.messages.move(message, MessageState.SENDING, expected=(MessageState.QUEUED,), at=world.clock())
    assert sending is not None
    world.messages.move(sending, MessageState.ACCEPTED, expected=(MessageState.SENDING,), at=world.clock())
    for state, code in moves:
        world.clock.advance(seconds=40)
        key = (message.store_id, message.customer_id, message.message_id)
        world.messages.report(*key, state, at=world.clock(), reason=code)
        if state is MessageState.FAILED:
            outcome = MessageOutcome(
                customer_id=message.customer_id,
                message_id=message.message_id,
                outcome="failed",
                at=world.clock(),
                code=code,
                address=AIKO.phone,
            )
            world.hear(outcome)


def test_the_documented_answers_are_what_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    world = World()
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    world.wait(hours=8)
    world.ship("5001", ShipmentStatus.SHIPPED)
    deliver(world, "shipment_shipped", "whatsapp", (MessageState.FAILED, "131026"))
    deliver(world, "shipment_shipped", "email", (MessageState.DELIVERED, ""))
    explainer = open_explainer(world)
    found = explainer.find(world.store, "#5001")
    assert found is not None
    question = Question(since=MONDAY + timedelta(hours=1))
    show_explanation(explainer(world.store, found.customer, question), found)
    told = capsys.readouterr().out
    documented = re.findall(r"```text answer\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert [block in told for block in documented[:-1]] == [True] * (len(documented) - 1) and len(documented) > 2, told
    silence = explainer.explain_order(world.store, "#1001")
    assert documented[-1].splitlines() == list(silence.lines)[:3]
