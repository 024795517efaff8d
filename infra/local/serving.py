"""Serves a stand-in on 127.0.0.1, quietly, and lets it hang up on a caller without an answer."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

LOOPBACK = "127.0.0.1"


class HangUpProtocol(H11Protocol):
    """HTTP/1.1 that hands the application a way to drop the connection (`scope["extensions"]["hang_up"]`)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        answer = self.app

        async def answer_or_hang_up(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})["hang_up"] = transport.abort
            await answer(scope, receive, send)

        self.app = answer_or_hang_up


class HungUp(Response):
    """No answer at all: the connection is closed under the caller."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hang_up: Callable[[], None] = scope["extensions"]["hang_up"]
        hang_up()
        while (await receive())["type"] != "http.disconnect":
            continue


async def keep_waiting(request: Request, longest_s: float = 120) -> HungUp:
    """Let the caller run into its own time-out; hang up when it left or after `longest_s`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + longest_s
    while loop.time() < end and not await request.is_disconnected():
        await asyncio.sleep(0.1)
    return HungUp()


def serve(app: ASGIApp, port: int, name: str) -> None:
    """Run until interrupted; port 0 takes a free one. Prints one line with the address when it listens."""
    # asyncio turns Nagle's delay off only where the protocol is named; else each answer comes 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    listener.listen()  # whoever read the line below is kept waiting, not turned away
    print(f"{name} on http://{LOOPBACK}:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        app,
        http=HangUpProtocol,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=75,  # seconds; longer than a warm sender's pause between two messages
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[listener])
