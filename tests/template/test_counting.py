"""How the table's changes reach the function that counts them."""

from __future__ import annotations

from typing import Any

import pytest

from okaeri.adapters.keys import TICKET, TOUCHES
from okaeri.adapters.records import COUNTED
from okaeri.domain.messages import MessageState
from tests.table_stream import lets_through
from tests.template.stack import deployed

type Json = dict[str, Any]

UNCOUNTED = {MessageState.DECIDED, MessageState.SENDING, MessageState.PARKED, MessageState.UNCONFIRMED}


def make_record(sk: str, event: str = "INSERT", **attributes: Any) -> Json:
    keys = {"pk": {"S": "aya#C#c1"}, "sk": {"S": sk}}
    return {"eventName": event, "dynamodb": {"Keys": keys, "NewImage": keys | attributes}}


@pytest.mark.parametrize("state", MessageState)
def test_a_message_wakes_the_count_where_it_moved_to_what_is_counted(state: MessageState) -> None:
    assert lets_through(make_record("M#m1", "MODIFY", state={"S": state})) == (state not in UNCOUNTED)


def test_what_is_counted_wakes_it_once_and_nothing_else_does() -> None:
    assert lets_through(make_record("G#r1"))
    assert lets_through(make_record("D#e1", **COUNTED))
    assert lets_through(make_record(TICKET, "MODIFY", inbox={"S": "aya#open"}))
    for quiet in ("A", "D#e1", "K", "R#r1", "L#now", TOUCHES, "2026-11#cart-recovery###"):
        assert not lets_through(make_record(quiet)), quiet
    assert not lets_through(make_record("K", "MODIFY", **COUNTED)), "an order is new once"
    for key in ("M#m1", "G#r1", TICKET):
        assert not lets_through(make_record(key, "REMOVE", state={"S": "read"}, inbox={"S": "aya#open"})), key


def test_a_batch_comes_again_as_it_was_until_it_is_counted() -> None:
    mapping = deployed().stream_mapping()
    assert (mapping["MaximumRetryAttempts"], mapping["BisectBatchOnFunctionError"]) == (-1, False)
    assert mapping["MaximumRecordAgeInSeconds"] < 86_400, "the stream forgets after a day"
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert deployed().properties("Table")["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_who_counts_writes_counts_and_no_customers() -> None:
    [statement] = deployed().may("CountEngagement", "dynamodb:UpdateItem")
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*#RESULTS", "*#TOUCHES#*"]}}
