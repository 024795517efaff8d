"""The commands as a person runs them: what is printed, what is asked, how they fail."""

from __future__ import annotations

import re
import tomllib
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from command_line import care_commands, catalogue_commands, commands, store_commands
from command_line.failures import CommandFailure
from command_line.secrets import read_secret
from command_line.stack import Stack, open_stack

ADD = ["stores", "add", "woo", "--platform", "woocommerce", "--domain", "woo.example", "--name", "Woo [& Co]"]


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command against the stack; CommandFailure comes out as it is."""
    for module in (store_commands, catalogue_commands, care_commands):
        monkeypatch.setattr(module, "open_stack", lambda name: stack)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.app, list(arguments), env={"AWS_REGION": "us-east-1"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        return result

    return run_command


def test_adding_a_store_prints_what_to_paste_and_the_secret_once(run: Any, stack: Stack) -> None:
    result = run(*ADD)
    secret = (read_secret(stack, "/okaeri/okaeri/stores/woo/webhook") or {})["current"]
    assert result.exit_code == 0
    lines = [line.strip() for line in result.output.splitlines()]
    assert "✓ Woo [& Co] (woo) is added." in lines
    assert "https://api.example/stores/woo/events" in lines and secret in lines
    assert any(line.startswith("order.created order.updated") for line in lines)
    again = run("stores", "add", "woo", "--currency", "EUR")
    assert "is changed" in again.output and secret not in again.output
    assert secret not in run("stores", "show", "woo").output


def test_shopify_gets_a_block_for_its_app_s_settings(run: Any) -> None:
    shop = ("--platform", "shopify", "--domain", "shop.myshopify.com", "--name", "S", "--secret", "shpss_1")
    printed = run("stores", "add", "shop", *shop).output
    block = "\n".join(
        line.strip() for line in printed.splitlines() if line.strip().startswith(("[[", "topics", "comp", "uri"))
    )
    [subscription] = tomllib.loads(block)["webhooks"]["subscriptions"]
    assert subscription["uri"] == "https://api.example/stores/shop/events"
    assert "orders/paid" in subscription["topics"] and "shop/redact" in subscription["compliance_topics"]
    assert "shpss_1" not in printed


def test_a_secret_is_asked_for_where_someone_is_there_to_answer(run: Any) -> None:
    with pytest.raises(CommandFailure, match="nobody is here to be asked") as refused:
        run("stores", "add", "shop", "--platform", "shopify", "--domain", "shop.myshopify.com", "--name", "S")
    assert refused.value.at == "--secret"


def test_stores_are_listed_and_changed(run: Any) -> None:
    assert "No store yet" in run("stores", "list").output
    run(*ADD)
    run("stores", "set", "woo", "confirmation=plain", "contact-phone=+81 3 1234 5678")
    shown = run("stores", "show", "woo").output
    assert re.search(r"confirmation +plain", shown) and re.search(r"contact-phone +\+81312345678", shown)
    run("stores", "pause", "woo", "--reason", "stocktaking")
    assert re.search(r"woo +Woo \[& Co\] +woocommerce .* paused: stocktaking", run("stores", "list").output)
    run("stores", "resume", "woo")
    assert "paused" not in run("stores", "list").output


def test_a_rotation_shows_the_secret_that_was_made(run: Any, stack: Stack) -> None:
    run(*ADD)
    output = run("stores", "rotate-secret", "woo").output
    assert (read_secret(stack, "/okaeri/okaeri/stores/woo/webhook") or {})["current"] in output


def test_journeys_are_listed_and_switched(run: Any) -> None:
    run(*ADD)
    run("journeys", "off", "woo", "cart-recovery")
    run("journeys", "set", "woo", "cart-recovery", "left_after=PT2H")
    assert re.search(r"cart-recovery +off +\d+ +left_after=PT2H", run("journeys", "list", "woo").output)
    run("journeys", "on", "woo", "cart-recovery")
    assert re.search(r"cart-recovery +on ", run("journeys", "list", "woo").output)
    assert "as they were" in run("publish").output


def test_empty_lists_say_so(run: Any) -> None:
    assert "No message failed." in run("dead-letters", "list").output
    assert "Nothing is in quarantine." in run("quarantine", "list").output
    assert "No request waits." in run("privacy", "list").output
    assert "0 customers" in run("timers", "rebuild").output


def test_the_app_s_callback_and_token_are_printed_and_its_secret_is_not(run: Any, stack: Stack) -> None:
    output = run("meta-app", "set", "--app-secret", "very-secret").output
    assert "https://api.example/whatsapp" in output and "very-secret" not in output
    assert (read_secret(stack, "/okaeri/okaeri/meta-app") or {})["verify_token"] in output


def test_the_doctor_fails_while_something_is_not_ready(run: Any, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack.ses, "get_account", lambda: {"ProductionAccessEnabled": True})
    result = run("doctor")
    assert result.exit_code == 1
    assert "✗ stores: none yet" in result.output and "→ okaeri stores add --help" in result.output


def test_failures_leave_as_one_sentence_and_a_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**options: object) -> None:
        raise CommandFailure("the thing is broken", at="--thing", fix="Mend the thing.")

    monkeypatch.setattr(commands, "app", fail)
    with pytest.raises(SystemExit) as left:
        commands.main()
    assert left.value.code == 1
    assert capsys.readouterr().err == "✗ --thing: the thing is broken\n  Mend the thing.\n"


def test_a_stack_is_read_from_its_outputs_and_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    described = {
        "Outputs": [
            {"OutputKey": key, "OutputValue": value}
            for key, value in {
                "ApiUrl": "https://api.example/",
                "TableName": "t",
                "StackSecretsPrefix": "/okaeri/trial",
                "EventsQueueUrl": "https://q/events",
                "DeadLettersUrl": "https://q/dead",
            }.items()
        ],
        "Parameters": [{"ParameterKey": "GraphApiUrl", "ParameterValue": "http://127.0.0.1:1"}],
    }
    client = SimpleNamespace(describe_stacks=lambda StackName: {"Stacks": [described]})
    monkeypatch.setattr(boto3, "client", lambda service, config: client)
    stack = open_stack("trial")
    assert (stack.api_url, stack.graph_api_url) == ("https://api.example", "http://127.0.0.1:1")
    assert stack.queues == {"EventsQueue": "https://q/events", "DeadLetters": "https://q/dead"}
    described["Parameters"].append({"ParameterKey": "PublicUrl", "ParameterValue": "https://hello.example"})
    assert open_stack("trial").api_url == "https://hello.example"
    described["Outputs"] = []
    with pytest.raises(CommandFailure, match="lacks the outputs ApiUrl"):
        open_stack("trial")
