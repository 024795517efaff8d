"""One person, one record: what joins, what never joins, and what a merge keeps."""

from __future__ import annotations

from okaeri.domain.customers import Customer, Identity, IdentityKind, Run
from okaeri.domain.evidence import CustomerSeen, CustomersMerged, MessageCheck, NumberChanged
from okaeri.domain.gates import is_stopped
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.orders import Buyer, ShipmentStatus
from okaeri.domain.profile import unite_customers
from okaeri.domain.values import Channel
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
    world.hear(CustomerSeen(buyer=AIKO, at=world.clock()))
    joined = world.customer()
    assert joined.orders == ("5001",)
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


def test_everybody_who_carries_a_number_moves_along_though_the_engine_died_half_way() -> None:
    """Given again, the event found the next one who carried it: who moved depended on where the engine had died."""
    world = World()
    world.order(make_order())
    other = Buyer(email="other@example.com", phone=AIKO.phone)
    world.order(make_order("5004", buyer=other))
    moved = world.hear(NumberChanged(at=MONDAY, old_phone=AIKO.phone, new_phone="+819000000001"))
    for _ in range(2):
        assert {customer.phones for customer in world.customers.customers.values()} == {("+819000000001",)}
        world.give(moved, redelivered=True)
    world.write("STOP", phone="+819000000001")
    assert all(is_stopped(customer, Channel.WHATSAPP) for customer in world.customers.customers.values())


def test_news_of_an_old_order_does_not_bring_back_the_number_that_was_left() -> None:
    """Whoever is given the number next is somebody new, and is told nothing of what was hers."""
    world = World()
    world.order(make_order())
    world.hear(NumberChanged(at=MONDAY, old_phone=AIKO.phone, new_phone="+819000000001"))
    world.order(make_order(updated_at=MONDAY.replace(hour=5), cancelled_at=MONDAY.replace(hour=5)))
    world.write("hello", phone=AIKO.phone)
    assert {customer.phones for customer in world.customers.customers.values()} == {("+819000000001",), (AIKO.phone,)}


def test_the_stores_own_merge_joins_two_accounts() -> None:
    world = World()
    world.order(make_order("5001", buyer=Buyer(store_customer_id="1", email="a@example.jp")))
    world.order(make_order("5002", buyer=Buyer(store_customer_id="2", email="b@example.jp")))
    world.hear(CustomersMerged(kept="1", lost="2", at=MONDAY))
    assert world.customer().emails == ("a@example.jp", "b@example.jp")
    world.ship("5002", ShipmentStatus.SHIPPED)
    assert world.told("email")[-1] == "shipment_shipped"


def test_who_is_new_beside_two_that_were_merged_is_the_same_though_the_merge_died_half_way() -> None:
    names = []
    for is_finished in (True, False):
        world = World()
        world.order(make_order("5001"))
        first = world.customer().customer_id
        world.order(make_order("5002", buyer=Buyer(store_customer_id="2", email="b@example.jp")))
        world.hear(CustomersMerged(kept="2", lost="7001", at=MONDAY))
        if not is_finished:
            phone = Identity(kind=IdentityKind.PHONE, value=AIKO.phone or "")
            world.customers.move_identity("kinari", phone, first)
        before = set(world.customers.customers)
        world.order(make_order("5003", buyer=Buyer(email="other@example.com", phone=AIKO.phone)))
        names.append(set(world.customers.customers) - before)
    assert names[0] == names[1]
    assert len(names[0]) == 1


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


def test_a_stop_from_the_new_number_is_the_same_persons() -> None:
    world = World()
    world.order(make_order())
    world.hear(NumberChanged(at=MONDAY, old_phone=AIKO.phone, new_phone="+819000000001", new_wa_user_id="JP.2"))
    world.write("STOP", phone="+819000000001", wa_user_id="JP.2")
    world.ship("5001", ShipmentStatus.SHIPPED)
    assert world.customer().phones == ("+819000000001",)
    assert world.told("whatsapp")[-1] == "stop_confirmed"


def merge_after_an_order() -> tuple[World, Message]:
    """A confirmation was said to a record that the store then joins to another."""
    world = World()
    world.order(make_order("5001", buyer=Buyer(store_customer_id="1", email="a@example.jp"), opt_ins=()))
    world.order(make_order("5002", buyer=Buyer(store_customer_id="2", phone="+819000000002")))
    message = world.list_messages()[-1]
    world.hear(CustomersMerged(kept="1", lost="2", at=MONDAY))
    assert message.customer_id != world.customer().customer_id
    return world, message


def test_a_message_of_a_joined_record_is_still_repeated_once_where_its_answer_was_lost() -> None:
    world, message = merge_after_an_order()
    for _ in range(2):
        world.set_state(message, MessageState.UNCONFIRMED)
        world.wait(minutes=15)
        world.hear(MessageCheck(customer_id=message.customer_id, message_id=message.message_id), source="okaeri")
    assert [sent.queued.message_id for sent in world.queues.messages].count(message.message_id) == 2
    ended = world.messages.messages["kinari", message.customer_id, message.message_id]
    assert (ended.state, ended.reason) == (MessageState.FAILED, "unconfirmed")


def test_what_a_joined_record_has_decided_is_not_decided_again() -> None:
    world, _ = merge_after_an_order()
    for number in range(40):
        world.write(f"hello {number}", phone="+819000000002")
    world.records.orders.clear()
    world.order(make_order("5002", buyer=Buyer(store_customer_id="2", phone="+819000000002")))
    placed = [record for record in world.records.decisions.values() if record.event == "order.placed"]
    assert sorted(record.data["order.id"] for record in placed) == ["5001", "5002"]


def test_of_two_walks_through_one_journey_the_one_that_has_come_further_stays() -> None:
    started = {"journey": "cart-recovery", "definition": "d", "key": "chk1", "started_at": MONDAY}
    survivor, lost = (
        Customer(store_id="kinari", customer_id=name, created_at=MONDAY, runs=(Run(**started, step=step),))
        for name, step in (("a", 0), ("b", 4))
    )
    united, _ = unite_customers(survivor, lost)
    assert [run.step for run in united.runs] == [4]
