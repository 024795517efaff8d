"""business-meeting: who buys for a business is asked in person, once."""

from __future__ import annotations

from datetime import timedelta

from okaeri.domain.orders import OptIn, ShipmentStatus
from tests.talks import Talk
from tests.unit.journeys.shelves import open_store
from tests.world import AIKO, BOTH_OPT_INS, World, make_order

NEWS = OptIn(channel="email", purpose="marketing", source="checkout box")


def deliver(company: str | None) -> Talk:
    talk = Talk(World(store=open_store("business-meeting", off=("review-request",))))
    buyer = AIKO.model_copy(update={"company": company})
    talk.world.order(make_order(buyer=buyer, opt_ins=(*BOTH_OPT_INS, NEWS)))
    talk.world.ship("5001", ShipmentStatus.DELIVERED)
    talk.world.wait(days=15)
    return talk


def test_a_business_is_asked_on_a_working_day_by_e_mail_first() -> None:
    talk = deliver("Café Morgen")
    [message] = [message for message in talk.world.list_messages() if message.template == "meeting_invitation"]
    assert message.channel == "email"
    assert (message.decided_at + timedelta(hours=9)).weekday() < 5  # in Tokyo


def test_who_buys_for_themselves_is_not_asked() -> None:
    assert "meeting_invitation" not in deliver(None).world.told()


def test_a_yes_is_a_ticket_for_sales() -> None:
    talk = deliver("Café Morgen")
    [message] = [message for message in talk.world.list_messages() if message.template == "meeting_invitation"]
    talk.world.write("Yes, gladly", payload=f"ANSWER:{message.seed}:yes")
    ticket = talk.ticket()
    assert (ticket.queue, ticket.data["company"]) == ("sales", "Café Morgen")
    assert talk.last().template == "meeting_agreed"


def test_a_no_is_thanked_for_and_final() -> None:
    talk = deliver("Café Morgen")
    [message] = [message for message in talk.world.list_messages() if message.template == "meeting_invitation"]
    talk.world.write("No, thank you", payload=f"ANSWER:{message.seed}:no")
    assert talk.last().template == "meeting_declined"
    assert not talk.world.records.tickets
