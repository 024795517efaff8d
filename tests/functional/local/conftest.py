"""The stand-ins as real processes on free ports, and a business's end that hears their webhooks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

Json = dict[str, Any]

ROOT = Path(__file__).parents[3]
TOKEN = "EAA-test-token"
APP_SECRET = "app-secret"
VERIFY_TOKEN = "verify-token"
WABA, OTHER_WABA = "900001", "900002"
NUMBER, OTHER_NUMBER = "800001", "800002"
BUSINESS_PHONE = "+81312345678"


def wait_for[Found](find: Callable[[], Found], longest_s: float = 5) -> Found:
    """The first true answer of `find`; fails when there is none in time."""
    end = time.monotonic() + longest_s
    while not (found := find()):
        assert time.monotonic() < end, f"still {found!r} after {longest_s} s"
        time.sleep(0.02)
    return found


@contextmanager
def running(module: str, *options: str) -> Iterator[str]:
    """The address of a stand-in that runs as long as the context."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "infra")}
    command = [sys.executable, "-m", module, "--port", "0", *options]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().split()[-1]
            assert requests.get(f"{address}/_/health", timeout=10).json()["ok"]
            yield address
        finally:
            process.terminate()


@dataclass
class Business:
    """The webhook of the business: raw bodies with their signatures, and the answers that it gives."""

    url: str = ""
    bodies: list[tuple[bytes, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # statuses to give first; then 200

    @property
    def values(self) -> list[Json]:
        """All `value`s heard, in order."""
        posts = [json.loads(body) for body, _ in self.bodies]
        return [c["value"] for post in posts for entry in post["entry"] for c in entry["changes"]]

    def statuses(self, message_id: str) -> list[Json]:
        found = [s for value in self.values for s in value.get("statuses", [])]
        return [s for s in found if s["id"] == message_id]

    @property
    def messages(self) -> list[Json]:
        return [m for value in self.values for m in value.get("messages", [])]


@pytest.fixture
def business() -> Iterator[Business]:
    heard = Business()

    class Webhook(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            known = query.get("hub.verify_token") == [VERIFY_TOKEN] and query.get("hub.mode") == ["subscribe"]
            self.send_response(200 if known else 403)
            self.end_headers()
            self.wfile.write(query["hub.challenge"][0].encode() if known else b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = heard.answers.pop(0) if heard.answers else 200
            if status == 200:
                heard.bodies.append((body, self.headers["X-Hub-Signature-256"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    heard.url = f"http://127.0.0.1:{server.server_port}/whatsapp"
    yield heard
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Phones:
    """The WhatsApp stand-in, from both sides."""

    address: str

    def graph(self, method: str, path: str, body: Json | None = None, token: str = TOKEN) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, f"{self.address}/v24.0/{path}", json=body, headers=headers, timeout=10)

    def send(self, number: str = NUMBER, **message: Any) -> requests.Response:
        return self.graph("POST", f"{number}/messages", {"messaging_product": "whatsapp", **message})

    def upload(self, number: str, kind: str, content: bytes) -> requests.Response:
        return requests.post(
            f"{self.address}/v24.0/{number}/media",
            data={"messaging_product": "whatsapp", "type": kind},
            files={"file": ("file", content, kind)},
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=10,
        )

    def send_template(self, to: str, name: str, *values: str, **more: Any) -> requests.Response:
        parameters = [{"type": "text", "text": value} for value in values]
        components = [{"type": "body", "parameters": parameters}, *more.pop("buttons", [])]
        template = {"name": name, "language": {"code": "en"}, "components": components}
        return self.send(to=to, type="template", template=template, **more)

    def control(self, path: str, **body: Any) -> Json:
        answer = requests.post(f"{self.address}/_/{path}", json=body, timeout=20)
        assert answer.ok, answer.text
        found: Json = answer.json()
        return found

    def reply(self, sender: str | None, **what: Any) -> Json:
        return self.control("reply", **{"from": sender, **what})

    def shown(self, to: str) -> list[Json]:
        answer = requests.get(f"{self.address}/_/messages", params={"to": to}, timeout=10)
        found: list[Json] = answer.json()
        return found

    def create_template(self, name: str, category: str = "UTILITY", **change: Any) -> requests.Response:
        body = "Hello {{1}}, your order {{2}} is on its way to you."
        components = change.pop("components", None) or [
            {"type": "BODY", "text": body, "example": {"body_text": [["Ada", "#1001"]]}},
            {"type": "FOOTER", "text": "Hana from Linen & Co"},
            {
                "type": "BUTTONS",
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "Ask a question"},
                    {
                        "type": "URL",
                        "text": "Track",
                        "url": "https://shop.example/o/{{1}}",
                        "example": ["https://x/o/1"],
                    },
                ],
            },
        ]
        definition = {"name": name, "language": "en", "category": category, "components": components, **change}
        return self.graph("POST", f"{WABA}/message_templates", definition)

    def template_status(self, name: str) -> str:
        """Of the template with exactly this name; empty when there is none."""
        found = self.graph("GET", f"{WABA}/message_templates?fields=name,status&limit=1000").json()["data"]
        return next((t["status"] for t in found if t["name"] == name), "")

    def approve(self, name: str, category: str = "UTILITY", **change: Any) -> None:
        """There is an approved template of that name, whichever test made it."""
        if self.template_status(name) != "APPROVED":
            self.create_template(name, category, **change)
            wait_for(lambda: self.template_status(name) == "APPROVED")


@pytest.fixture(scope="session")
def whatsapp_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    accounts = [
        {
            "waba_id": waba,
            "subscribed": True,
            "phone_numbers": [{"phone_number_id": number, "display_phone_number": phone, "verified_name": "Linen"}],
        }
        for waba, number, phone in ((WABA, NUMBER, "+81 3-1234-5678"), (OTHER_WABA, OTHER_NUMBER, "+44 20 7946 0000"))
    ]
    configuration = {
        "app_secret": APP_SECRET,
        "verify_token": VERIFY_TOKEN,
        "access_tokens": [TOKEN],
        "accounts": accounts,
        "template_review_s": 0.05,
        "statuses": {"sent_s": 0.01, "delivered_s": 0.03, "read_s": 0.06},
    }
    path = tmp_path_factory.mktemp("whatsapp") / "whatsapp.json"
    path.write_text(json.dumps(configuration))
    with running("local.whatsapp", "--config", str(path)) as address:
        yield address


@pytest.fixture
def phones(whatsapp_address: str, business: Business) -> Phones:
    """Nothing was said yet, and webhooks go to `business`."""
    phones = Phones(whatsapp_address)
    phones.control("reset")
    phones.control("configure", webhook_url=business.url)
    return phones


@pytest.fixture(scope="session")
def mailbox_address() -> Iterator[str]:
    with running("local.mailbox") as address:
        yield address
