"""A file that a customer sent is kept, or the record says why not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from okaeri.domain.records import ActionRequest, MediaRecord
from okaeri.domain.stores import Store
from okaeri.domain.values import Purpose
from okaeri.errors import GiveUp, StopSender, TryAgain
from okaeri.use_cases.keep_media import KeepMedia
from tests.fakes import START, FakeRecords
from tests.unit.use_cases.speaking import STORE, FakeLog

PICTURE = b"\x89PNG a picture"


@dataclass
class Meta:
    """Meta's end: what it has, or what is wrong with it."""

    content_type: str = "image/png"
    body: bytes = PICTURE
    fault: Exception | None = None
    asked: list[tuple[str, int]] = field(default_factory=list)

    def fetch(self, store: Store, media_id: str, *, most: int) -> tuple[str, bytes]:
        self.asked.append((media_id, most))
        if self.fault:
            raise self.fault
        return self.content_type, self.body


@dataclass
class Bucket:
    """Our own store of files, in memory."""

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        self.files[key] = (content_type, body)

    def get(self, key: str) -> tuple[str, bytes]:
        return self.files[key]

    def make_link(self, key: str, *, seconds: int) -> str:
        return f"https://files.example/{key}"


@dataclass
class Keeping:
    """The use case with all that it touches."""

    meta: Meta = field(default_factory=Meta)
    bucket: Bucket = field(default_factory=Bucket)
    records: FakeRecords = field(default_factory=FakeRecords)
    log: FakeLog = field(default_factory=FakeLog)
    found: Sequence[str] = ("image/png",)

    def keep(self, *, is_last: bool = False, **data: str) -> MediaRecord:
        request = ActionRequest(
            store_id="s1",
            customer_id="c1",
            action_id="a1",
            kind="media",
            target="media-1",
            journey="",
            purpose=Purpose.ORDER,
            data=data,
            requested_at=START,
        )
        KeepMedia(self.meta, self.bucket, self.records, lambda body: self.found, self.log)(
            request, STORE, is_last=is_last
        )
        return self.records.media["s1", "c1", "media-1"]


def test_a_picture_is_kept_under_a_key_that_names_nobody() -> None:
    keeping = Keeping()
    record = keeping.keep(type="image", filename="photo of Aiko.png")
    assert keeping.bucket.files == {record.key: ("image/png", PICTURE)}
    assert "Aiko" not in record.key and "c1" not in record.key
    assert (record.content_type, record.size, record.name) == ("image/png", len(PICTURE), "photo of Aiko.png")
    assert record.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert (record.refused, record.received_at, record.may_publish) == ("", START, False)
    assert keeping.log.lines == []


def test_the_same_request_twice_is_one_file_and_one_record() -> None:
    keeping = Keeping()
    assert keeping.keep() == keeping.keep()
    assert len(keeping.bucket.files) == 1


def test_who_agreed_to_publish_keeps_agreeing_when_the_file_is_fetched_again() -> None:
    keeping = Keeping()
    keeping.records.put_media(keeping.keep().model_copy(update={"may_publish": True}))
    assert keeping.keep().may_publish


def test_no_more_is_read_than_a_file_of_its_kind_may_have() -> None:
    keeping = Keeping()
    keeping.keep(type="image")
    keeping.keep(type="document")
    [(_, of_picture), (_, of_document)] = keeping.meta.asked
    assert of_picture < of_document


@pytest.mark.parametrize("code", ["expired", "too_large"])
def test_what_meta_refuses_is_recorded_with_its_reason(code: str) -> None:
    keeping = Keeping(meta=Meta(fault=GiveUp(code)))
    record = keeping.keep()
    assert (record.refused, record.key, keeping.bucket.files) == (code, "", {})
    assert [extra["reason"] for _, _, extra in keeping.log.lines] == [code]


def test_a_page_in_a_pictures_clothes_is_not_kept() -> None:
    keeping = Keeping(found=["text/html"])
    record = keeping.keep()
    assert (record.refused, keeping.bucket.files) == ("not_allowed:text/html", {})


@pytest.mark.parametrize("fault", [TryAgain("graph_unreachable", after_s=30), StopSender("190")])
def test_a_fault_that_passes_is_tried_again_and_recorded_at_last(fault: TryAgain | StopSender) -> None:
    keeping = Keeping(meta=Meta(fault=fault))
    with pytest.raises(TryAgain, match=fault.code):
        keeping.keep()
    assert keeping.records.media == {}
    assert keeping.keep(is_last=True).refused == fault.code


@pytest.mark.parametrize(("key", "refused"), [("files/s1/a/b.pdf", ""), ("", "not_allowed:text/html")])
def test_a_file_of_a_letter_is_noted_beside_its_writer_and_fetched_from_nowhere(key: str, refused: str) -> None:
    keeping = Keeping()
    record = keeping.keep(key=key, refused=refused, content_type="application/pdf", size="5", filename="receipt.pdf")
    assert (record.key, record.refused, record.size, record.name) == (key, refused, 5, "receipt.pdf")
    assert (keeping.meta.asked, keeping.bucket.files) == ([], {})
