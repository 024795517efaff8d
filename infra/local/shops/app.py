"""The stand-in as an ASGI application: each shop below its domain, and the control API."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.control import answer_refusal
from local.serving import HungUp, keep_waiting

from .configuration import Configuration
from .control_api import ControlApi
from .shopify import ShopifyApi, answer_throttled
from .state import State
from .woocommerce import WoocommerceApi

type Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(configuration: Configuration) -> Starlette:
    """Everything of one stand-in; its state lives and dies with the application."""
    state = State(configuration)
    shopify, woocommerce = ShopifyApi(state), WoocommerceApi(state)
    admin = "/{domain}/admin"
    rest = "/{domain}/wp-json/wc/v3"
    routes = [
        *ControlApi(state).routes(),
        Route(f"{admin}/oauth/access_token", shopify.give_token, methods=["POST"]),
        Route(f"{admin}/api/{{version}}/graphql.json", with_faults(state, shopify.answer), methods=["POST"]),
        Route(f"{rest}/{{path:path}}", with_faults(state, woocommerce.answer), methods=["GET", "PUT", "POST"]),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: answer_refusal})


def with_faults(state: State, endpoint: Endpoint) -> Endpoint:
    """The endpoint, but for the calls that a fault hits."""

    async def answer(request: Request) -> Response:
        fault = state.faults.take()
        if fault is None:
            return await endpoint(request)
        if fault.timeout:
            return await keep_waiting(request)
        if fault.drop_response:
            done = await endpoint(request)
            assert done.status_code < 500
            await asyncio.sleep(0)
            return HungUp()
        if fault.code is not None:
            return answer_throttled(str(fault.code))
        return JSONResponse({"errors": "Internal Server Error"}, fault.http_status or 500)

    return answer
