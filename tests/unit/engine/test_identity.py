"""One person, one record: what joins, what never joins, and what a merge keeps."""

from __future__ import annotations

from okaeri.domain.customers import Identity, IdentityKind
from okaeri.domain.evidence import CustomersMerged, NumberChanged
from okaeri.domain.orders import Buyer, ShipmentStatus
from tests.world import AIKO, MONDAY, World, make_cart, make_order


def test_a_guest_who_comes_back_with_an_account_is_the_same_person() -> None:
    world = World()
    world.order(make_order("5001", buyer=Buyer(email=AIKO.email)))
    world.order(make_order("5002", buyer=AIKO))
    assert world.customer().orders_count == 2


def test_a_phone_alone_never_joins_two_records() -> None:
    world = World()
    world.order(make_order("5001", buyer=Buyer(email="a@example.jp", phone=AIKO.phone)))
    world.order(make_order("5002", buyer=Buyer(email="b@example.jp", phone=AIKO.phone)))
    assert len(world.customers.customers) == 2


def test_two_store_ids_are_two_people_though_they_share_an_email() -> None:
    world = World()
    world.order(make_order("5001", buyer=AIKO))
    world.order(make_order("5002", buyer=AIKO.model_copy(update={"store_customer_id": "7002"})))
    assert len(world.customers.customers) == 2


def test_an_account_and_a_guest_record_are_joined_by_the_email_and_their_runs_unite() -> None:
    world = World()
    world.order(make_order("5001", buyer=Buyer(store_customer_id="7001")))
    world.fill_cart(make_cart(buyer=Buyer(email=AIKO.email), opt_ins=()))
    assert len(world.customers.customers) == 2
    world.order(make_order("5002", buyer=AIKO))
    joined = world.customer()
    assert set(joined.orders) == {"5001", "5002"}
    assert "cart-recovery" in {run.journey for run in joined.runs}
    tombstone = next(c for c in world.customers.customers.values() if c.merged_into)
    assert tombstone.merged_into == joined.customer_id


def test_who_only_chatted_is_joined_when_meta_gives_user_id_and_phone_together() -> None:
    world = World()
    world.write("hello", phone=None, wa_user_id="JP.1")
    world.order(make_order())
    world.write("it is me", wa_user_id="JP.1")
    assert world.customer().wa_user_ids == ("JP.1",)
    assert world.customer().phones == (AIKO.phone,)


def test_a_shopper_who_hides_the_phone_is_reached_by_the_user_id() -> None:
    world = World()
    world.write("hi", phone=None, wa_user_id="JP.1")
    assert world.customer().consents["whatsapp:order"].given


def test_a_changed_number_is_followed() -> None:
    world = World()
    world.order(make_order())
    world.hear(NumberChanged(at=MONDAY, old_phone=AIKO.phone, new_phone="+819000000001", new_wa_user_id="JP.2"))
    assert world.customer().phones == ("+819000000001",)


def test_the_stores_own_merge_joins_two_accounts() -> None:
    world = World()
    world.order(make_order("5001", buyer=Buyer(store_customer_id="1", email="a@example.jp")))
    world.order(make_order("5002", buyer=Buyer(store_customer_id="2", email="b@example.jp")))
    world.hear(CustomersMerged(kept="1", lost="2", at=MONDAY))
    assert world.customer().emails == ("a@example.jp", "b@example.jp")
    world.ship("5002", ShipmentStatus.SHIPPED)
    assert world.told("email")[-1] == "shipment_shipped"


def test_a_merge_keeps_the_stricter_consent() -> None:
    world = World()
    first = Buyer(store_customer_id="1", email="a@example.jp", phone="+819000000001")
    second = Buyer(store_customer_id="2", email="b@example.jp", phone="+819000000002")
    world.order(make_order("5001", buyer=first))
    world.order(make_order("5002", buyer=second))
    world.consent("whatsapp", "order", given=False, buyer=second)
    world.hear(CustomersMerged(kept="1", lost="2", at=MONDAY))
    assert not world.customer().consents["whatsapp:order"].given


def test_an_identifier_on_more_than_20_orders_a_day_is_shared_and_gets_no_marketing() -> None:
    world = World()
    for number in range(21):
        world.order(make_order(str(number), buyer=Buyer(email="orders@marketplace.example"), opt_ins=()))
    customer = world.customer()
    assert customer.shared
    identity = Identity(kind=IdentityKind.EMAIL, value="orders@marketplace.example")
    assert world.customers.identities["kinari", identity].shared
    world.order(make_order("22", buyer=Buyer(email="orders@marketplace.example"), opt_ins=()))
    assert len(world.customers.customers) == 2


def test_an_order_without_any_contact_has_a_customer_of_its_own() -> None:
    world = World()
    world.order(make_order("5001", buyer=Buyer()))
    world.order(make_order("5002", buyer=Buyer()))
    assert len(world.customers.customers) == 2


def test_contact_data_that_comes_later_reaches_the_same_order() -> None:
    world = World()
    world.order(make_order("5001", buyer=Buyer(), opt_ins=()))
    world.order(make_order("5001", buyer=Buyer(email=AIKO.email), updated_at=MONDAY.replace(hour=5)))
    world.ship("5001", ShipmentStatus.SHIPPED)
    assert world.told("email") == ["shipment_shipped"]
