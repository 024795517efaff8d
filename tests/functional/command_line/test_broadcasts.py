"""`okaeri broadcasts` and `okaeri segments` as a person runs them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from command_line import (
    broadcast_commands,
    broadcast_trials,
    broadcasts,
    commands,
    records,
    segment_commands,
    store_commands,
)
from command_line.failures import CommandFailure
from command_line.publish import load_catalogue, publish_catalogue
from command_line.stack import Stack
from okaeri.adapters.broadcasts import DynamoBroadcasts
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.adapters.messages import DynamoMessages
from okaeri.domain.broadcast_reach import list_message_ids
from okaeri.domain.broadcasts import Broadcast, BroadcastState
from okaeri.domain.customers import Consent, Customer, Identity, IdentityKind
from okaeri.domain.messages import Message, MessageState, QueuedMessage
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import Channel, Purpose

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)  # a Monday, noon in Tokyo
AGREED = Consent(given=True, at=NOW - timedelta(days=3), source="signup")
FILE = """
broadcast: summer
name: Summer news
template: news
to: {segment: loyal}
words:
  en: {title: New linen, text: In three colours, url: "https://linen.example/new"}
  ja: {title: 夏の新作, text: 三色ございます, url: "https://linen.example/ja/new"}
ramp:
  parts: [{percent: 1, at_least: 50}]
  watch: PT10M
"""


@pytest.fixture
def shop(stack: Stack) -> Store:
    """A shop with both languages, open day and night, and five customers."""
    store = Store(
        store_id="linen", name="Linen & Co", platform=Platform.STANDARD, domain="linen.example",
        site_url="https://linen.example", from_email="hi@linen.example", phone_number_id="1001", waba_id="2001",
    )  # fmt: skip
    settings = store.settings.model_copy(
        update={
            "languages": ("en", "ja"),
            "marketing_hours": ("00:00", "00:00"),
            "test_phones": ("+819000000000", "+819099999999"),
            "test_emails": ("c1@example.jp",),
        }
    )
    records.create_store(stack, store.model_copy(update={"settings": settings}))
    publish_catalogue(stack, ["linen"], catalogue=load_catalogue())
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    both = {"whatsapp:marketing": AGREED, "email:marketing": AGREED}
    people: tuple[dict[str, Any], ...] = ({"locale": "ja"}, {}, {"phones": ()}, {"consents": {}}, {"orders_count": 1})
    for number, changes in enumerate(people):
        values: dict[str, Any] = {
            "store_id": "linen", "customer_id": f"c{number}", "version": 1, "created_at": NOW, "country": "JP",
            "phones": (f"+81900000000{number}",), "emails": (f"c{number}@example.jp",), "locale": "en",
            "orders_count": 4, "last_order_at": NOW - timedelta(days=9), "consents": both,
        }  # fmt: skip
        customers.save(Customer(**values | changes), sweep_at=None)
    customers.claim("linen", Identity(kind=IdentityKind.PHONE, value="+819000000000"), "c0")
    customers.claim("linen", Identity(kind=IdentityKind.EMAIL, value="c1@example.jp"), "c1")
    return records.read_store(stack, "linen")


@pytest.fixture
def run(stack: Stack, shop: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command against the stack; CommandFailure comes out as it is."""
    for module in (broadcast_commands, segment_commands, store_commands):
        monkeypatch.setattr(module, "open_stack", lambda name: stack)
    for clocked in (broadcasts, broadcast_trials):
        monkeypatch.setattr(clocked, "read_clock", lambda: NOW)
    tmp_path.joinpath("summer.yaml").write_text(FILE, "utf-8")
    monkeypatch.chdir(tmp_path)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.app, list(arguments), env={"AWS_REGION": "us-east-1", "COLUMNS": "200"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    return run_command


def read(stack: Stack) -> Broadcast:
    found = DynamoBroadcasts(stack.dynamodb, stack.table_name, lambda: NOW).get("linen", "summer")
    assert found
    return found


def squeeze(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_broadcast_from_file_to_its_end(run: Any, stack: Stack) -> None:
    assert "is a draft" in run("broadcasts", "create", "linen", "summer.yaml").output
    started = run("broadcasts", "start", "linen", "summer").output
    assert "✓ summer goes to 3 customers, now." in started
    found = read(stack)
    assert (found.state, found.size) == (BroadcastState.SENDING, 3)
    definition = DynamoDefinitions(stack.dynamodb, stack.table_name).get(found.definition)
    assert (definition.purpose, definition.key) == (Purpose.MARKETING, "broadcast.id")
    assert len(stack.scheduler.list_schedules(GroupName="okaeri")["Schedules"]) == 1
    run("broadcasts", "pause", "linen", "summer")
    assert (read(stack).state, read(stack).reason) == (BroadcastState.PAUSED, "by hand")
    run("broadcasts", "resume", "linen", "summer")
    assert read(stack).state is BroadcastState.SENDING
    run("broadcasts", "cancel", "linen", "summer")
    assert "cancelled" in run("broadcasts", "list", "linen").output
    with pytest.raises(CommandFailure, match="is cancelled and cannot become paused"):
        run("broadcasts", "pause", "linen", "summer")


def test_the_preview_says_who_what_and_at_which_cost_and_sends_nothing(run: Any, stack: Stack) -> None:
    run("broadcasts", "create", "linen", "summer.yaml")
    seen = run("broadcasts", "preview", "linen", "summer").output
    lines = squeeze(seen)
    assert "4 customers are in its audience." in lines
    assert {"told whatsapp ja 1", "told whatsapp en 1", "told email en 1"} <= set(lines)
    assert "not told no_marketing_consent 1" in lines
    assert "whatsapp ja +8190•••••000" in lines
    assert "夏の新作" in seen and "New linen" in seen
    assert "+819000000000" not in seen and "c1@example.jp" not in seen
    assert any(line.startswith("About ") and "USD" in line for line in lines)
    for queue in stack.queues.values():
        assert "Messages" not in boto3.client("sqs").receive_message(QueueUrl=queue)


def test_the_preview_counts_who_is_told_early_and_who_later_each_at_their_time(
    run: Any, stack: Stack, tmp_path: Path
) -> None:
    records.change_store(stack, "linen", lambda store: store.model_copy(update={"time_zone": "Asia/Tokyo"}))
    early = FILE.replace("to: {segment: loyal}", "early_access: {segment: loyal, ahead: PT24H, template: sale_early}")
    tmp_path.joinpath("summer.yaml").write_text(early, "utf-8")
    run("broadcasts", "create", "linen", "summer.yaml")
    seen = run("broadcasts", "preview", "linen", "summer", "--at", "2026-11-27T10:00").output
    first, _, second = seen.partition("others are told")
    assert "4 customers have early access, on 2026-11-26 at 10:00 (Asia/Tokyo)." in first
    assert {"told whatsapp ja 1", "told whatsapp en 1", "told email en 1", "not told no_marketing_consent 1"} <= set(
        squeeze(first)
    )
    assert squeeze(first)[-1] == "1" and "on 2026-11-27 at 10:00 (Asia/Tokyo)." in second
    assert "told whatsapp en 1" in squeeze(second)
    assert "About 0.0001 USD, and 2 without a known price" in squeeze(first), "what the early ones cost"
    assert "1 without a known price" in squeeze(second)
    assert "whatsapp, ja, early access:" in seen and "11月27日" in seen
    assert "With our thanks for your loyalty" in seen


def test_a_start_with_early_access_is_told_for_both(run: Any, stack: Stack, tmp_path: Path) -> None:
    early = FILE.replace("to: {segment: loyal}", "early_access: {segment: loyal, ahead: PT24H, template: sale_early}")
    tmp_path.joinpath("summer.yaml").write_text(early, "utf-8")
    run("broadcasts", "create", "linen", "summer.yaml")
    trials = squeeze(run("broadcasts", "test", "linen", "summer").output)
    assert {"+819000000000 sent in ja (sale_early)", "+819000000000 sent in ja (news)"} <= set(trials)
    started = " ".join(squeeze(run("broadcasts", "start", "linen", "summer").output))
    assert "✓ summer goes to 3 customers of its early access, now, and to 1 others at 2026-11-03 03:00 UTC." in started
    found = read(stack)
    assert (found.size, found.early_size, found.opens_at) == (4, 3, NOW + timedelta(days=1))
    definitions = DynamoDefinitions(stack.dynamodb, stack.table_name)
    said = [definitions.get(name).steps[-1] for name in (found.early_definition, found.definition)]
    assert [getattr(step, "template", "") for step in said] == ["sale_early", "news"]
    shown = " ".join(squeeze(run("broadcasts", "show", "linen", "summer").output))
    assert "early access for 3 customers of segment:loyal, the others 2026-11-03 03:00 UTC" in shown


def test_a_later_start_is_in_the_shops_own_time(run: Any, stack: Stack) -> None:
    records.change_store(stack, "linen", lambda store: store.model_copy(update={"time_zone": "Asia/Tokyo"}))
    run("broadcasts", "create", "linen", "summer.yaml")
    tomorrow = (NOW + timedelta(days=2)).date()
    assert f"{tomorrow} 01:00 UTC" in run("broadcasts", "start", "linen", "summer", "--at", f"{tomorrow}T10:00").output
    assert read(stack).state is BroadcastState.SCHEDULED
    [schedule] = stack.scheduler.list_schedules(GroupName="okaeri")["Schedules"]
    begins = stack.scheduler.get_schedule(GroupName="okaeri", Name=schedule["Name"])["StartDate"]
    assert begins == read(stack).send_at, "nobody is woken every minute for days"
    with pytest.raises(CommandFailure, match="is no time"):
        run("broadcasts", "start", "linen", "summer", "--at", "tomorrow")


def test_a_trial_goes_to_the_shops_own_phones_that_are_known(run: Any, stack: Stack) -> None:
    run("broadcasts", "create", "linen", "summer.yaml")
    lines = squeeze(run("broadcasts", "test", "linen", "summer").output)
    assert "+819000000000 sent in ja" in lines
    assert "c1@example.jp sent in en" in lines
    assert "+819099999999 unknown: it has never ordered, written or agreed" in lines
    [queued] = boto3.client("sqs").receive_message(QueueUrl=stack.find_queue("WhatsappMarketingQueue"))["Messages"]
    body = QueuedMessage.model_validate_json(queued["Body"])
    message = DynamoMessages(stack.dynamodb, stack.table_name, lambda: NOW).get("linen", "c0", body.message_id)
    assert message is not None
    assert (message.template, message.refs.broadcast_id) == ("news", "summer")


def test_show_counts_what_became_of_each_message(run: Any, stack: Stack) -> None:
    run("broadcasts", "create", "linen", "summer.yaml")
    run("broadcasts", "start", "linen", "summer")
    kept = broadcasts.open_broadcasts(stack)
    before = read(stack)
    kept.put_recipients(before, 0, ["c0", "c1", "c2"])
    changes = {"pages": 1, "released": 3, "passed_over": {"no_marketing_consent": 1}, "version": before.version + 1}
    kept.save(before.model_copy(update=changes))
    messages = DynamoMessages(stack.dynamodb, stack.table_name, lambda: NOW)
    whatsapp, _ = list_message_ids(before)
    for number, (state, reason) in enumerate(((MessageState.DELIVERED, ""), (MessageState.FAILED, "131049"))):
        message = Message(
            message_id=whatsapp, store_id="linen", customer_id=f"c{number}", channel=Channel.WHATSAPP,
            purpose=Purpose.MARKETING, template="news", locale="en", decided_at=NOW, state=state, reason=reason,
        )  # fmt: skip
        messages.create(message)
    lines = squeeze(run("broadcasts", "show", "linen", "summer").output)
    assert "3 of 3 released" in " ".join(lines)
    assert {"whatsapp delivered 1", "whatsapp failed 131049 1", "no message yet 1"} <= set(lines)
    assert "passed over no_marketing_consent 1" in lines


def test_a_broadcast_that_is_out_is_not_made_again(run: Any) -> None:
    run("broadcasts", "create", "linen", "summer.yaml")
    assert "is a draft" in run("broadcasts", "create", "linen", "summer.yaml").output
    run("broadcasts", "start", "linen", "summer")
    with pytest.raises(CommandFailure, match="is sending already"):
        run("broadcasts", "create", "linen", "summer.yaml")


def test_nobody_to_tell_is_said_before_it_starts(run: Any, tmp_path: Path) -> None:
    tmp_path.joinpath("summer.yaml").write_text(FILE.replace("loyal", "lost"), "utf-8")
    run("broadcasts", "create", "linen", "summer.yaml")
    with pytest.raises(CommandFailure, match="nobody of its audience can be reached"):
        run("broadcasts", "start", "linen", "summer")


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        ("segment: loyal", "segment: loyol", "summer.yaml:5: no segment 'loyol'"),
        ("template: news", "template: gnus", "summer.yaml:4: linen has no template 'gnus'"),
        ("title: New linen, ", "", "summer.yaml:7: words.en lacks `title`"),
        ("https://linen.example/new", "linen", "summer.yaml:7: url: 'linen'"),
        ("percent: 1,", "percent: 101,", "summer.yaml:10: percent: 101 does not fit"),
        ("PT10M", "10 minutes", "summer.yaml:11: watch: '10 minutes' is no duration"),
        ("{segment: loyal}", "{field: customer.shoe_size, at_least: 3}", "unknown field 'customer.shoe_size'"),
        ("{segment: loyal}", "{field: order.total, at_least: 3}", "order.total is nothing to ask of a customer"),
        ("broadcast: summer", "broadcast: Summer!", "summer.yaml:2: 'Summer!' is no id"),
        ("watch:", "wach:", "summer.yaml:11: ramp has no `wach`"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(run: Any, tmp_path: Path, before: str, after: str, mistake: str) -> None:
    assert before in FILE
    tmp_path.joinpath("summer.yaml").write_text(FILE.replace(before, after), "utf-8")
    with pytest.raises(CommandFailure) as failure:
        run("broadcasts", "create", "linen", "summer.yaml")
    assert mistake in str(failure.value)


def test_segments_are_made_counted_and_taken_away(run: Any, tmp_path: Path) -> None:
    tmp_path.joinpath("vip.yaml").write_text("all: [{segment: loyal}, {field: customer.language, is: ja}]\n", "utf-8")
    run("segments", "set", "linen", "vip", "vip.yaml")
    lines = squeeze(run("segments", "count", "linen").output)
    assert {"loyal 4", "new 1", "lost 0", "vip 1", "5 customers"} <= set(lines)
    assert any(line.startswith("vip ") for line in squeeze(run("segments", "list", "linen").output))
    run("segments", "remove", "linen", "vip")
    assert "vip 1" not in squeeze(run("segments", "count", "linen").output)
    with pytest.raises(CommandFailure, match="has no segment vip of its own"):
        run("segments", "remove", "linen", "vip")


def test_a_segment_of_a_segment_and_a_shipped_name_are_refused(run: Any, tmp_path: Path) -> None:
    tmp_path.joinpath("vip.yaml").write_text("segment: other\n", "utf-8")
    with pytest.raises(CommandFailure, match="other is no segment that a segment can be made of"):
        run("segments", "set", "linen", "vip", "vip.yaml")
    tmp_path.joinpath("vip.yaml").write_text("segment: loyal\n", "utf-8")
    with pytest.raises(CommandFailure, match="cannot be a segment's name"):
        run("segments", "set", "linen", "loyal", "vip.yaml")


def test_the_shop_draws_the_lines_of_its_segments(run: Any, stack: Stack) -> None:
    run("stores", "set", "linen", "loyal-orders=5", "at-risk-days=5", "big-spender-from=200")
    rules = records.read_store(stack, "linen").settings.segment_rules
    assert (rules.loyal_orders, rules.at_risk_days, str(rules.big_spender_from)) == (5, 5, "200")
    assert "at_risk 5" in squeeze(run("segments", "count", "linen").output)
    assert "loyal ordered 5 times or more (loyal-orders)" in squeeze(run("segments", "list", "linen").output)
