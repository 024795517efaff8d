"""One friendly port for the API: passes each request on, byte for byte, under the Host that the API has.

Run as `python -m local.launcher.front_door PORT AWS_PORT API_HOST`. It reads nothing but the head of a
request: webhooks are signed over their raw bytes. Each connection carries one request, which spares it the
framing of HTTP.
"""

import asyncio
import sys
from contextlib import suppress

from local.launcher.ports import LOOPBACK

HEAD_LIMIT = 64 * 1024  # bytes of a request line with its headers; API Gateway takes 10 KB
CHUNK = 64 * 1024  # bytes
CONNECT_SECONDS = 10

# Requests that are at the API at once; more wait here. The local AWS starts a Python process for each
# concurrent call of a function, and a burst of hundreds would do nothing but that; a warm one takes milliseconds.
LANES = 3

# Of this hop only, or replaced.
DROPPED_HEADERS = {b"host", b"connection", b"keep-alive", b"proxy-connection"}


def rewrite_head(head: bytes, host: str) -> bytes:
    """The request's head with the API's Host and without keep-alive; all other lines as they came."""
    request_line, *headers = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [h for h in headers if h.partition(b":")[0].strip().lower() not in DROPPED_HEADERS]
    own = [f"Host: {host}".encode("ascii"), b"Connection: close"]
    return b"\r\n".join([request_line, *own, *kept]) + b"\r\n\r\n"


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Copies until the source ends."""
    while data := await source.read(CHUNK):
        target.write(data)
        await target.drain()


async def refuse(caller: asyncio.StreamWriter, status: str, reason: str) -> None:
    """Answers with an error of the front door's own."""
    body = f'{{"message":"{reason}"}}'.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    caller.write(head.encode("ascii") + b"Connection: close\r\n\r\n" + body)
    await caller.drain()


class FrontDoor:
    """Passes connections on to the API at `host`, which the local AWS serves on `aws_port`."""

    def __init__(self, aws_port: int, host: str) -> None:
        self._aws_port = aws_port
        self._host = host
        self._lanes = asyncio.Semaphore(LANES)

    async def serve_connection(self, reader: asyncio.StreamReader, caller: asyncio.StreamWriter) -> None:
        """Carries one request and its answer."""
        try:
            await self._pass_on(reader, caller)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # one side hung up: the other learns it by the closing below
        finally:
            caller.close()
            with suppress(ConnectionError):
                await caller.wait_closed()

    async def _pass_on(self, reader: asyncio.StreamReader, caller: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return await refuse(caller, "431 Request Header Fields Too Large", "the headers are too large")
        async with self._lanes:
            await self._call_api(head, reader, caller)

    async def _call_api(self, head: bytes, reader: asyncio.StreamReader, caller: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                answers, api = await asyncio.open_connection(LOOPBACK, self._aws_port)
        except OSError:  # a time-out is one
            return await refuse(caller, "502 Bad Gateway", "the local AWS does not answer: try `make up`")
        sending = asyncio.create_task(self._send(head, reader, api))
        try:
            await copy(answers, caller)
        finally:
            # The answer is whole: whatever the caller would still send, nobody reads.
            sending.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await sending
            api.close()

    async def _send(self, head: bytes, body: asyncio.StreamReader, api: asyncio.StreamWriter) -> None:
        api.write(rewrite_head(head, self._host))
        await copy(body, api)


async def run(port: int, aws_port: int, host: str) -> None:
    """Serves until cancelled."""
    door = FrontDoor(aws_port, host)
    server = await asyncio.start_server(door.serve_connection, LOOPBACK, port, limit=HEAD_LIMIT, backlog=1024)
    print(f"http://{LOOPBACK}:{port} passes on to {host}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    _, own_port, its_port, its_host = sys.argv
    asyncio.run(run(int(own_port), int(its_port), its_host))
