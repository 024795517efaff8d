"""What runs ask for, as SQS gives it: the table, a shop's own server, and the answer on the events queue."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook

from okaeri.adapters import keys
from okaeri.adapters.coupons import DynamoCoupons
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.queues import read_envelope
from okaeri.adapters.shop_webhooks import MOST_BYTES, SignedWebhooks, find_addresses, is_public, read_values
from okaeri.domain.coupons import Coupon
from okaeri.domain.evidence import ActionDone
from okaeri.domain.records import ActionRequest
from okaeri.domain.stores import Platform, Store, StoreSettings
from okaeri.domain.values import Purpose
from okaeri.errors import GiveUp, TryAgain
from tests.fakes import FakeSecrets
from tests.functional.action_queue import open_actions
from tests.functional.aws_from_template import STACK_NAME, MadeStack

SECRET, OLD_SECRET = "whsec_" + "QUJD" * 11, "whsec_" + "WFla" * 11


@dataclass
class Shop:
    """The shop's own server: what it answers, and what it was told."""

    url: str = ""
    status: int = 200
    answer: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    server: ThreadingHTTPServer = field(init=False)


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            shop.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(shop.status)
            for name, value in (shop.headers | {"content-length": str(len(shop.answer))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(shop.answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = shop.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]  # a client that hangs up is part of it
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shop.url = f"http://127.0.0.1:{server.server_port}/okaeri?from=tests"
    yield shop
    server.shutdown()
    server.server_close()


def make_webhooks(**how: Any) -> SignedWebhooks:
    secrets = FakeSecrets({"stores/aya/calls": {"current": SECRET, "previous": OLD_SECRET}})
    return SignedWebhooks(secrets, **{"allow_local": True} | how)


def call(shop: Shop, **how: Any) -> dict[str, str]:
    return make_webhooks(**how).call("aya", shop.url, '{"type":"okaeri.call","name":"愛子"}', call_id="a1")


# ── One call ──


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_the_shop_can_tell_that_it_is_us_also_while_the_secret_changes(shop: Shop, secret: str) -> None:
    shop.answer = b'{"level": "gold"}'
    assert call(shop) == {"level": "gold"}
    [(headers, body)] = shop.told
    assert Webhook(secret).verify(body, headers) == {"type": "okaeri.call", "name": "愛子"}
    assert headers["webhook-id"] == "a1"
    assert headers["host"] == shop.url.split("/")[2]


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, GiveUp), (404, GiveUp), (302, GiveUp), (408, TryAgain), (429, TryAgain), (500, TryAgain), (503, TryAgain)],
)
def test_a_status_says_whether_to_call_again(shop: Shop, status: int, error: type[GiveUp | TryAgain]) -> None:
    shop.status, shop.headers = status, {"location": shop.url}
    with pytest.raises(error, match=f"http_{status}"):
        call(shop)
    assert len(shop.told) == 1, "no redirect is followed and nothing is repeated here"


def test_an_answer_that_never_ends_is_not_read(shop: Shop) -> None:
    shop.answer = b" " * (MOST_BYTES + 1)
    with pytest.raises(GiveUp, match="webhook_answer_too_large"):
        call(shop)


def test_a_server_that_is_away_is_tried_again(shop: Shop, unused_port: int) -> None:
    with pytest.raises(TryAgain, match="webhook_unreachable"):
        make_webhooks().call("aya", f"http://127.0.0.1:{unused_port}/", "{}", call_id="a1")


@pytest.fixture
def unused_port() -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return server.server_port


def test_a_slow_server_is_given_up_for_now(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("okaeri.adapters.shop_webhooks.ANSWER_S", 0.2)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)  # takes connections and says nothing
    try:
        with pytest.raises(TryAgain, match="webhook_timeout"):
            make_webhooks().call("aya", f"http://127.0.0.1:{server.server_port}/", "{}", call_id="a1")
    finally:
        server.server_close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://crm.example/", "webhook_not_https"),
        ("ftp://crm.example/", "webhook_not_https"),
        ("https:///path", "webhook_not_https"),
        ("https://crm.example:99999/", "webhook_address_broken"),
    ],
)
def test_outside_a_laptop_only_https_is_spoken(url: str, reason: str) -> None:
    webhooks = make_webhooks(allow_local=False, resolve=lambda host, port: ["93.184.215.14"])
    with pytest.raises(GiveUp, match=reason):
        webhooks.call("aya", url, "{}", call_id="a1")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"],
)
def test_no_call_reaches_into_a_private_network(shop: Shop, address: str) -> None:
    """Also where only one of a name's addresses is private: its next look-up might give that one."""
    webhooks = make_webhooks(allow_local=False, resolve=lambda host, port: ["93.184.215.14", address])
    with pytest.raises(GiveUp, match="webhook_address_private"):
        webhooks.call("aya", "https://crm.example/", "{}", call_id="a1")
    assert not is_public(address)


def make_certificate(name: str, folder: Path) -> tuple[Path, Path]:
    """A certificate of `name` that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


def test_the_address_is_the_one_that_was_looked_at_and_the_certificate_the_names(shop: Shop, tmp_path: Path) -> None:
    public, private = make_certificate("crm.example", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    asked: list[str | None] = []
    context.sni_callback = lambda connection, name, _: asked.append(name)
    shop.server.socket = context.wrap_socket(shop.server.socket, server_side=True)
    webhooks = make_webhooks(resolve=lambda host, port: ["127.0.0.1"], ca_certificates=str(public))
    port = shop.server.server_port
    assert webhooks.call("aya", f"https://crm.example:{port}/", "{}", call_id="a1") == {}
    with pytest.raises(TryAgain, match="webhook_unreachable"):
        webhooks.call("aya", f"https://other.example:{port}/", "{}", call_id="a1")
    assert asked[0] == "crm.example"
    assert len(shop.told) == 1


def test_a_name_that_nobody_knows_is_tried_again() -> None:
    with pytest.raises(TryAgain, match="webhook_name_unknown"):
        find_addresses("a" * 64 + ".invalid", 443)


def test_only_flat_values_are_taken_as_text_and_not_too_many() -> None:
    answer = {"level": "gold", "points": 7, "vip": True, "none": None, "list": [1], "deep": {"a": 1}, "not a name": "x"}
    assert read_values(json.dumps(answer).encode()) == {"level": "gold", "points": "7", "vip": "true"}
    assert len(read_values(json.dumps({f"v{number}": number for number in range(40)}).encode())) == 16
    assert len(read_values(b'{"long": "' + b"x" * 900 + b'"}')["long"]) == 500
    for nothing in (b"", b"OK", b"[1]", b"\xff"):
        assert read_values(nothing) == {}


# ── The function ──


@pytest.fixture
def give(
    deploy: Callable[[str], MadeStack], shop: Shop, made_stack: MadeStack
) -> Callable[..., dict[str, list[dict[str, str]]]]:
    deploy("CarryOutActions")
    webhooks = {"crm": shop.url}
    store = Store(
        store_id="aya", name="Aya", platform=Platform.SHOPIFY, domain="aya.myshopify.com", site_url="https://aya.example",
        settings=StoreSettings(webhooks=webhooks),
    )  # fmt: skip
    boto3.client("dynamodb").put_item(
        TableName=made_stack.table_name,
        Item={"pk": {"S": keys.store_key("aya")}, "sk": {"S": keys.STORE}, "body": encode_body(store)},
    )
    boto3.client("ssm").put_parameter(
        Name=f"/okaeri/{STACK_NAME}/stores/aya/calls", Value=json.dumps({"current": SECRET}), Type="SecureString"
    )
    perform = open_actions(made_stack)

    def invoke(request: ActionRequest, received: int = 1) -> dict[str, list[dict[str, str]]]:
        return perform(request, received)

    return invoke


def make_request(**changes: Any) -> ActionRequest:
    values = {
        "store_id": "aya", "customer_id": "c1", "action_id": "a" * 40, "kind": "call", "target": "crm",
        "journey": "vip", "purpose": Purpose.ORDER, "data": {"order": "1001"}, "requested_at": datetime.now(UTC),
    }  # fmt: skip
    return ActionRequest.model_validate(values | changes)


def read_answers(made: MadeStack) -> list[ActionDone]:
    answer = boto3.client("sqs").receive_message(QueueUrl=made.queue_url("EventsQueue"), MaxNumberOfMessages=10)
    found = [read_envelope(message["Body"]).evidence for message in answer.get("Messages", [])]
    return [evidence for evidence in found if isinstance(evidence, ActionDone)]


def test_a_call_reaches_the_shop_and_its_answer_the_engine(
    give: Callable[..., Any], shop: Shop, made_stack: MadeStack
) -> None:
    shop.answer = b'{"level": "gold"}'
    assert give(make_request()) == {"batchItemFailures": []}
    [(headers, body)] = shop.told
    assert Webhook(SECRET).verify(body, headers)["data"] == {"order": "1001"}
    [done] = read_answers(made_stack)
    assert (done.customer_id, done.action_id, done.ok, done.data) == ("c1", "a" * 40, True, {"level": "gold"})


def test_a_shop_that_is_down_is_called_again_by_the_queue(
    give: Callable[..., Any], shop: Shop, made_stack: MadeStack
) -> None:
    shop.status = 503
    assert len(give(make_request())["batchItemFailures"]) == 1
    assert read_answers(made_stack) == []
    assert give(make_request(), received=5) == {"batchItemFailures": []}
    [done] = read_answers(made_stack)
    assert (done.ok, done.data) == (False, {"reason": "http_503", "status": "503"})


def test_a_code_comes_from_the_pool(give: Callable[..., Any], made_stack: MadeStack) -> None:
    DynamoCoupons(boto3.client("dynamodb"), made_stack.table_name).add("aya", "thanks", [Coupon(code="MERCI-1")])
    for step in ("a", "b"):
        give(make_request(kind="coupon", target="thanks", data={}, action_id=step * 40))
    answers = {done.action_id[0]: (done.ok, done.data) for done in read_answers(made_stack)}
    assert answers == {"a": (True, {"code": "MERCI-1"}), "b": (False, {"reason": "pool_empty"})}
