"""Stores, journeys and templates in the table, as the commands read and write them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError
from pydantic import BaseModel

from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.domain.journeys import Definition
from okaeri.domain.stores import Store
from okaeri.domain.templates import Template, TemplateState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableAttributeValueTypeDef

# `STORES` lists the stores of a stack, so that nobody needs to scan a table of a million customers for them.
_LIST = "STORES"
_RACES = 5


def pack(model: BaseModel) -> bytes:
    """A model as the table keeps it: compressed JSON."""
    return zlib.compress(model.model_dump_json(by_alias=True, exclude_none=True).encode(), 1)


def unpack[M: BaseModel](kind: type[M], item: dict[str, Any]) -> M:
    """The model of that kind in an item's `body`."""
    return kind.model_validate_json(zlib.decompress(bytes(item["body"])))


def list_store_ids(stack: Stack) -> list[str]:
    """Every store of the stack, by name of its id."""
    return [str(item["sk"]) for item in _query(stack, _LIST)]


def find_store(stack: Stack, store_id: str) -> Store | None:
    """The store, None where it was never added."""
    item = _get(stack, f"STORE#{store_id}", "STORE")
    return unpack(Store, item) if item else None


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
    stack.table.put_item(Item={"pk": _LIST, "sk": store.store_id})
    return _put_if(stack, store, "attribute_not_exists(pk)", {})


def change_store(stack: Stack, store_id: str, change: Callable[[Store], Store]) -> Store:
    """Writes what `change` makes of the store, if nobody wrote in between; who loses the race reads again."""
    for _ in range(_RACES):
        item = _get(stack, f"STORE#{store_id}", "STORE")
        if item is None:
            return read_store(stack, store_id)  # raises, with the stores that there are
        changed = change(unpack(Store, item))
        if _put_if(stack, changed, "body = :before", {":before": item["body"]}):
            return changed
    raise CommandFailure(f"others keep changing the store {store_id}", at="STORE", fix="Try again.")


def map_phone_number(stack: Stack, phone_number_id: str, store_id: str) -> None:
    """Makes the number the store's: what is written to it is the store's to answer."""
    try:
        stack.table.put_item(
            Item={"pk": f"PHONE#{phone_number_id}", "sk": "PHONE", "store_id": store_id},
            ConditionExpression="attribute_not_exists(pk) OR store_id = :store",
            ExpressionAttributeValues={":store": store_id},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
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
            Key={"pk": f"PHONE#{phone_number_id}", "sk": "PHONE"},
            ConditionExpression="store_id = :store",
            ExpressionAttributeValues={":store": store_id},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def put_definitions(stack: Stack, definitions: dict[str, Definition]) -> None:
    """Stores compiled journeys under their content hashes; runs carry the hash, so none is ever taken away."""
    _put_all(
        stack,
        ({"pk": f"DEF#{name}", "sk": "DEF", "schema": 1, "body": pack(definition)} for name, definition in definitions.items()),
    )


def put_templates(stack: Stack, store_id: str, templates: Iterable[Template]) -> None:
    """Stores the templates in the languages that this store speaks."""
    _put_all(
        stack,
        (
            {"pk": f"TPL#{store_id}#{template.name}", "sk": template.locale, "schema": 1, "body": pack(template)}
            for template in templates
        ),
    )


def put_template_state(stack: Stack, store_id: str, template: Template, state: TemplateState) -> None:
    """Keeps what Meta says of a template."""
    sk = f"{template.locale}#whatsapp"
    stack.table.put_item(
        Item={
            "pk": f"TPL#{store_id}#{template.name}", "sk": sk, "schema": 1, "status": state.status, "body": pack(state),
        }
    )  # fmt: skip


def find_template_state(stack: Stack, store_id: str, template: Template) -> TemplateState | None:
    """What Meta said last, None where the template was never pushed."""
    item = _get(stack, f"TPL#{store_id}#{template.name}", f"{template.locale}#whatsapp")
    return unpack(TemplateState, item) if item else None


def _get(stack: Stack, pk: str, sk: str) -> dict[str, TableAttributeValueTypeDef] | None:
    return stack.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")


def _query(stack: Stack, pk: str) -> Iterator[dict[str, TableAttributeValueTypeDef]]:
    found = stack.table.query(KeyConditionExpression=Key("pk").eq(pk))
    yield from found["Items"]
    while "LastEvaluatedKey" in found:
        found = stack.table.query(
            KeyConditionExpression=Key("pk").eq(pk), ExclusiveStartKey=found["LastEvaluatedKey"]
        )
        yield from found["Items"]


def _put_if(stack: Stack, store: Store, condition: str, values: dict[str, Any]) -> bool:
    item = {"pk": f"STORE#{store.store_id}", "sk": "STORE", "schema": 1, "body": pack(store)}
    more = {"ExpressionAttributeValues": values} if values else {}
    try:
        stack.table.put_item(Item=item, ConditionExpression=condition, **more)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _put_all(stack: Stack, items: Iterable[dict[str, Any]]) -> None:
    with stack.table.batch_writer(overwrite_by_pkeys=["pk", "sk"]) as batch:
        for item in items:
            batch.put_item(Item=item)
