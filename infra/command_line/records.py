"""Stores, journeys and templates in the table, as the commands read and write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError
from pydantic import BaseModel

from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.adapters import keys
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.journeys import Definition
from okaeri.domain.records import Response
from okaeri.domain.stores import Store
from okaeri.domain.templates import Template, TemplateState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableAttributeValueTypeDef

_RACES = 5


def list_store_ids(stack: Stack) -> list[str]:
    """Every store of the stack, by name of its id."""
    return [str(item["sk"]) for item in _query(stack, keys.STORES)]


def find_store(stack: Stack, store_id: str) -> Store | None:
    """The store, None where it was never added."""
    item = _get(stack, keys.store_key(store_id), keys.STORE)
    return _decode(Store, item) if item else None


def read_store(stack: Stack, store_id: str) -> Store:
    """The store. CommandFailure where it was never added."""
    store = find_store(stack, store_id)
    if store is None:
        known = ", ".join(list_store_ids(stack)) or "none yet"
        raise CommandFailure(
            f"there is no store {store_id} in the stack {stack.name}",
            at="STORE",
            fix=f"Stores here: {known}. Add one with okaeri stores add.",
        )
    return store


def create_store(stack: Stack, store: Store) -> bool:
    """Puts a new store; False where it was there already."""
    stack.table.put_item(Item={"pk": keys.STORES, "sk": store.store_id})
    try:
        stack.table.put_item(
            Item={**_key(store.store_id), "body": _encode(store)},
            ConditionExpression="attribute_not_exists(pk)",
        )
    except ClientError as error:
        if _is_lost_race(error):
            return False
        raise
    return True


def change_store(stack: Stack, store_id: str, change: Callable[[Store], Store]) -> Store:
    """Writes what `change` makes of the store, if nobody wrote in between; who loses the race reads again."""
    for _ in range(_RACES):
        item = _get(stack, keys.store_key(store_id), keys.STORE)
        if item is None:
            return read_store(stack, store_id)  # raises, with the stores that there are
        changed = change(_decode(Store, item))
        if _replace_body(stack, changed, before=item["body"]):
            return changed
    raise CommandFailure(f"others keep changing the store {store_id}", at="STORE", fix="Try again.")


def map_phone_number(stack: Stack, phone_number_id: str, store_id: str) -> None:
    """Makes the number the store's: what is written to it is the store's to answer."""
    try:
        stack.table.put_item(
            Item={"pk": keys.phone_key(phone_number_id), "sk": keys.PHONE, "store_id": store_id},
            ConditionExpression="attribute_not_exists(pk) OR store_id = :store",
            ExpressionAttributeValues={":store": store_id},
        )
    except ClientError as error:
        if not _is_lost_race(error):
            raise
        raise CommandFailure(
            f"the number {phone_number_id} belongs to another store of this stack",
            at="--phone-number-id",
            fix="Each store has a number of its own. Free it first: okaeri stores set OTHER-STORE phone-number-id=",
        ) from error


def unmap_phone_number(stack: Stack, phone_number_id: str, store_id: str) -> None:
    """The number is nobody's any more, if it was this store's."""
    try:
        stack.table.delete_item(
            Key={"pk": keys.phone_key(phone_number_id), "sk": keys.PHONE},
            ConditionExpression="store_id = :store",
            ExpressionAttributeValues={":store": store_id},
        )
    except ClientError as error:
        if not _is_lost_race(error):
            raise


def put_definitions(stack: Stack, definitions: dict[str, Definition]) -> None:
    """Stores compiled journeys under their content hashes; runs carry the hash, so none is ever taken away."""
    stored = DynamoDefinitions(stack.dynamodb, stack.table_name)
    for name, definition in definitions.items():
        stored.put(name, definition)


def put_templates(stack: Stack, store_id: str, templates: Iterable[Template]) -> None:
    """Stores the templates in the languages that this store speaks."""
    _put_all(
        stack,
        (
            {"pk": keys.template_key(store_id, template.name), "sk": template.locale, "body": _encode(template)}
            for template in templates
        ),
    )


def put_template_states(stack: Stack, store_id: str, states: Iterable[tuple[Template, TemplateState]]) -> None:
    """Keeps what Meta says of these templates, as `adapters.templates` does of one."""
    _put_all(
        stack,
        (
            {
                "pk": keys.template_key(store_id, template.name),
                "sk": keys.template_state_key(template.locale),
                "body": _encode(state),
                "status": state.status,
                "schema": 1,
            }
            for template, state in states
        ),
    )


def list_webhooks(stack: Stack, store_id: str) -> dict[str, datetime]:
    """When each source of the store last spoke, to the hour."""
    item = _get(stack, keys.store_key(store_id), keys.SEEN) or {}
    return {
        source: datetime.fromisoformat(str(at))
        for source, at in item.items()
        if source not in ("pk", "sk", "expires_at")
    }


def list_responses(stack: Stack, store_id: str, survey: str) -> Iterator[Response]:
    """What was answered to a survey of the store, the oldest first."""
    return (_decode(Response, item) for item in _query(stack, keys.responses_key(store_id, survey)))


def _encode(model: BaseModel) -> bytes:
    return encode_body(model, whole=True)["B"]


def _decode[M: BaseModel](kind: type[M], item: dict[str, Any]) -> M:
    return decode_body(kind, {"B": bytes(item["body"])})


def _key(store_id: str) -> dict[str, str]:
    return {"pk": keys.store_key(store_id), "sk": keys.STORE}


def _is_lost_race(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def _get(stack: Stack, pk: str, sk: str) -> dict[str, TableAttributeValueTypeDef] | None:
    return stack.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")


def _query(stack: Stack, pk: str) -> Iterator[dict[str, TableAttributeValueTypeDef]]:
    found = stack.table.query(KeyConditionExpression=Key("pk").eq(pk))
    yield from found["Items"]
    while "LastEvaluatedKey" in found:
        found = stack.table.query(KeyConditionExpression=Key("pk").eq(pk), ExclusiveStartKey=found["LastEvaluatedKey"])
        yield from found["Items"]


def _replace_body(stack: Stack, store: Store, *, before: Any) -> bool:
    """Writes the body, if it is still as it was read."""
    try:
        stack.table.update_item(
            Key=_key(store.store_id),
            UpdateExpression="SET body = :after",
            ConditionExpression="body = :before",
            ExpressionAttributeValues={":after": _encode(store), ":before": before},
        )
    except ClientError as error:
        if _is_lost_race(error):
            return False
        raise
    return True


def _put_all(stack: Stack, items: Iterable[dict[str, Any]]) -> None:
    with stack.table.batch_writer(overwrite_by_pkeys=["pk", "sk"]) as batch:
        for item in items:
            batch.put_item(Item=item)
