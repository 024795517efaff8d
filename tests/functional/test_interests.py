"""Who waits for a product: the table and the simulator agree on places, rounds and looks, whatever comes twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import boto3
import pytest

from okaeri.adapters.interests import DynamoInterests
from okaeri.domain.interests import name_place
from okaeri.domain.records import Interest
from okaeri.ports import Interests
from tests.fakes import START, FakeClock, FakeInterests
from tests.functional.aws_from_template import MadeStack

LATER = START + timedelta(hours=1)


@pytest.fixture(params=["table", "memory"])
def interests(request: pytest.FixtureRequest, made_stack: MadeStack) -> Interests:
    if request.param == "memory":
        return FakeInterests()
    return DynamoInterests(boto3.client("dynamodb"), made_stack.table_name, FakeClock())


def make(customer: str = "c1", wish: str = "stock", at: datetime = START, variant: str | None = "v1") -> Interest:
    values = {"store_id": "kinari", "product_id": "p#1", "customer_id": customer, "wish": wish, "at": at}
    return Interest.model_validate(values | {"variant_id": variant})


def list_waiting(interests: Interests, wish: str = "stock", **options: str) -> list[str]:
    found = interests.list_waiting("kinari", "p#1", wish=wish, most=100, **options)
    return [interest.customer_id for interest in found]


def test_they_stand_in_the_order_in_which_they_asked(interests: Interests) -> None:
    for customer, minutes in (("c3", 30), ("c1", 10), ("c2", 20)):
        interests.put(make(customer, at=START + timedelta(minutes=minutes)))
    assert list_waiting(interests) == ["c1", "c2", "c3"]
    assert interests.is_wanted("kinari", "p#1")
    assert not interests.is_wanted("kinari", "p2")
    assert not interests.is_wanted("aya", "p#1")
    assert set(interests.list_wanted("kinari")) == {"p#1"}


def test_a_place_is_read_as_it_was_put(interests: Interests) -> None:
    interests.put(make(variant=None))
    assert list(interests.list_waiting("kinari", "p#1", wish="stock", most=9)) == [make(variant=None)]


def test_who_asks_again_keeps_their_place(interests: Interests) -> None:
    interests.put(make("c1"))
    interests.put(make("c2", at=START + timedelta(minutes=5)))
    interests.put(make("c1", at=LATER))
    assert list_waiting(interests) == ["c1", "c2"]
    [first, _] = interests.list_waiting("kinari", "p#1", wish="stock", most=9)
    assert first.at == START


def test_wishes_and_variants_stand_apart(interests: Interests) -> None:
    for interest in (make(), make(wish="wishlist"), make(variant="v2"), make(variant=None)):
        interests.put(interest)
    assert list_waiting(interests) == ["c1", "c1", "c1"]
    assert list_waiting(interests, "wishlist") == ["c1"]
    assert list_waiting(interests, "launch") == []


def test_pages_go_on_beyond_a_place_that_may_be_gone(interests: Interests) -> None:
    people = [make(f"c{number}", at=START + timedelta(minutes=number)) for number in range(5)]
    for one in people:
        interests.put(one)
    interests.remove(people[1])
    assert list_waiting(interests, after=name_place(people[1])) == ["c2", "c3", "c4"]
    assert [one.customer_id for one in interests.list_waiting("kinari", "p#1", wish="stock", most=2)] == ["c0", "c2"]


def test_a_wish_that_is_taken_back_is_gone(interests: Interests) -> None:
    interests.put(make())
    interests.put(make(variant="v2"))
    interests.remove(make(at=LATER))
    interests.remove(make(at=LATER))
    assert [one.variant_id for one in interests.list_waiting("kinari", "p#1", wish="stock", most=9)] == ["v2"]


def test_who_bought_it_waits_for_none_of_it(interests: Interests) -> None:
    for interest in (make(), make(wish="wishlist"), make(variant=None), make("c2")):
        interests.put(interest)
    interests.remove_customer("kinari", "p#1", "c1")
    assert (list_waiting(interests), list_waiting(interests, "wishlist")) == (["c2"], [])


def test_who_was_told_waits_no_more_and_an_old_request_changes_nothing(interests: Interests) -> None:
    interests.put(make())
    interests.mark_told(make(), LATER)
    interests.mark_told(make(), LATER)
    interests.put(make())  # comes again
    assert list_waiting(interests) == []


def test_who_asks_again_within_two_days_has_their_old_place_and_later_a_new_one(interests: Interests) -> None:
    for customer, days in (("c1", 1), ("c2", 3)):
        interests.put(make(customer))
        interests.mark_told(make(customer), LATER)
        interests.put(make(customer, at=LATER + timedelta(days=days)))
    since = {one.customer_id: one.at for one in interests.list_waiting("kinari", "p#1", wish="stock", most=9)}
    assert since == {"c1": START, "c2": LATER + timedelta(days=3)}


def test_a_wish_list_stays_with_the_note_that_it_was_told(interests: Interests) -> None:
    interests.put(make(wish="wishlist"))
    interests.mark_told(make(wish="wishlist"), LATER)
    interests.put(make(wish="wishlist"))  # comes again
    [kept] = interests.list_waiting("kinari", "p#1", wish="wishlist", most=9)
    assert kept.told_at == LATER


def test_telling_somebody_who_is_gone_is_fine(interests: Interests) -> None:
    for wish in ("stock", "wishlist"):
        interests.mark_told(make(wish=wish), LATER)
        assert list_waiting(interests, wish) == []


def test_a_round_is_settled_by_who_was_chosen_first(interests: Interests) -> None:
    first, second = [make("c1"), make("c2", variant=None)], [make("c3")]
    assert list(interests.keep_round("kinari", "p#1", "r1", first)) == first
    assert list(interests.keep_round("kinari", "p#1", "r1", second)) == first
    assert list(interests.keep_round("kinari", "p#1", "r2", second)) == second


def test_looks_are_counted_once_each(interests: Interests) -> None:
    looks = [interests.note_view("kinari", "p#1", "c1", at) for at in (START, START, LATER, START)]
    assert looks == [1, 1, 2, 2]
    assert interests.note_view("kinari", "p#1", "c2", START) == 1


def test_a_place_that_was_half_written_is_found_again(made_stack: MadeStack) -> None:
    """A process died between whose it is and the place itself."""
    interests = DynamoInterests(boto3.client("dynamodb"), made_stack.table_name, FakeClock())
    interests.put(make())
    table = boto3.resource("dynamodb").Table(made_stack.table_name)
    table.delete_item(Key={"pk": "kinari#W#p#1", "sk": name_place(make())})
    interests.put(make(at=LATER))
    assert list(interests.list_waiting("kinari", "p#1", wish="stock", most=9)) == [make()]


def test_what_is_180_days_old_is_forgotten(made_stack: MadeStack) -> None:
    clock = FakeClock()
    interests = DynamoInterests(boto3.client("dynamodb"), made_stack.table_name, clock)
    interests.put(make())
    clock.now = START + timedelta(days=181)
    assert list_waiting(interests) == []
    assert not interests.is_wanted("kinari", "p#1")
    interests.put(make(at=clock.now))
    [one] = interests.list_waiting("kinari", "p#1", wish="stock", most=9)
    assert one.at == clock.now


def test_places_that_should_be_gone_do_not_end_the_list_early(made_stack: MadeStack) -> None:
    """Who reads fewer than they asked for takes it for the end, and those behind would never be told."""
    clock = FakeClock()
    interests = DynamoInterests(boto3.client("dynamodb"), made_stack.table_name, clock)
    interests.put(make("c1"))
    clock.now = START + timedelta(days=181)
    for minutes, customer in enumerate(("c2", "c3", "c4")):
        interests.put(make(customer, at=clock.now + timedelta(minutes=minutes)))
    found = interests.list_waiting("kinari", "p#1", wish="stock", most=2)
    assert [interest.customer_id for interest in found] == ["c2", "c3"]
