"""The front door carries any body to the API and its answer back, without touching a byte."""

import asyncio
import gzip
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from local.launcher.front_door import HEAD_LIMIT, LANES, FrontDoor
from local.launcher.ports import LOOPBACK

HOST = "abc.execute-api.localhost:4566"

type Answer = Callable[[bytes, bytes], Awaitable[bytes]]


async def read_request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of a request with a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length"))
    return head, await reader.readexactly(length)


@asynccontextmanager
async def serve(answer: Answer) -> AsyncIterator[int]:
    """An API that answers by `answer(head, body)`, behind a front door; yields the front door's port."""

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, body = await read_request(reader)
        writer.write(await answer(head, body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve_one, LOOPBACK, 0, limit=HEAD_LIMIT) as api:
        door = FrontDoor(api.sockets[0].getsockname()[1], HOST)
        async with await asyncio.start_server(door.serve_connection, LOOPBACK, 0, limit=HEAD_LIMIT) as front:
            yield front.sockets[0].getsockname()[1]


async def post(port: int, body: bytes, headers: bytes = b"") -> bytes:
    """Sends one request and returns the whole answer."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    length = f"Content-Length: {len(body)}\r\n".encode()
    writer.write(b"POST /stores/kinari/events HTTP/1.1\r\nHost: localhost\r\n" + length + headers + b"\r\n" + body)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def echo(head: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body


def test_bodies_arrive_and_return_byte_for_byte() -> None:
    async def run() -> None:
        async with serve(echo) as port:
            for body in (b"", b"\x00\xff\xfe", gzip.compress(b'{"id": 1}'), os.urandom(3_000_000)):
                assert (await post(port, body)).partition(b"\r\n\r\n")[2] == body

    asyncio.run(run())


def test_the_api_sees_its_own_host_and_the_senders_signature() -> None:
    seen: list[bytes] = []

    async def remember(head: bytes, body: bytes) -> bytes:
        seen.append(head)
        return await echo(head, body)

    async def run() -> None:
        async with serve(remember) as port:
            await post(port, b"{}", b"X-Shopify-Hmac-SHA256: a+b/c=\r\n")

    asyncio.run(run())
    assert f"Host: {HOST}".encode() in seen[0]
    assert b"X-Shopify-Hmac-SHA256: a+b/c=" in seen[0]


def test_a_burst_waits_at_the_door_and_is_answered_whole() -> None:
    now, most = 0, 0

    async def count(head: bytes, body: bytes) -> bytes:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)  # the work of a function
        now -= 1
        return await echo(head, body)

    async def run() -> list[bytes]:
        async with serve(count) as port:
            return await asyncio.gather(*(post(port, str(number).encode()) for number in range(60)))

    answers = asyncio.run(run())
    assert [answer.partition(b"\r\n\r\n")[2] for answer in answers] == [str(n).encode() for n in range(60)]
    assert most == LANES


def test_a_local_aws_that_is_not_there_is_a_502_that_says_what_to_do() -> None:
    with socket.socket() as unused:
        unused.bind((LOOPBACK, 0))
        door = FrontDoor(unused.getsockname()[1], HOST)

    async def run() -> bytes:
        async with await asyncio.start_server(door.serve_connection, LOOPBACK, 0) as front:
            return await post(front.sockets[0].getsockname()[1], b"{}")

    answer = asyncio.run(run())
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"make up" in answer
