"""docs/store-api.md is true: its examples are taken, its snippets sign, its schema is that of the models."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args

import jsonschema  # type: ignore[import-untyped]  # it ships no types, and one call needs none
import pytest

from okaeri.domain.evidence import OrderChanged
from okaeri.use_cases.receive_store_event import Request
from receive_store_event.standard_events import AnyStoreEvent, make_schema
from tests.fakes import FakeQueues
from tests.store_webhooks import SOL, STANDARD_SECRET, make_receiver, send_standard

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "store-api.md").read_text()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [json.loads(text) for kind, text in FENCE.findall(TEXT) if kind == "json" and '"type"' in text]
KNOWN = [model.model_fields["type"].annotation for model in get_args(AnyStoreEvent)]


def find_snippet(kind: str) -> str:
    [text] = [text for found, text in FENCE.findall(TEXT) if found == kind]
    return str(text)


@pytest.fixture
def queues() -> FakeQueues:
    return FakeQueues()


@pytest.fixture
def url(queues: FakeQueues) -> Iterator[str]:
    """A loopback server that receives as the deployed function does."""
    receiver = make_receiver(queues)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            response = receiver(Request(self.path.split("/")[2], headers, body))
            self.send_response(response.status)
            self.end_headers()
            self.wfile.write(json.dumps(response.body).encode())

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/stores/{SOL.store_id}/events"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("kind", ["python", "bash"])
def test_each_snippet_sends_a_signed_event(kind: str, url: str, queues: FakeQueues) -> None:
    program = sys.executable if kind == "python" else shutil.which("bash")
    assert program is not None
    answer = subprocess.run(
        [program, "-c", find_snippet(kind)],
        env={**os.environ, "OKAERI_URL": url, "OKAERI_SECRET": STANDARD_SECRET},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert '"queued"' in answer.stdout
    evidence = queues.evidence[0][1].evidence
    assert isinstance(evidence, OrderChanged)
    assert (evidence.order_id, evidence.change) == ("A-1001", "paid")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["type"]))
def test_each_example_is_taken_and_fits_the_schema(example: dict[str, Any]) -> None:
    response = make_receiver(FakeQueues())(send_standard(example))
    assert (response.status, response.body["result"]) == (202, "queued")
    jsonschema.validate(example, make_schema(), cls=jsonschema.Draft202012Validator)


def test_every_event_has_its_heading_and_its_example() -> None:
    names = [name for annotation in KNOWN for name in get_args(annotation)]
    assert {example["type"] for example in EXAMPLES} == set(names)
    assert sorted(re.findall(r"^### (\S+)$", TEXT, re.MULTILINE)) == sorted(names)


def test_the_published_schema_is_that_of_the_models() -> None:
    published = json.loads((DOCS / "store-api.schema.json").read_text())
    assert published == make_schema(), (
        "run: PYTHONPATH=functions .venv/bin/python -m receive_store_event.standard_events > docs/store-api.schema.json"
    )


def test_the_schema_refuses_what_we_refuse() -> None:
    validator = jsonschema.Draft202012Validator(make_schema())
    for event in ({"type": "order.paid", "data": {}}, {"type": "order.shiped", "data": {}}, {}):
        assert not validator.is_valid(event)
        assert make_receiver(FakeQueues())(send_standard(event)).status == 422
