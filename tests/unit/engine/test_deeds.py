"""What a journey does besides speaking: tickets, webhooks, codes, tags, events; how each comes back, or does not."""

from __future__ import annotations

from datetime import timedelta

from okaeri.domain.evidence import ActionDone, CustomersMerged, InterestSeen, TicketSolved
from okaeri.domain.orders import Buyer
from okaeri.domain.stores import Mode
from tests.unit.engine.shops import open_shop, place, set_mode, write
from tests.world import World

CALL = "call: {id: crm, webhook: crm, data: {total: order.total}, timeout: PT1H}"
ON_LEVEL = """branch:
      - when: {field: call.crm.level, is: gold}
        steps: [{send: gold}]
      - when: {field: run.outcome, is: failed}
        steps: [{send: sorry}]
      - when: {field: run.outcome, is: timeout}
        steps: [{send: late}]
      - otherwise: [{send: plain}]"""
COUPON = "issue_coupon: {id: thanks, pool: autumn}"
ON_CODE = """branch:
      - when: {field: run.outcome, is: issued}
        steps: [{send: with_code}]
      - otherwise: [{send: without_code}]"""


def finish(world: World, *, ok: bool = True, number: int = -1, **data: str) -> ActionDone:
    """The outside answers what was asked of it last."""
    request = world.queues.actions[number]
    done = ActionDone(
        customer_id=request.customer_id,
        action_id=request.action_id,
        action=request.kind,
        ok=ok,
        at=world.clock(),
        data=data,
    )
    world.hear(done, source="okaeri act")
    return done


def test_a_webhook_is_called_once_and_its_answer_chooses_the_way() -> None:
    world = open_shop(write("news", CALL, ON_LEVEL, purpose="order"))
    place(world)
    (request,) = world.queues.actions
    assert (request.kind, request.target, request.data) == ("call", "crm", {"total": "9600"})
    assert world.told() == []
    finish(world, level="gold")
    assert world.told("whatsapp") == ["gold"]
    assert "news.act call.answered" in world.why()


def test_a_webhook_that_fails_or_answers_never_has_ways_of_its_own() -> None:
    failing = open_shop(write("news", CALL, ON_LEVEL, purpose="order"))
    place(failing)
    finish(failing, ok=False, reason="http_500")
    assert failing.told("whatsapp") == ["sorry"] and "news.act call.failed http_500" in failing.why()
    silent = open_shop(write("news", CALL, ON_LEVEL, purpose="order"))
    place(silent)
    silent.wait(hours=2)
    assert silent.told("whatsapp") == ["late"]


def test_an_answer_that_comes_twice_or_after_the_time_out_changes_nothing() -> None:
    world = open_shop(write("news", CALL, ON_LEVEL, "wait: P1D", "send: later", purpose="order"))
    place(world)
    world.wait(hours=2)
    finish(world, level="gold")
    finish(world, level="gold")
    assert world.told("whatsapp") == ["late"]


def test_the_answer_to_one_call_is_not_taken_for_another_ones() -> None:
    second = CALL.replace("id: crm", "id: other").replace("webhook: crm", "webhook: other")
    world = open_shop(write("news", CALL, second, "send: done", purpose="order"))
    place(world)
    finish(world, level="gold")
    finish(world, number=0, level="silver")
    assert world.told() == []
    finish(world, number=1)
    assert world.told("whatsapp") == ["done"]


def test_a_code_is_drawn_once_for_a_run_and_said_in_the_message() -> None:
    world = open_shop(write("news", COUPON, ON_CODE, purpose="order"))
    place(world)
    finish(world, code="AUTUMN-1")
    assert world.told("whatsapp") == ["with_code"]
    assert world.list_messages()[-1].data == {"coupon.thanks": "AUTUMN-1"}
    assert len(world.queues.actions) == 1


def test_an_empty_pool_and_a_silent_one_leave_the_message_without_a_code() -> None:
    empty = open_shop(write("news", COUPON, ON_CODE, purpose="order"))
    place(empty)
    finish(empty, ok=False, reason="pool_empty")
    assert empty.told("whatsapp") == ["without_code"]
    assert "coupon.thanks" not in empty.list_messages()[-1].data
    silent = open_shop(write("news", COUPON, ON_CODE, purpose="order"))
    place(silent)
    silent.wait(hours=2)
    assert silent.told("whatsapp") == ["without_code"]


def test_a_ticket_is_opened_once_with_its_order_and_may_be_waited_for() -> None:
    wait = "wait: {event: ticket.solved, match: customer, timeout: P9D}"
    ticket = "open_ticket: {queue: help, due: PT4H, subject: Late, priority: high}"
    world = open_shop(write("care", ticket, wait, "send: solved_it", purpose="order"))
    place(world)
    (kept,) = world.records.tickets.values()
    assert (kept.queue, kept.order_id, kept.priority) == ("help", "5001", "high")
    assert kept.due == world.clock() + timedelta(hours=4)
    world.wait(days=1)
    solved = TicketSolved(customer_id=kept.customer_id, ticket_id=kept.ticket_id, at=world.clock(), outcome="refunded")
    world.hear(solved, source="okaeri tickets")
    world.hear(solved, source="okaeri tickets")
    assert world.told("whatsapp") == ["solved_it"]
    assert world.customer().open_tickets == ()


def test_what_two_customers_are_owed_over_one_product_is_two_things() -> None:
    steps = ("open_ticket: {queue: conversation, subject: Asked for it}", COUPON, ON_CODE)
    world = open_shop(write("news", *steps, purpose="order", event="wishlist.added", key="product.id"))
    for number in ("1", "2"):
        buyer = Buyer(store_customer_id=number, email=f"aiko{number}@example.jp")
        world.hear(InterestSeen(buyer=buyer, product_id="p1", variant_id=None, wish="wishlist", at=world.clock()))
    first, second = world.queues.actions
    assert first.customer_id != second.customer_id
    assert first.action_id != second.action_id
    assert len(world.records.tickets) == 2
    # What came of it finds the run though its customer has become one with the other meanwhile.
    world.hear(CustomersMerged(kept="1", lost="2", at=world.clock()))
    finish(world, code="AUTUMN-2")
    assert world.told("email") == ["with_code"]


def test_opening_a_ticket_may_begin_another_journey() -> None:
    world = open_shop(
        write("care", "open_ticket: {queue: help}", purpose="order"),
        write("calm", "send: we_are_on_it", purpose="order", event="ticket.opened", key="ticket.id"),
    )
    place(world)
    assert world.told("whatsapp") == ["we_are_on_it"]


def test_tags_and_attributes_are_there_for_the_next_journey() -> None:
    world = open_shop(
        write("mark", "tag: {add: [vip, gift], remove: new}", "set: {attribute: size, value: M}", purpose="order"),
        write("use", "wait: PT1H", "branch: [{when: {tag: vip}, steps: [{send: for_vips}]}]", purpose="order"),
    )
    place(world)
    world.wait(hours=2)
    assert world.customer().tags == ("vip", "gift") and world.customer().attributes == {"size": "M"}
    assert world.told("whatsapp") == ["for_vips"]


def test_an_event_of_ones_own_begins_another_journey_once() -> None:
    world = open_shop(
        write("mark", "emit: {event: custom.vip, data: {total: order.total}}", purpose="order"),
        write("greet", "send: hello_vip", purpose="order", event="custom.vip"),
    )
    place(world)
    assert world.told("whatsapp") == ["hello_vip"]
    decision = next(record for record in world.records.decisions.values() if record.event == "custom.vip")
    assert decision.data["total"] == "9600" and decision.data["order.id"] == "5001"


def test_journeys_that_emit_for_each_other_stop_after_eight_hops() -> None:
    world = open_shop(
        write("ping", "emit: custom.pong", purpose="order", event="[order.placed, custom.ping]", key="event.id"),
        write("pong", "emit: custom.ping", purpose="order", event="custom.pong", key="event.id"),
    )
    place(world)
    emitted = [record.event for record in world.records.decisions.values() if record.event.startswith("custom.")]
    assert len(emitted) == 8
    assert any(why.endswith("not emitted circle") for why in world.why())


def test_what_is_emitted_on_entering_a_segment_starts_its_journeys_too() -> None:
    world = open_shop(
        write("welcome", "emit: custom.hello", event="segment.entered", key="event.id", purpose="order"),
        write("hello", "send: one", event="custom.hello", key="event.id", purpose="order"),
    )
    place(world)
    assert world.told("whatsapp") == ["one"]


def test_in_shadow_mode_a_journey_opens_no_ticket_calls_nobody_and_draws_no_code() -> None:
    """Shadow means that nothing leaves the house, and what was tried changes no customer."""
    world = open_shop(
        write("news", "open_ticket: {queue: help}", "tag: vip", CALL, "send: one", purpose="order"),
        write("codes", COUPON, "send: two", purpose="order"),
    )
    set_mode(world, "news", Mode.SHADOW)
    set_mode(world, "codes", Mode.SHADOW)
    place(world)
    world.wait(hours=3)
    assert world.queues.actions == [] and world.records.tickets == {}
    assert world.customer().open_tickets == () and world.customer().tags == ()
    recorded = [message.template for message in world.messages.messages.values()]
    assert sorted(recorded) == ["one", "two"]
    assert "news.act not done shadow" in world.why()
