"""Starts each function's first process before the first webhook comes, as a shop's steady trade does on AWS."""

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from local.launcher.aws import LocalAws

NOBODY = "nobody-here"
NO_EVENTS: dict[str, Any] = {"Records": []}


def make_request(method: str, **parameters: str) -> dict[str, Any]:
    """A call of the API that is refused before it touches anything."""
    return {
        "requestContext": {"http": {"method": method}},
        "pathParameters": parameters,
        "headers": {},
        "body": "",
        "isBase64Encoded": False,
        "rawPath": "/",
    }


# Part of the function's name → what it is called with, and how many of its processes a burst will use.
CALLS: dict[str, tuple[dict[str, Any], int]] = {
    "ReceiveStoreEvent": (make_request("POST", store_id=NOBODY), 2),
    "ReceiveWhatsappEvent": (make_request("POST"), 1),
    "AdvanceJourneys": (NO_EVENTS, 1),
    "SendWhatsapp": (NO_EVENTS, 1),
    "SendEmail": (NO_EVENTS, 1),
    "MakeDocuments": (NO_EVENTS, 1),
    "RecordDelivery": (NO_EVENTS, 1),
}


@contextmanager
def warming_up(aws: LocalAws) -> Iterator[None]:
    """Warms the functions up while the block runs. A call that fails is no matter here: real ones say why."""
    lambdas = aws.lambdas()
    names = [function["FunctionName"] for function in lambdas.list_functions()["Functions"]]
    calls = [
        (name, json.dumps(event).encode())
        for part, (event, processes) in CALLS.items()
        for name in names
        if f"-{part}-" in name
        for _ in range(processes)
    ]
    with ThreadPoolExecutor(max_workers=len(calls) or 1) as pool:
        called: list[Future[Any]] = [
            pool.submit(lambdas.invoke, FunctionName=name, Payload=payload) for name, payload in calls
        ]
        yield
        wait(called)
