"""Files between Meta, our bucket and the table: a server in Meta's place, moto's S3 and DynamoDB."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from okaeri import wiring
from okaeri.adapters.file_types import recognise_file
from okaeri.adapters.media_store import S3MediaStore
from okaeri.adapters.meta_media import GraphMedia, GraphUploads
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.uploads import DynamoUploads
from okaeri.domain.media import UploadedFile
from okaeri.domain.records import MediaRecord
from okaeri.errors import GiveUp, StopSender, TryAgain
from tests.fakes import START, FakeClock, FakeSecrets
from tests.functional.aws_from_template import MadeStack
from tests.unit.use_cases.speaking import STORE

SHOP = STORE.model_copy(update={"phone_number_id": "800001"})
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(2000)
KEY = "files/s1/abc/def.png"


@dataclass
class Meta:
    """Meta's end: one file, and what goes wrong with it."""

    url: str = ""
    body: bytes = PICTURE
    described: dict[str, Any] = field(default_factory=dict)
    status: int = 200  # of the question what there is
    error: dict[str, Any] | None = None
    download_status: int = 200
    without_length: bool = False
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)


@pytest.fixture
def meta() -> Iterator[Meta]:
    meta = Meta()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.note(b"")
            if self.path.startswith("/download"):
                self.send_response(meta.download_status)
                if not meta.without_length:
                    self.send_header("content-length", str(len(meta.body)))
                self.end_headers()
                self.wfile.write(meta.body)
                return
            self.answer(
                {
                    "url": f"{meta.url}/download",
                    "mime_type": "image/png",
                    "sha256": hashlib.sha256(meta.body).hexdigest(),
                    "file_size": len(meta.body),
                    **meta.described,
                }
            )

        def do_POST(self) -> None:
            self.note(self.rfile.read(int(self.headers["content-length"])))
            self.answer({"id": f"uploaded-{len(meta.asked)}"})

        def note(self, body: bytes) -> None:
            meta.asked.append((self.command, self.path, body))
            meta.tokens.add(self.headers.get("authorization", ""))

        def answer(self, body: dict[str, Any]) -> None:
            text = json.dumps({"error": meta.error} if meta.error else body).encode()
            self.send_response(meta.status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]  # who hangs up midway is part of it
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    meta.url = f"http://127.0.0.1:{server.server_port}"
    yield meta
    server.shutdown()
    server.server_close()


SECRETS = FakeSecrets({"stores/s1/whatsapp": {"token": "t0ken"}})


def fetch(meta: Meta, most: int = 1_000_000, **how: Any) -> tuple[str, bytes]:
    with requests.Session() as session:
        media = GraphMedia(SECRETS, base_url=meta.url, version="v24.0", session=session, **how)
        return media.fetch(SHOP, "media-1", most=most)


def test_a_file_comes_whole_with_the_stores_own_token(meta: Meta) -> None:
    assert fetch(meta) == ("image/png", PICTURE)
    assert [path for _, path, _ in meta.asked] == ["/v24.0/media-1?phone_number_id=800001", "/download"]
    assert meta.tokens == {"Bearer t0ken"}


def test_a_file_that_is_too_large_by_its_description_is_not_read(meta: Meta) -> None:
    with pytest.raises(GiveUp, match="too_large"):
        fetch(meta, most=100)
    assert len(meta.asked) == 1


@pytest.mark.parametrize("without_length", [True, False])
def test_a_file_that_is_larger_than_its_description_is_read_no_further(meta: Meta, without_length: bool) -> None:
    meta.described, meta.without_length = {"file_size": 10}, without_length
    with pytest.raises(GiveUp, match="too_large"):
        fetch(meta, most=100)


def test_a_file_that_meta_has_forgotten_is_expired(meta: Meta) -> None:
    meta.status, meta.error = 400, {"code": 100, "error_subcode": 33, "message": "Unsupported get request."}
    with pytest.raises(GiveUp, match="expired"):
        fetch(meta)
    meta.status, meta.error, meta.download_status = 200, None, 404
    with pytest.raises(GiveUp, match="expired"):
        fetch(meta)


@pytest.mark.parametrize(
    ("status", "error", "kind", "code"),
    [
        (401, {"code": 190}, StopSender, "190"),
        (503, {"code": 2}, TryAgain, "2"),
        (502, None, TryAgain, "http_502"),
    ],
)
def test_what_meta_answers_instead_says_what_to_do_next(
    meta: Meta, status: int, error: dict[str, Any] | None, kind: type[Exception], code: str
) -> None:
    meta.status, meta.error = status, error
    with pytest.raises(kind) as raised:
        fetch(meta)
    assert getattr(raised.value, "code", None) == code


def test_a_file_that_was_damaged_on_its_way_is_fetched_again(meta: Meta) -> None:
    meta.described = {"sha256": "0" * 64}
    with pytest.raises(TryAgain, match="media_damaged"):
        fetch(meta)


def test_the_token_goes_to_no_other_kind_of_address(meta: Meta) -> None:
    for address in ("https://elsewhere.example/x", "ftp://x", ""):
        meta.described = {"url": address}
        with pytest.raises(GiveUp, match="media_address_broken"):
            fetch(meta)
    assert not [path for _, path, _ in meta.asked if path.startswith("/download")]


def test_a_file_that_trickles_is_left_for_later(meta: Meta) -> None:
    moments = iter(range(0, 10_000, 100))
    with pytest.raises(TryAgain, match="media_too_slow"):
        fetch(meta, read_seconds=lambda: float(next(moments)))


def test_who_cannot_be_reached_is_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TryAgain) as raised:
        fetch(Meta(url=f"http://127.0.0.1:{port}"))
    assert raised.value.code == "graph_unreachable"


def test_without_a_token_nothing_is_asked(meta: Meta) -> None:
    media = GraphMedia(FakeSecrets(), base_url=meta.url, version="v24.0")
    with pytest.raises(StopSender, match="token_missing"):
        media.fetch(SHOP, "media-1", most=10)
    assert meta.asked == []


# ── Our bucket ──


@pytest.fixture
def bucket(made_stack: MadeStack) -> S3MediaStore:
    return S3MediaStore(wiring.connect_s3(), made_stack.references["MediaBucket"])


def test_a_file_is_read_as_it_was_put(bucket: S3MediaStore) -> None:
    bucket.put(KEY, PICTURE, content_type="image/png")
    assert bucket.get(KEY) == ("image/png", PICTURE)


def test_a_file_that_the_bucket_has_forgotten_is_gone(bucket: S3MediaStore) -> None:
    with pytest.raises(GiveUp, match="media_gone"):
        bucket.get(KEY)
    with pytest.raises(GiveUp, match="media_gone"):
        bucket.make_link(KEY, seconds=60)


@pytest.mark.parametrize(("content_type", "shown"), [("image/png", "inline"), ("application/pdf", "attachment")])
def test_a_link_opens_the_file_as_what_it_is_and_for_a_while(
    bucket: S3MediaStore, content_type: str, shown: str
) -> None:
    bucket.put(KEY, PICTURE, content_type=content_type)
    link = bucket.make_link(KEY, seconds=60)
    assert KEY in link
    assert "X-Amz-Expires=60" in link
    answer = requests.get(link, timeout=10)
    assert answer.content == PICTURE
    assert answer.headers["content-type"] == content_type
    assert f"response-content-disposition={shown}" in link


# ── Files that go along ──


@dataclass
class Outgoing:
    uploads: GraphUploads
    clock: FakeClock


@pytest.fixture
def outgoing(meta: Meta, bucket: S3MediaStore, made_stack: MadeStack) -> Outgoing:
    bucket.put(KEY, PICTURE, content_type="image/png")
    clock = FakeClock()
    known = DynamoUploads(wiring.connect_dynamodb(), made_stack.table_name, clock)
    return Outgoing(GraphUploads(SECRETS, bucket, known, base_url=meta.url, version="v24.0"), clock)


def test_a_file_is_uploaded_once_and_its_id_serves_for_weeks(meta: Meta, outgoing: Outgoing) -> None:
    assert outgoing.uploads.upload(SHOP, KEY) == UploadedFile("uploaded-1", "image")
    assert outgoing.uploads.upload(SHOP, KEY) == UploadedFile("uploaded-1", "image")
    [(_, path, body)] = meta.asked
    assert path == "/v24.0/800001/media"
    assert PICTURE in body and b'name="messaging_product"' in body and b"image/png" in body
    outgoing.clock.advance(days=26)
    assert outgoing.uploads.upload(SHOP, KEY).media_id == "uploaded-2"


def test_each_number_has_its_own_uploads(meta: Meta, outgoing: Outgoing) -> None:
    first = outgoing.uploads.upload(SHOP, KEY)
    other = outgoing.uploads.upload(SHOP.model_copy(update={"phone_number_id": "800002"}), KEY)
    assert first.media_id != other.media_id


def test_a_file_that_is_gone_or_that_meta_does_not_want_ends_the_message(meta: Meta, outgoing: Outgoing) -> None:
    with pytest.raises(GiveUp, match="media_gone"):
        outgoing.uploads.upload(SHOP, "files/s1/abc/other.png")
    meta.status, meta.error = 400, {"code": 100, "message": "Param file must be a file"}
    with pytest.raises(GiveUp, match="media_refused"):
        outgoing.uploads.upload(SHOP, KEY)


# ── The record ──


def test_the_record_stands_beside_the_customer_and_keeps_what_was_agreed(made_stack: MadeStack) -> None:
    client, clock = wiring.connect_dynamodb(), FakeClock()
    records = DynamoRecords(client, made_stack.table_name, clock)
    record = MediaRecord(store_id="s1", customer_id="c1", media_id="media-1", key=KEY, received_at=START)
    records.put_media(record.model_copy(update={"may_publish": True}))
    records.put_media(record)
    item = client.get_item(TableName=made_stack.table_name, Key={"pk": {"S": "s1#C#c1"}, "sk": {"S": "F#media-1"}})
    assert item["Item"]["may_publish"] == {"BOOL": True}


def test_what_may_be_shown_is_noted_beside_the_file_and_nowhere_without_one(made_stack: MadeStack) -> None:
    client = wiring.connect_dynamodb()
    records = DynamoRecords(client, made_stack.table_name, FakeClock())
    records.put_media(MediaRecord(store_id="s1", customer_id="c1", media_id="media-1", key=KEY, received_at=START))

    def find(media_id: str) -> dict[str, Any] | None:
        key = {"pk": {"S": "s1#C#c1"}, "sk": {"S": f"F#{media_id}"}}
        return client.get_item(TableName=made_stack.table_name, Key=key).get("Item")

    for media_id in ("media-1", "media-2"):
        records.note_showing("s1", "c1", media_id, agreed=True)
    assert (find("media-1") or {})["may_publish"] == {"BOOL": True}
    assert find("media-2") is None
    records.note_showing("s1", "c1", "media-1", agreed=False)
    assert (find("media-1") or {})["may_publish"] == {"BOOL": False}


def test_the_samples_of_the_stand_in_are_what_they_say() -> None:
    from local.whatsapp.samples import make_sample

    for kind in ("image", "video", "audio", "voice", "document", "sticker"):
        content_type, body = make_sample(kind)
        assert content_type.partition(";")[0] in recognise_file(body)
