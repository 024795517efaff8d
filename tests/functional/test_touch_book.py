"""What is kept of a customer's touches, in memory and in a real table: one contract for both."""

from __future__ import annotations

from datetime import timedelta

import boto3
import pytest

from okaeri import wiring
from okaeri.adapters import keys
from okaeri.adapters.touch_book import DynamoTouchBook
from okaeri.domain.habits import sum_up
from okaeri.domain.touches import KEPT_FOR, Touch, Touches
from okaeri.errors import Conflict
from okaeri.ports import TouchBook
from simulator.habits import MemoryTouchBook
from tests.fakes import START, FakeClock
from tests.functional.aws_from_template import MadeStack


@pytest.fixture(params=["memory", "dynamodb"])
def book(request: pytest.FixtureRequest) -> TouchBook:
    if request.param == "memory":
        return MemoryTouchBook()
    stack: MadeStack = request.getfixturevalue("made_stack")
    return DynamoTouchBook(wiring.connect_dynamodb(), stack.table_name, FakeClock())


def make_touches(customer_id: str = "c1", times: int = 1) -> Touches:
    touches = Touches(store_id="aya", customer_id=customer_id)
    for number in range(times):
        at = START + timedelta(days=number)
        touch = Touch(
            message_id=f"m{number}", month="2026-11", journey="news", template="news", channel="email",
            format="picture", delivered_at=at, read_at=at, program_opened=True,
        )  # fmt: skip
        touches = touches.add(touch, at)
    return touches


def test_what_was_learned_is_found_as_it_was_kept(book: TouchBook) -> None:
    touches = make_touches(times=40)
    book.put(touches)
    assert book.get("aya", "c1") == touches.model_copy(update={"version": 1})
    assert book.get("aya", "c2") is None


def test_what_two_batches_learn_at_once_is_not_written_over_each_other(book: TouchBook) -> None:
    book.put(make_touches())
    known = book.get("aya", "c1")
    assert known is not None
    book.put(known)
    with pytest.raises(Conflict):
        book.put(known)


def test_a_person_of_several_records_is_read_at_once(book: TouchBook) -> None:
    book.put(make_touches("c1"))
    book.put(make_touches("c2", times=3))
    found = book.get_many("aya", ["c1", "c2", "c3"])
    assert sorted((touches.customer_id, len(touches.touches)) for touches in found) == [("c1", 1), ("c2", 3)]


def test_an_item_of_before_is_taken_over_and_all_of_it_is_gone_with_the_customers_own_key(
    made_stack: MadeStack,
) -> None:
    client = boto3.client("dynamodb")
    book = DynamoTouchBook(client, made_stack.table_name, FakeClock())
    book.put(make_touches())
    key = {"pk": {"S": keys.touches_key("aya", "c1")}, "sk": {"S": keys.TOUCHES}}
    client.update_item(TableName=made_stack.table_name, Key=key, UpdateExpression="REMOVE version")
    book.put(make_touches(times=2))
    known = book.get("aya", "c1")
    assert known is not None and sum_up(known.list_habits(START), "email").seen == 2
    [item] = client.query(
        TableName=made_stack.table_name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": key["pk"]},
    )["Items"]
    assert int(item["expires_at"]["N"]) == int((START + KEPT_FOR).timestamp())
    client.delete_item(TableName=made_stack.table_name, Key=key)
    assert book.get("aya", "c1") is None


def test_the_item_of_who_gets_marketing_for_years_stays_within_a_write_unit(made_stack: MadeStack) -> None:
    client = boto3.client("dynamodb")
    DynamoTouchBook(client, made_stack.table_name, FakeClock()).put(make_touches(times=900))
    key = {"pk": {"S": keys.touches_key("aya", "c1")}, "sk": {"S": keys.TOUCHES}}
    item = client.get_item(TableName=made_stack.table_name, Key=key)["Item"]
    assert len(item["body"]["B"]) < 900
