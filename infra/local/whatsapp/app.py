"""The stand-in as an ASGI application: Graph API, control API and phone page on one port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from local.control import answer_refusal

from .configuration import Configuration
from .control_api import ControlApi
from .exchange import Exchange
from .graph import GraphApi
from .page import PhonePage
from .state import State

STATIC = Path(__file__).parent / "static"


def build_app(configuration: Configuration) -> Starlette:
    """Everything of one stand-in; its state lives and dies with the application."""
    exchange = Exchange(State(configuration))

    @asynccontextmanager
    async def run_exchange(app: Starlette) -> AsyncIterator[None]:
        runners = [
            asyncio.create_task(exchange.timetable.run()),
            asyncio.create_task(exchange.webhooks.run()),
        ]
        yield
        for runner in runners:
            runner.cancel()
        await asyncio.gather(*runners, return_exceptions=True)

    routes = [
        *PhonePage(exchange).routes(),
        *ControlApi(exchange).routes(),
        Mount("/_/static", StaticFiles(directory=STATIC)),
        Route("/{path:path}", GraphApi(exchange).handle, methods=["GET", "POST", "DELETE"]),
    ]
    return Starlette(routes=routes, lifespan=run_exchange, exception_handlers={HTTPException: answer_refusal})
