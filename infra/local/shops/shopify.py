"""Shopify's Admin API over HTTP: tokens, scopes, one endpoint for all documents, and errors in Shopify's shape."""

import secrets
import time
from pathlib import Path
from typing import Any

from graphql import GraphQLError, build_schema, graphql_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .shopify_changes import ShopifyChanges
from .shopify_views import ShopifyViews
from .state import OneShop, State

type Json = dict[str, Any]

SCHEMA = build_schema((Path(__file__).parent / "shopify_schema.graphql").read_text())
VERSION = "2026-10"
COST = 12  # points of every document: near enough, as the stand-in's bucket is always full


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
        views = ShopifyViews(shop)
        changes = ShopifyChanges(self.state, shop, views)
        fields = views.list_fields() | changes.list_fields()
        root = {name: need_scopes(shop, name, resolve) for name, resolve in fields.items()}
        result = graphql_sync(SCHEMA, asked["query"], root, variable_values=asked.get("variables"))
        answer: Json = {"extensions": {"cost": describe_cost(1_000)}}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
            if all(not error.path for error in result.errors):  # the document itself is wrong: nothing was done
                return answer
        return answer | {"data": result.data}


def is_known(shop: OneShop, token: str) -> bool:
    """The fixed token, or one that was given and has not run out."""
    if token and token == shop.access.token:
        return True
    return shop.tokens.get(token, 0) > time.time()


NEEDED = {
    "order": ("read_orders",),
    "product": ("read_products",),
    "returnableFulfillments": ("read_returns",),
    "orderCancel": ("write_orders",),
    "orderUpdate": ("write_orders",),
    "orderEditBegin": ("write_order_edits",),
    "orderEditAddVariant": ("write_order_edits",),
    "orderEditSetQuantity": ("write_order_edits",),
    "orderEditCommit": ("write_order_edits",),
    "returnRequest": ("write_returns", "write_orders"),
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


def describe_cost(available: float) -> Json:
    """The part of an answer that tells how much is left."""
    bucket = {"maximumAvailable": 1000.0, "currentlyAvailable": available, "restoreRate": 50.0}
    return {"requestedQueryCost": COST, "actualQueryCost": COST, "throttleStatus": bucket}


def answer_throttled(code: str) -> Response:
    """An error of the whole document, with status 200 as Shopify gives them; THROTTLED with an empty bucket."""
    error = {"message": code.capitalize(), "extensions": {"code": code}}
    return JSONResponse({"errors": [error], "extensions": {"cost": describe_cost(0)}})
