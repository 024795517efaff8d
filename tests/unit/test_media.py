"""What a file is by its content decides whether it is kept."""

from __future__ import annotations

import pytest

from okaeri.adapters.file_types import recognise_file
from okaeri.domain.media import MEGABYTE, Judgement, find_most, judge_file, name_kind, name_media_key

PADDING = bytes(80)
FILES = {
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + PADDING,
    "image/png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + PADDING,
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 " + PADDING,
    "image/gif": b"GIF89a" + PADDING,
    "video/mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + PADDING,
    "video/3gpp": b"\0\0\0\x18ftyp3gp4\0\0\0\0" + PADDING,
    "audio/ogg": b"OggS\0\x02" + bytes(22) + b"OpusHead" + PADDING,
    "audio/aac": b"\xff\xf1\x50\x80\x02\x1f\xfc" + PADDING,
    "audio/mpeg": b"ID3\x03\0\0\0\0\0\x21" + PADDING,
    "audio/amr": b"#!AMR\n" + PADDING,
    "audio/mp4": b"\0\0\0\x20ftypM4A \0\0\0\0" + PADDING,
    "application/pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n",
}
NEVER = {
    "text/html": b"<!DOCTYPE html><html><script>x</script>",
    "image/svg+xml": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "application/xml": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "application/zip": b"PK\x03\x04" + PADDING,
    "application/x-msdownload": b"MZ\x90\0" + PADDING,
    "text/x-shellscript": b"#!/bin/sh\necho",
    "text/plain": b"hello there",
    "image/heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + PADDING,
}


def judge(claimed: str, body: bytes, size: int | None = None) -> Judgement:
    return judge_file(claimed, recognise_file(body), len(body) if size is None else size)


@pytest.mark.parametrize("kind", FILES)
def test_pictures_films_sounds_and_pdfs_are_kept_under_what_they_are(kind: str) -> None:
    assert judge(kind, FILES[kind]) == Judgement(kind)
    assert judge(f"{kind.upper()}; codecs=x", FILES[kind]) == Judgement(kind)


@pytest.mark.parametrize("kind", NEVER)
@pytest.mark.parametrize("claimed", ["own", "image/jpeg", "application/pdf", ""])
def test_pages_scripts_archives_and_programs_are_refused_whatever_they_call_themselves(kind: str, claimed: str) -> None:
    judgement = judge(kind if claimed == "own" else claimed, NEVER[kind])
    assert not judgement.content_type
    assert judgement.refused.startswith("not_allowed:")


def test_a_file_that_is_not_what_it_says_is_refused() -> None:
    assert judge("image/jpeg", FILES["application/pdf"]).refused == "not_what_it_says:application/pdf"
    assert judge("application/pdf", FILES["image/png"]).refused == "not_what_it_says:image/png"
    assert judge("text/html", FILES["image/png"]).refused == "not_what_it_says:image/png"


def test_a_picture_of_another_kind_is_kept_as_the_kind_that_it_is() -> None:
    assert judge("image/jpg", FILES["image/png"]) == Judgement("image/png")


def test_a_sound_in_a_films_container_is_a_sound() -> None:
    assert judge("audio/mp4", FILES["video/mp4"]) == Judgement("audio/mp4")
    assert judge("audio/3gpp", FILES["video/3gpp"]) == Judgement("audio/3gpp")


@pytest.mark.parametrize("claimed", ["", "application/octet-stream"])
def test_a_file_without_a_name_for_itself_is_what_its_content_says(claimed: str) -> None:
    assert judge(claimed, FILES["image/webp"]) == Judgement("image/webp")


@pytest.mark.parametrize(
    ("kind", "most"), [("image/png", 10), ("video/mp4", 16), ("audio/ogg", 16), ("application/pdf", 25)]
)
def test_each_kind_has_its_largest_size(kind: str, most: int) -> None:
    assert judge(kind, FILES[kind], most * MEGABYTE) == Judgement(kind)
    assert judge(kind, FILES[kind], most * MEGABYTE + 1).refused == "too_large"
    assert find_most(kind) == most * MEGABYTE


def test_a_file_of_nothing_is_refused() -> None:
    assert judge("image/png", b"").refused == "empty"


def test_a_key_tells_the_store_and_nobody_else() -> None:
    key = name_media_key("aya", "customer-1", "media-1", "image/jpeg")
    store, folder, name = key.removeprefix("files/").split("/")
    assert store == "aya"
    assert name.endswith(".jpg")
    assert "customer" not in key and "media-1" not in key
    assert key == name_media_key("aya", "customer-1", "media-1", "image/jpeg")
    assert folder != name_media_key("aya", "customer-2", "media-1", "image/jpeg").split("/")[2]


@pytest.mark.parametrize(
    ("kind", "sent_as"),
    [("image/png", "image"), ("video/mp4", "video"), ("audio/ogg", "audio"), ("application/pdf", "document")],
)
def test_whatsapp_has_a_name_for_each(kind: str, sent_as: str) -> None:
    assert name_kind(kind) == sent_as
