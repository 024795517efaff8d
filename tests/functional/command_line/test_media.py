"""`okaeri media`: what customers sent, and whether it may be published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from command_line import commands, media_commands
from command_line.failures import CommandFailure
from command_line.stack import Stack
from command_line.stores import add_store
from okaeri import wiring
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.media_store import S3MediaStore
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.customers import Customer
from okaeri.domain.records import MediaRecord
from okaeri.domain.stores import Platform
from tests.functional.aws_from_template import MadeStack
from tests.functional.command_line.stack import make_catalogue

AT = datetime(2026, 11, 2, 9, 41, tzinfo=UTC)
KEY = "files/aya/abc/def.png"
PICTURE = b"\x89PNG a picture"


@pytest.fixture
def run(stack: Stack, made_stack: MadeStack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command against a stack with a customer, a picture, a page that was refused and a file that is gone."""
    add_store(
        stack, "aya", {"domain": "aya.example", "name": "Aya"}, platform=Platform.STANDARD, catalogue=make_catalogue()
    )
    jana = Customer(store_id="aya", customer_id="c1", version=1, created_at=AT, absorbed=("c2",))
    DynamoCustomers(stack.dynamodb, stack.table_name).save(jana, sweep_at=None)
    records = DynamoRecords(stack.dynamodb, stack.table_name, lambda: AT)
    sent: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("c1", "media-1", {"content_type": "image/png", "size": len(PICTURE), "key": KEY}),
        ("c1", "page-2", {"refused": "not_allowed:text/html"}),
        ("c2", "older-3", {"content_type": "application/pdf", "size": 5, "key": "files/aya/abc/gone.pdf"}),
    )
    for number, (customer_id, media_id, given) in enumerate(sent):
        who: dict[str, Any] = {"store_id": "aya", "customer_id": customer_id, "media_id": media_id}
        records.put_media(MediaRecord.model_validate(who | {"received_at": AT + timedelta(hours=number)} | given))
    bucket = made_stack.references["MediaBucket"]
    S3MediaStore(wiring.connect_s3(), bucket).put(KEY, PICTURE, content_type="image/png")
    monkeypatch.setattr(media_commands, "open_stack", lambda name: stack)
    stack.outputs["MediaBucketName"] = bucket  # type: ignore[index]  # a dict, here

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.app, ["media", *arguments], env={"AWS_REGION": "us-east-1"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        return result

    return run_command


def test_all_that_a_customer_sent_is_listed_also_what_was_not_kept(run: Any) -> None:
    lines = run("list", "aya", "c1").stdout.splitlines()[1:]
    assert [line.split()[0] for line in lines] == ["media-1", "page-2", "older-3"]
    assert "image/png" in lines[0] and "kept" in lines[0]
    assert "files of this kind are not kept (text/html)" in lines[1]


def test_a_file_is_fetched_by_the_beginning_of_its_id_and_overwrites_nothing(run: Any, tmp_path: Path) -> None:
    out = tmp_path / "photo.png"
    assert run("get", "aya", "c1", "media", "--out", str(out)).exit_code == 0
    assert out.read_bytes() == PICTURE
    with pytest.raises(CommandFailure, match="is there already"):
        run("get", "aya", "c1", "media", "--out", str(out))


@pytest.mark.parametrize(
    ("media_id", "why"),
    [
        ("page", "was not kept: not_allowed:text/html"),
        ("older", "is no longer kept"),
        ("none", "no files"),
        ("", "3 files"),
    ],
)
def test_why_there_is_no_file_is_said(run: Any, media_id: str, why: str) -> None:
    with pytest.raises(CommandFailure, match=why):
        run("get", "aya", "c1", media_id)


def test_a_customer_agrees_to_publish_and_takes_it_back(run: Any) -> None:
    run("publishable", "aya", "c1", "media-1")
    assert run("list", "aya", "c1").stdout.splitlines()[1].split()[-1] == "yes"
    run("publishable", "aya", "c1", "media-1", "--no")
    assert run("list", "aya", "c1").stdout.splitlines()[1].split()[-1] == "no"
