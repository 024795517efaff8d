"""What a message that may not go out now comes to: later, another channel, together with a sibling, or nothing."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from okaeri.domain.evidence import TicketSolved
from okaeri.domain.orders import OptIn
from tests.unit.engine.shops import open_shop, place, write
from tests.world import AIKO, BOTH_OPT_INS, World

TOKYO = ZoneInfo("Asia/Tokyo")
ALL_OPT_INS = (*BOTH_OPT_INS, OptIn(channel="email", purpose="marketing", source="newsletter", explicit=True))


def list_moments(world: World, zone: ZoneInfo = TOKYO) -> list[str]:
    return [
        f"{message.decided_at.astimezone(zone):%d %H} {message.channel} {message.template}"
        for message in world.list_messages()
    ]


# -- later -------------------------------------------------------------------------------------------------------------


def test_what_is_wanted_at_night_is_said_in_the_morning_by_the_customers_clock() -> None:
    world = open_shop(write("news", "wait: PT10H", "send: one"))
    place(world)
    world.wait(hours=10)
    (run,) = world.customer().runs
    assert run.waiting is not None and (run.waiting.wish, run.waiting.wanted_at) == ("one", world.clock())
    assert "news.one deferred outside_hours" in world.why()
    world.wait(days=1)
    assert list_moments(world) == ["03 09 whatsapp one"]


def test_a_cart_that_is_bought_in_the_night_is_not_reminded_of_in_the_morning() -> None:
    exits = "[{event: order.paid, match: order.id, reason: paid}]"
    world = open_shop(write("news", "wait: PT10H", "send: one", exit=exits))
    place(world, payment="pending")
    world.wait(hours=11)
    place(world, payment="paid")
    world.wait(days=1)
    assert world.told() == []
    assert "news.run ended paid" in world.why()


def test_what_would_come_too_late_is_dropped_at_once_and_the_journey_goes_on() -> None:
    world = open_shop(
        write("news", "wait: PT10H", "send: {template: one, valid_for: PT2H}", "wait: PT13H", "send: two")
    )
    place(world)
    world.wait(hours=10)
    assert "news.one expired outside_hours" in world.why()
    world.wait(days=1)
    assert world.told("whatsapp") == ["two"]


def test_what_woke_too_late_is_dropped_and_takes_no_room_from_what_is_still_of_use() -> None:
    world = open_shop(write("news", "wait: PT10H", "send: one"), write("tips", "wait: P4DT1H", "send: two"))
    place(world)
    world.wait(hours=11)
    world.clock.now += timedelta(days=4, hours=12)  # nothing ran for four days
    world.wait(hours=12)
    assert "news.one expired too_late" in world.why()
    assert world.told("whatsapp") == ["two"]


def test_an_order_message_knows_no_hours() -> None:
    world = open_shop(write("news", "wait: PT10H", "send: one", purpose="order"))
    place(world)
    world.wait(hours=10)
    assert list_moments(world) == ["02 22 whatsapp one"]


# -- on another channel ------------------------------------------------------------------------------------------------


BRAZILIAN = AIKO.model_copy(update={"country": "BR", "time_zone": "America/Sao_Paulo", "phone": "+5511987654321"})


def open_saturday_evening(valid_for: str) -> World:
    """In Brazil WhatsApp is quiet from Saturday at four until Monday, mail is not."""
    step = f"send: {{template: one, valid_for: {valid_for}}}"
    world = open_shop(write("news", "wait: P5DT17H", step), locale="pt_BR", country="BR")
    place(world, buyer=BRAZILIAN, opt_ins=ALL_OPT_INS)
    world.wait(days=5, hours=17)
    return world


def test_a_channel_that_opens_too_late_is_passed_over_for_one_that_is_open() -> None:
    world = open_saturday_evening("PT5H")
    assert list_moments(world, ZoneInfo("America/Sao_Paulo")) == ["07 17 email one"]
    assert "news.one rerouted rerouted_outside_hours" in world.why()


def test_the_preferred_channel_is_waited_for_where_it_opens_in_time() -> None:
    world = open_saturday_evening("P3D")
    assert world.told() == []
    world.wait(days=2)
    assert list_moments(world, ZoneInfo("America/Sao_Paulo")) == ["09 09 whatsapp one"]


# -- together ----------------------------------------------------------------------------------------------------------


def test_siblings_that_wait_for_the_morning_are_said_once_by_the_newest() -> None:
    world = open_shop(write("news", "wait: PT10H", "send: one", "wait: P1D", "send: two"))
    place(world)
    world.wait(hours=1)
    place(world, "5002")
    world.wait(hours=24)
    assert world.told("whatsapp") == ["one"]
    (message,) = [message for message in world.list_messages() if message.template == "one"]
    assert (message.refs.order_id, message.refs.siblings) == ("5002", ("5001",))
    world.wait(days=3)
    assert list_moments(world) == ["03 09 whatsapp one", "04 09 whatsapp two", "05 09 whatsapp two"]  # one a day
    assert not world.customer().runs


def test_gathered_siblings_are_one_message_that_names_the_others() -> None:
    world = open_shop(write("thanks", "send: {template: one, gather: PT10M}", purpose="order"))
    place(world)
    world.wait(minutes=3)
    place(world, "5002")
    world.wait(minutes=2)
    place(world, "5003")
    world.wait(hours=1)
    (message,) = [message for message in world.list_messages() if message.channel == "whatsapp"]
    assert message.refs.order_id == "5001" and sorted(message.refs.siblings) == ["5002", "5003"]
    assert not world.customer().runs
    assert world.why().count("thanks.one merged said_by_sibling") == 2


def test_one_that_comes_after_the_others_were_said_is_said_for_itself() -> None:
    world = open_shop(write("thanks", "send: {template: one, gather: PT10M}", purpose="order"))
    place(world)
    world.wait(minutes=11)
    place(world, "5002")
    world.wait(hours=1)
    assert [message.refs.order_id for message in world.list_messages()] == ["5001", "5002"]


# -- a ticket, a talk --------------------------------------------------------------------------------------------------

COMPLAINT = write("complaint", "open_ticket: {queue: help, due: PT4H}", purpose="order")


def test_while_a_ticket_is_open_there_is_no_marketing_and_order_news_go_on() -> None:
    world = open_shop(
        COMPLAINT,
        write("news", "wait: PT1H", "send: {template: one, valid_for: P9D}"),
        write("status", "wait: PT1H", "send: two", purpose="order"),
    )
    place(world)
    world.wait(days=3)
    assert world.told("whatsapp") == ["two"]
    assert "news.one deferred open_ticket" in world.why()
    (ticket,) = world.customer().open_tickets
    customer_id = world.customer().customer_id
    world.hear(TicketSolved(customer_id=customer_id, ticket_id=ticket.ticket_id, at=world.clock(), outcome="refunded"))
    assert world.customer().open_tickets == ()
    world.wait(days=2)
    assert world.told("whatsapp") == ["two", "one"]


def test_a_ticket_that_stays_open_longer_than_the_message_is_useful_lets_it_expire() -> None:
    world = open_shop(COMPLAINT, write("news", "wait: PT1H", "send: {template: one, valid_for: P2D}"))
    place(world)
    world.wait(days=5)
    assert world.told() == []
    assert "news.one expired open_ticket" in world.why()


def test_who_is_talking_with_the_shop_hears_marketing_an_hour_after_their_last_word() -> None:
    world = open_shop(write("news", "wait: PT1H", "send: one"))
    place(world)
    world.wait(minutes=50)
    world.write("Do you have it in blue?")
    world.wait(minutes=40)
    world.write("And in red?")
    assert world.told() == [] and "news.one deferred in_conversation" in world.why()
    world.wait(minutes=59)
    assert world.told() == []
    world.wait(minutes=2)
    assert world.told("whatsapp") == ["one"]


def test_order_news_answer_into_a_talk() -> None:
    world = open_shop(write("status", "wait: PT1H", "send: one", purpose="order"))
    place(world)
    world.wait(minutes=50)
    world.write("Where is it?")
    world.wait(minutes=10)
    assert world.told("whatsapp") == ["one"]


def test_who_takes_back_their_consent_while_a_message_waits_gets_it_nowhere() -> None:
    world = open_shop(write("news", "wait: PT10H", "send: one"))
    place(world)
    world.wait(hours=11)
    world.write("STOP")
    world.wait(days=2)
    assert "one" not in world.told()
    assert "one not said nobody_reachable" in world.why()


def test_who_moves_to_another_country_meanwhile_is_told_by_the_clock_there() -> None:
    world = open_shop(write("news", "wait: PT10H", "send: {template: one, valid_for: P3D}"))
    place(world)
    world.wait(hours=11)
    moved = AIKO.model_copy(update={"country": "DE", "time_zone": "Europe/Berlin"})
    place(world, "5002", buyer=moved)
    world.wait(days=3)
    said = [message.decided_at.astimezone(ZoneInfo("Europe/Berlin")) for message in world.list_messages()]
    assert said and all(9 <= moment.hour < 20 for moment in said)
