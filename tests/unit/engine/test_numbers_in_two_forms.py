"""A number that is written in two ways is one person, and Meta's own names for them are linked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.domain.contact_data import normalise_phone
from okaeri.domain.evidence import WhatsappKnown
from okaeri.domain.orders import Buyer
from receive_whatsapp_event.payloads import Contact
from tests.world import AIKO, World, make_order


@pytest.mark.parametrize(
    ("typed", "country", "wa_id"),
    [
        ("(11) 98765-4321", "BR", "551187654321"),  # Chatwoot #5840
        ("55 1234 5678", "MX", "5215512345678"),
        ("11 2345-6789", "AR", "5491123456789"),
    ],
)
def test_the_number_at_checkout_and_the_one_that_whatsapp_shows_are_one_person(
    typed: str, country: str, wa_id: str
) -> None:
    world = World()
    buyer = Buyer(email="ana@example.com", phone=normalise_phone(typed, country), country=country)
    world.order(make_order(buyer=buyer))
    world.write("Oi", phone=Contact(wa_id=wa_id).wa_id, wa_user_id=f"{country}.1")
    customer = world.customer()
    assert (customer.phones, customer.wa_user_ids) == ((buyer.phone,), (f"{country}.1",))


def test_another_number_that_meta_answers_with_is_theirs_too_and_the_given_one_stays_in_use() -> None:
    world = World()
    world.order(make_order())
    world.hear(WhatsappKnown(customer_id=world.customer().customer_id, phone="+819099999999", wa_user_id="JP.9"))
    customer = world.customer()
    assert customer.phones == (AIKO.phone, "+819099999999")
    world.write("hello", phone="+819099999999")
    world.write("me again", phone=None, wa_user_id="JP.9")
    assert world.customer().customer_id == customer.customer_id


def test_a_number_that_is_somebody_elses_joins_nobody() -> None:
    world = World()
    world.order(make_order("5001", buyer=Buyer(email="a@example.jp", phone="+819099999999")))
    world.order(make_order("5002", buyer=Buyer(email="b@example.jp", phone="+819011111111")))
    first, second = (c.customer_id for c in world.customers.customers.values())
    world.hear(WhatsappKnown(customer_id=second, phone="+819099999999"))
    alive = [c.customer_id for c in world.customers.customers.values() if c.merged_into is None]
    assert sorted(alive) == sorted((first, second))


def test_who_came_by_an_advertisement_is_written_to_for_nothing_for_three_days() -> None:
    world = World()
    world.write("Oi", referral={"source_type": "ad", "source_id": "120201"})
    until = world.clock() + timedelta(hours=72)
    assert world.customer().free_entry_until == until
    world.wait(hours=1)
    world.write("still there?")
    assert world.customer().free_entry_until == until
