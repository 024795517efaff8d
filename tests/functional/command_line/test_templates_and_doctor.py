"""`okaeri templates …` and `okaeri doctor` against the WhatsApp stand-in, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
import requests

from command_line.care import set_meta_app
from command_line.doctor import Finding, Verdict, check_concurrency, examine
from command_line.failures import CommandFailure
from command_line.journeys import switch_journey
from command_line.queues import open_queues
from command_line.records import read_store
from command_line.stack import Stack
from command_line.stores import add_store, change_settings, pause_store
from command_line.template_sync import sync_templates
from command_line.templates import REFUSED_HERE, check_templates, list_wanted, push_templates
from okaeri.adapters.numbers import DynamoNumbers
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.templates import DynamoTemplates
from okaeri.domain.delivery import is_template_ready
from okaeri.domain.stores import Platform
from tests.functional.command_line.stack import make_catalogue, make_template
from tests.functional.local.conftest import running

TOKEN, WABA, NUMBER = "EAA-token", "102290129340398", "106540352242922"
CATALOGUE = make_catalogue()


@pytest.fixture(scope="module")
def graph_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The stand-in with one account for each test that wants one of its own."""
    accounts = [
        {
            "waba_id": f"{WABA}{index}",
            "access_tokens": [TOKEN],
            "phone_numbers": [{"phone_number_id": f"{NUMBER}{index}", "display_phone_number": "+81312345678"}],
        }
        for index in range(16)
    ]
    path: Path = tmp_path_factory.mktemp("stand-in") / "whatsapp.json"
    path.write_text(json.dumps({"accounts": accounts, "template_review_s": 0.1}))
    with running("local.whatsapp", "--config", str(path)) as url:
        yield url


@pytest.fixture
def shop(stack: Stack, graph_url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack in SES's sandbox, with the store `aya` on an account of its own."""
    monkeypatch.setattr(stack.ses, "get_account", lambda: {"ProductionAccessEnabled": False})  # moto has none
    index = sorted(name for name in globals() if name.startswith("test_")).index(request.node.originalname)
    object.__setattr__(stack, "graph_api_url", graph_url)  # frozen, and `replace` would make new clients
    choices = {
        "name": "Aya", "domain": "aya.example", "locale": "ja", "waba-id": f"{WABA}{index}",
        "phone-number-id": f"{NUMBER}{index}", "from-email": "hello@aya.example",
    }  # fmt: skip
    added = add_store(stack, "aya", choices, platform=Platform.STANDARD, whatsapp_token=TOKEN, catalogue=CATALOGUE)
    assert added.warnings == ()
    return stack


def test_templates_are_pushed_and_their_approval_is_kept_for_the_senders(shop: Stack) -> None:
    seen: list[int] = []
    pushed = push_templates(
        shop, "aya", wait_s=20, poll_s=0.1, catalogue=CATALOGUE, watch=lambda now: seen.append(len(now))
    )
    assert [(e.template.name, e.template.locale, e.state.status) for e in pushed] == [
        (name, locale, "APPROVED") for name in ("order_confirmed", "review_request") for locale in ("en", "ja")
    ]
    state = DynamoTemplates(boto3.client("dynamodb"), shop.table_name).get_state("aya", "order_confirmed", "ja")
    assert state and (state.status, state.meta_name) == ("APPROVED", "order_confirmed_v1")
    assert len(seen) >= 5
    again = push_templates(shop, "aya", catalogue=CATALOGUE)
    assert [entry.state.meta_id for entry in again] == [entry.state.meta_id for entry in pushed]


def test_only_what_the_shop_uses_is_pushed(shop: Stack) -> None:
    switch_journey(shop, "aya", "review-request", on=False)
    store = change_settings(shop, "aya", {"languages": "ja"}, catalogue=CATALOGUE)
    assert [(t.name, t.locale) for t in list_wanted(store, CATALOGUE)] == [("order_confirmed", "ja")]


def test_a_definition_that_meta_refuses_is_shown_with_meta_s_reason(shop: Stack) -> None:
    bad = tuple(make_template(name, "en", "{{order}} is here.") for name in ("order_confirmed", "review_request"))
    broken = make_catalogue(templates=bad)
    pushed = push_templates(shop, "aya", catalogue=broken)
    assert {entry.state.status for entry in pushed} == {REFUSED_HERE}
    assert "2388299" in pushed[0].state.reason
    stored = DynamoTemplates(boto3.client("dynamodb"), shop.table_name)
    assert stored.get_state("aya", "order_confirmed", "en") is None


def test_templates_that_were_never_pushed_are_missing(shop: Stack) -> None:
    assert {entry.state.status for entry in check_templates(shop, "aya", catalogue=CATALOGUE)} == {"MISSING"}


def test_a_sync_says_what_meta_changed_deleted_and_still_keeps(shop: Stack) -> None:
    push_templates(shop, "aya", wait_s=20, poll_s=0.1, catalogue=CATALOGUE)
    assert [entry.differences for entry in sync_templates(shop, "aya", catalogue=CATALOGUE)] == [()] * 4
    newer = tuple(template.model_copy(update={"version": 2}) for template in CATALOGUE.templates)
    left = sync_templates(shop, "aya", catalogue=make_catalogue(templates=newer))
    assert [entry.differences[0].split(":")[0] for entry in left] == ["not at Meta"] * 4 + [
        "left behind by version 2"
    ] * 4
    reworded = tuple(
        template.model_copy(
            update={"whatsapp": template.whatsapp and template.whatsapp.model_copy(update={"footer": "Another foot."})}
        )
        for template in CATALOGUE.templates
    )
    differing = sync_templates(shop, "aya", catalogue=make_catalogue(templates=reworded))
    assert {entry.differences[0].split(":")[0] for entry in differing} == {"footer differs"}
    store = read_store(shop, "aya")
    gone = f"{shop.graph_api_url}/{shop.graph_api_version}/{store.waba_id}/message_templates"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    requests.delete(gone, params={"name": "order_confirmed_v1"}, headers=headers, timeout=5).raise_for_status()
    synced = {entry.name: entry for entry in sync_templates(shop, "aya", catalogue=CATALOGUE)}
    assert synced["order_confirmed_v1"].state.status == "DELETED"
    state = DynamoTemplates(boto3.client("dynamodb"), shop.table_name).get_state("aya", "order_confirmed", "ja")
    assert state and not is_template_ready(state.status)


def test_a_wrong_token_is_said_and_not_tried_again(shop: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_to_wait(seconds: float) -> None:
        raise AssertionError(f"waited {seconds} s for a token that will not mend itself")

    monkeypatch.setattr("command_line.templates.time.sleep", refuse_to_wait)
    added = add_store(shop, "aya", {}, whatsapp_token="another", catalogue=CATALOGUE)
    assert "is not subscribed" in added.warnings[0] and "System User token" in added.warnings[0]
    with pytest.raises(CommandFailure, match="account or token"):
        push_templates(shop, "aya", catalogue=CATALOGUE)


def find(findings: list[Finding], what: str) -> Finding:
    [found] = [finding for finding in findings if finding.what == what]
    return found


def test_a_fresh_stack_is_told_each_next_step(shop: Stack) -> None:
    findings = list(examine(shop, catalogue=CATALOGUE))
    for what, next_step in {
        "Meta app": "okaeri meta-app set",
        "SES": "Request production access",
        "aya: last webhook": "https://api.example/stores/aya/events",
        "aya: sender": "email-identity.yaml",
        "aya: WhatsApp templates": "okaeri templates push aya",
    }.items():
        assert find(findings, what).verdict is Verdict.NOT_READY, what
        assert next_step in find(findings, what).next, what
    for what in ("DeadLetters", "QuarantineQueue", "aya: state", "aya: catalogue", "aya: WhatsApp webhooks"):
        assert find(findings, what).verdict is Verdict.OK, what
    assert "+81312345678" in find(findings, "aya: WhatsApp number").state


def test_what_was_done_is_ready(shop: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    account = {"ProductionAccessEnabled": True, "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0}}
    monkeypatch.setattr(shop.ses, "get_account", lambda: account)
    set_meta_app(shop, app_secret="secret")
    push_templates(shop, "aya", wait_s=20, poll_s=0.1, catalogue=CATALOGUE)
    records = DynamoRecords(boto3.client("dynamodb"), shop.table_name, lambda: datetime.now(UTC))
    records.note_webhook("aya", "standard:order.placed", datetime.now(UTC))
    boto3.client("sesv2").create_email_identity(EmailIdentity="hello@aya.example")
    findings = list(examine(shop, ["aya"], catalogue=CATALOGUE))
    assert find(findings, "SES").state == "50,000 mails a day, 14 a second"
    for what in ("Meta app", "SES", "aya: last webhook", "aya: WhatsApp templates", "aya: webhook secret"):
        assert find(findings, what).verdict is Verdict.OK, what
    assert "4 of 4" in find(findings, "aya: WhatsApp templates").state


def test_what_stopped_working_is_found(shop: Stack) -> None:
    pause_store(shop, "aya", "moving house")
    open_queues(shop).quarantine("aya", "standard:order.placed", b"{}", path="id", reason="missing")
    other = make_catalogue(templates=CATALOGUE.templates[:2])
    findings = list(examine(shop, ["aya"], catalogue=other))
    assert find(findings, "aya: state").next == "okaeri stores resume aya"
    assert find(findings, "aya: catalogue").next == "okaeri publish aya"
    assert find(findings, "QuarantineQueue").verdict is Verdict.NOT_READY


def test_the_doctor_says_what_meta_allows_and_what_it_has_stopped(shop: Stack) -> None:
    findings = list(examine(shop, ["aya"], catalogue=CATALOGUE))
    assert find(findings, "aya: WhatsApp limits").state == "100,000 people in 24 hours, 80 messages a second"
    numbers = DynamoNumbers(shop.dynamodb, shop.table_name)
    store = read_store(shop, "aya")
    state = numbers.get(str(store.phone_number_id))
    assert state and (state.display, state.tier, state.quality) == ("81312345678", "100000", "GREEN")
    until = datetime.now(UTC) + timedelta(days=2)
    numbers.put(state.model_copy(update={"marketing_stopped": "account_restricted", "marketing_stopped_until": until}))
    change_settings(shop, "aya", {"whatsapp-per-second": "20"}, catalogue=CATALOGUE)
    stopped = find(list(examine(shop, ["aya"], catalogue=CATALOGUE)), "aya: WhatsApp limits")
    assert stopped.verdict is Verdict.NOT_READY
    assert "20 messages a second; no marketing is sent before" in stopped.state
    assert "account_restricted" in stopped.state


def test_a_number_that_aws_hosts_needs_its_id_there(shop: Stack) -> None:
    change_settings(shop, "aya", {"whatsapp-transport": "aws"}, catalogue=CATALOGUE)
    found = find(list(examine(shop, ["aya"], catalogue=CATALOGUE)), "aya: WhatsApp transport")
    assert (found.verdict, "aws-phone-number-id" in found.next) == (Verdict.NOT_READY, True)
    change_settings(shop, "aya", {"aws-phone-number-id": "phone-number-id-1"}, catalogue=CATALOGUE)
    found = find(list(examine(shop, ["aya"], catalogue=CATALOGUE)), "aya: WhatsApp transport")
    assert (found.verdict, "phone-number-id-1" in found.state) == (Verdict.OK, True)


def test_services_that_do_not_answer_are_findings_too(shop: Stack) -> None:
    object.__setattr__(shop, "graph_api_url", "http://127.0.0.1:1")
    findings = list(examine(shop, ["aya"], catalogue=CATALOGUE))
    assert "cannot be reached" in find(findings, "aya: WhatsApp number").state
    assert find(findings, "aya: WhatsApp templates").verdict is Verdict.NOT_READY


@pytest.mark.parametrize(("limit", "verdict"), [(10, Verdict.NOT_READY), (1000, Verdict.OK)])
def test_a_fresh_account_s_concurrency_is_too_small(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, limit: int, verdict: Verdict
) -> None:
    answer = {"AccountLimit": {"ConcurrentExecutions": limit}}
    monkeypatch.setattr(stack.lambda_, "get_account_settings", lambda: answer)
    finding = check_concurrency(stack)
    assert finding.verdict is verdict and str(limit) in finding.state
