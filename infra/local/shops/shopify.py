"""Shopify's Admin API over HTTP: tokens, scopes, one endpoint for all documents, and errors in Shopify's shape."""

import secrets
import time
from pathlib import Path
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    build_schema,
    graphql_sync,
    parse,
    value_from_ast_untyped,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .shopify_changes import ShopifyChanges
from .shopify_consents import ShopifyConsents
from .shopify_coupons import ShopifyCoupons
from .shopify_views import ShopifyViews
from .state import OneShop, State

type Json = dict[str, Any]

SCHEMA = build_schema((Path(__file__).parent / "shopify_schema.graphql").read_text())
VERSION = "2026-10"
MOST_COST = 1_000  # points of one document


class ShopifyApi:
    """The endpoints of every shop."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def give_token(self, request: Request) -> Response:
        """The client credentials grant."""
        shop = self.state.find_by_domain(request.path_params["domain"], "shopify")
        body = await request.json()
        if shop is None:
            return JSONResponse({"errors": "Not Found"}, 404)
        access = shop.access
        given = (body.get("client_id"), body.get("client_secret"))
        if body.get("grant_type") != "client_credentials" or given != (access.client_id, access.client_secret):
            return JSONResponse({"error": "invalid_client", "error_description": "client authentication failed"}, 400)
        token = f"shpat_{secrets.token_hex(16)}"
        shop.tokens[token] = time.time() + access.token_life_s
        scope = ",".join(access.scopes)
        return JSONResponse({"access_token": token, "scope": scope, "expires_in": access.token_life_s})

    async def answer(self, request: Request) -> Response:
        shop = self.state.find_by_domain(request.path_params["domain"], "shopify")
        if shop is None or request.path_params["version"] != VERSION:
            return JSONResponse({"errors": "Not Found"}, 404)
        if not is_known(shop, request.headers.get("x-shopify-access-token", "")):
            wrong = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return JSONResponse({"errors": wrong}, 401)
        asked = await request.json()
        return JSONResponse(self._execute(shop, asked))

    def _execute(self, shop: OneShop, asked: Json) -> Json:
        configuration = self.state.configuration
        cost = find_cost(asked["query"], asked.get("variables") or {})
        if cost > MOST_COST:
            return {"errors": [make_error("MAX_COST_EXCEEDED", f"Query cost is {cost}, which exceeds {MOST_COST}.")]}
        holds, per_second = configuration.bucket_holds, configuration.bucket_per_second
        is_paid = shop.bucket.fill(holds=holds, per_second=per_second) >= cost
        bucket = {"maximumAvailable": holds, "currentlyAvailable": shop.bucket.left, "restoreRate": per_second}
        charged = {"requestedQueryCost": cost, "actualQueryCost": None, "throttleStatus": bucket}
        if not is_paid:
            return {"errors": [make_error("THROTTLED", "Throttled")], "extensions": {"cost": charged}}
        views = ShopifyViews(shop)
        changes = ShopifyChanges(self.state, shop, views)
        fields = views.list_fields() | changes.list_fields()
        fields |= ShopifyCoupons(self.state, shop).list_fields()
        fields |= ShopifyConsents(self.state, shop, views).list_fields()
        root = {name: need_scopes(shop, name, resolve) for name, resolve in fields.items()}
        result = graphql_sync(SCHEMA, asked["query"], root, variable_values=asked.get("variables"))
        charged["actualQueryCost"] = count_objects(result.data)
        shop.bucket.draw(count_objects(result.data))
        bucket["currentlyAvailable"] = shop.bucket.left
        answer: Json = {"extensions": {"cost": charged}}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
            if all(not error.path for error in result.errors):  # the document itself is wrong: nothing was done
                return answer
        return answer | {"data": result.data}


def count_objects(data: Any) -> int:
    """What a document cost in the end: a point for each object of its answer."""
    if isinstance(data, list):
        return sum(map(count_objects, data))
    if not isinstance(data, dict):
        return 0
    return 1 + sum(map(count_objects, data.values()))


def is_known(shop: OneShop, token: str) -> bool:
    """The fixed token, or one that was given and has not run out."""
    if token and token == shop.access.token:
        return True
    return shop.tokens.get(token, 0) > time.time()


NEEDED = {
    "order": ("read_orders",),
    "product": ("read_products",),
    "products": ("read_products",),
    "productsCount": ("read_products",),
    "customers": ("read_customers",),
    "customersCount": ("read_customers",),
    "orders": ("read_orders",),
    "ordersCount": ("read_orders",),
    "returnableFulfillments": ("read_returns",),
    "orderCancel": ("write_orders",),
    "orderUpdate": ("write_orders",),
    "orderEditBegin": ("write_order_edits",),
    "orderEditAddVariant": ("write_order_edits",),
    "orderEditSetQuantity": ("write_order_edits",),
    "orderEditCommit": ("write_order_edits",),
    "returnRequest": ("write_returns", "write_orders"),
    "codeDiscountNodeByCode": ("read_discounts",),
    "discountCodeBasicCreate": ("write_discounts",),
    "customer": ("read_customers",),
    "customerEmailMarketingConsentUpdate": ("write_customers",),
    "customerSmsMarketingConsentUpdate": ("write_customers",),
    "metafieldsSet": ("write_customers",),
}


def need_scopes(shop: OneShop, name: str, resolve: Any) -> Any:
    """The resolver of a root field, for those who may."""

    def check(info: Any, **arguments: Any) -> Any:
        for scope in NEEDED.get(name, ()):
            if scope not in shop.access.scopes:
                needed = f"`{scope}` access scope."
                raise GraphQLError(
                    f"Access denied for {name} field. Required access: {needed}",
                    extensions={"code": "ACCESS_DENIED", "requiredAccess": needed},
                )
        return resolve(**arguments)

    return check


def find_cost(document: str, variables: Json) -> int:
    """Points: one for an object, two and its objects for a connection, ten for a change; scalars cost nothing.

    https://shopify.dev/docs/api/usage/limits#query-cost
    """
    parsed = parse(document)
    operations = [part for part in parsed.definitions if isinstance(part, OperationDefinitionNode)]
    return sum(_cost_operation(operation, variables) for operation in operations)


def _cost_operation(operation: OperationDefinitionNode, variables: Json) -> int:
    if operation.operation is OperationType.MUTATION:
        return 10 * len(operation.selection_set.selections)
    return _cost_fields(operation.selection_set, variables)


def _cost_fields(selections: SelectionSetNode | None, variables: Json) -> int:
    parts = selections.selections if selections else ()
    inline = (part for part in parts if isinstance(part, InlineFragmentNode))
    own = sum(_cost_field(part, variables) for part in parts if isinstance(part, FieldNode))
    return own + sum(_cost_fields(part.selection_set, variables) for part in inline)


def _cost_field(field: FieldNode, variables: Json) -> int:
    if field.selection_set is None or field.name.value == "pageInfo":
        return 0
    first = next((argument.value for argument in field.arguments if argument.name.value == "first"), None)
    within = _cost_fields(field.selection_set, variables)
    if first is None:
        return 1 + within
    size = variables[first.name.value] if isinstance(first, VariableNode) else int(value_from_ast_untyped(first))
    return 2 + size * max(1, within)


def answer_throttled(code: str) -> Response:
    """An error of the whole document, with status 200 as Shopify gives them; THROTTLED with an empty bucket."""
    bucket = {"maximumAvailable": 1000.0, "currentlyAvailable": 0.0, "restoreRate": 50.0}
    cost = {"requestedQueryCost": 12, "actualQueryCost": None, "throttleStatus": bucket}
    return JSONResponse({"errors": [make_error(code, code.capitalize())], "extensions": {"cost": cost}})


def make_error(code: str, message: str) -> Json:
    """One error of a document."""
    return {"message": message, "extensions": {"code": code}}
