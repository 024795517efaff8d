"""Every code that engine, senders and providers write has its sentence: their source is walked, worlds are played."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from okaeri.adapters.whatsapp_errors import RULES
from okaeri.catalogue.journey_words import EVENTS
from okaeri.domain.messages import MessageState
from okaeri.domain.records import Finding
from okaeri.domain.sentences import (
    fill,
    find_sentence,
    load_sentences,
    say_event,
    say_finding,
    say_reason,
    say_state,
)
from okaeri.domain.stores import Mode, Sending
from tests.unit.engine.shops import open_shop, place, set_mode, switch, write
from tests.world import World

OKAERI = Path(__file__).parents[2] / "functions" / "okaeri"
# Where a code is an argument, by position; `-1` is by name alone.
VERDICTS = {"Finding": 1, "note": 1, "_note": 1, "_find": 2}
REASONS = {
    "Finding": 2,
    "note": 2,
    "_note": 2,
    "_find": 3,
    "end": 0,
    "End": 1,
    "Defer": 1,
    "Room": 1,
    "Plan": 2,
    "_put_off": 2,
    "EndMessage": -1,
    "_replace": 4,
}
RAISED = ("TryAgain", "GiveUp", "StopSender", "AnswerLost", "Stop")
# Functions that give back a code, or None.
ASKED = (
    "check_reach", "check_permission", "check_truth", "_check_order", "find_silence", "_find_untruth", "_find_silence",
    "_refuse_start", "_find_obstacle",
)  # fmt: skip
# What never comes to a message or a decision: faults of our own calls, which the queue answers with another try.
INTERNAL = (
    "message_unknown", "customer_busy", "store_unknown", "secret_missing", "definition_missing",
    "queue_refused_entries", "evidence_too_large", "merged_too_often", "table_throttled",
    "changed_meanwhile", "identity_race", "out_of_time",
)  # fmt: skip
ENGINE = (
    "decide", "walk", "speak", "say", "plans", "attention", "modes", "outcomes", "goals", "acts", "gates", "last_look",
    "migrations",
)  # fmt: skip
SENDERS = ("use_cases/send_whatsapp", "use_cases/send_email", "use_cases/prepare_message", "domain/numbers")
ADAPTERS = ("whatsapp_graph", "whatsapp_aws", "ses", "rendering", "template_engine", "message_words", "aws_errors")
ENGINE_FILES = tuple(OKAERI / "domain" / f"{name}.py" for name in ENGINE)
SENDER_FILES = tuple(OKAERI / f"{name}.py" for name in SENDERS)
ADAPTER_FILES = tuple(OKAERI / "adapters" / f"{name}.py" for name in ADAPTERS)


class Source:
    """A module: its calls, and the texts that an expression in it may come to."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text("utf-8"))
        self.functions = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}
        self.names: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.names.setdefault(node.targets[0].id, []).append(node.value)

    def list_calls(self) -> Iterator[tuple[str, ast.Call]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield name_function(node), node

    def list_returned(self, function: str, depth: int = 3) -> Iterator[str]:
        for node in ast.walk(self.functions[function]):
            if isinstance(node, ast.Return):
                yield from self.list_texts(node.value, depth)

    def list_texts(self, node: ast.expr | None, depth: int = 3) -> Iterator[str]:
        """Of an f-string, what stands before its first value; names and functions of the module are followed."""
        match node:
            case ast.Constant(value=str() as text) if text:
                yield text
            case ast.JoinedStr(values=[ast.Constant(value=str() as text), *_]):
                yield f"{text}…"
            case ast.IfExp():
                yield from self.list_texts(node.body, depth)
                yield from self.list_texts(node.orelse, depth)
            case ast.BoolOp():
                for value in node.values:
                    yield from self.list_texts(value, depth)
            case ast.BinOp(op=ast.Add()):
                yield from self.list_texts(node.left, depth)
            case ast.Name() if depth:
                for value in self.names.get(node.id, ()):
                    yield from self.list_texts(value, depth - 1)
            case ast.Call() if depth and name_function(node) in self.functions:
                yield from self.list_returned(name_function(node), depth - 1)


def name_function(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def pick(call: ast.Call, position: int, keywords: tuple[str, ...]) -> Iterator[ast.expr]:
    if 0 <= position < len(call.args):
        yield call.args[position]
    yield from (keyword.value for keyword in call.keywords if keyword.arg in keywords)


def pick_note(call: ast.Call, place: int) -> Iterator[ast.expr]:
    """The verdict (0) or the reason (1) of `Deed(…, note=(verdict, reason))`."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "note"]
    given += call.args[3:4] if name_function(call) == "Deed" else []
    yield from (note.elts[place] for note in given if isinstance(note, ast.Tuple))


def list_verdicts() -> set[str]:
    found: set[str] = set()
    for source in map(Source, ENGINE_FILES):
        for name, call in source.list_calls():
            parts = [*pick_note(call, 0), *(pick(call, VERDICTS[name], ("verdict",)) if name in VERDICTS else ())]
            found |= {text for part in parts for text in source.list_texts(part)}
    return found


def list_reasons() -> set[str]:
    found: set[str] = set()
    for source in map(Source, (*ENGINE_FILES, *SENDER_FILES)):
        for name, call in source.list_calls():
            parts = [*pick_note(call, 1), *(pick(call, REASONS[name], ("why", "reason")) if name in REASONS else ())]
            prefix = "attention_" if name == "Room" else ""
            found |= {prefix + text for part in parts for text in source.list_texts(part)}
        for function in ASKED:
            if function in source.functions:
                found |= set(source.list_returned(function))
    return found


def list_raised() -> set[str]:
    found: set[str] = set()
    for source in map(Source, (*SENDER_FILES, *ADAPTER_FILES)):
        for name, call in source.list_calls():
            if name in RAISED and call.args:
                found |= set(source.list_texts(call.args[0]))
    return {text for text in found if text.rstrip("…") not in INTERNAL}


def has_sentence(text: str) -> bool:
    """Of the beginning of an f-string: `code:…`, or the beginning of a family, or of some codes."""
    head, colon, _ = text.rstrip("…").partition(":")
    if not text.endswith("…") or colon:
        return find_sentence("reasons", head) is not None
    return find_sentence("reasons", f"{head}x") is not None or any(
        code.startswith(head) for code in load_sentences()["reasons"]
    )


@pytest.mark.parametrize("verdict", sorted(list_verdicts()))
def test_each_verdict_of_the_engine_has_its_sentence(verdict: str) -> None:
    assert find_sentence("findings", verdict) is not None


@pytest.mark.parametrize("code", sorted(list_reasons()))
def test_each_reason_of_the_engine_has_its_sentence(code: str) -> None:
    assert has_sentence(code)


@pytest.mark.parametrize("code", sorted(list_raised()))
def test_each_fault_that_a_sender_may_write_has_its_sentence(code: str) -> None:
    assert has_sentence(code)


def test_the_walk_over_the_source_finds_what_is_known_to_be_there() -> None:
    assert {"not started", "deferred", "waits", "refused", "said", "tagged", "not done"} <= list_verdicts()
    known = {"ran_already", "no_marketing_consent", "sold_out", "open_ticket", "no_counterpart", "attention_day_full"}
    assert known <= list_reasons()
    assert {"window_closed", "graph_answer_lost", "ses_quota"} <= list_raised()


def test_each_position_of_the_switch_has_its_words() -> None:
    held = [sending for sending in Sending if sending is not Sending.ON]
    assert all(find_sentence("reasons", f"sending_{sending}") for sending in held)


@pytest.mark.parametrize("code", sorted(RULES))
def test_each_code_of_metas_is_said_in_words_with_its_number(code: int) -> None:
    assert str(code) in load_sentences()["provider_codes"]
    assert say_reason(str(code)).endswith(f"({code})")


@pytest.mark.parametrize("event", sorted({*EVENTS, "timer.due", "message.checked", "run.migrated"}))
def test_each_event_has_its_sentence(event: str) -> None:
    assert find_sentence("events", event) is not None
    assert "{" not in say_event(event, {})


@pytest.mark.parametrize("state", MessageState)
def test_each_state_of_a_message_has_its_words(state: MessageState) -> None:
    assert say_state(state)


def play_much() -> list[World]:
    """Worlds in which most things are weighed once."""
    worlds = []
    for mode in Mode:
        world = open_shop(
            write("news", "tag: vip", "send: one", "wait: PT10H", "send: two", holdout="10"),
            write(
                "other", "ask: {id: q, template: ask_it, answers: {yes: [y]}, timeout: P1D, retries: 1}", "send: end"
            ),
            write("gifts", "issue_coupon: {id: c, pool: p}", "emit: custom.x", "open_ticket: {queue: q}"),
        )
        set_mode(world, "news", mode, 50)
        for sending in Sending:
            switch(world, sending)
            place(world, f"{mode}{sending}")
            world.wait(hours=30)
            world.write("what?")
            world.wait(hours=30)
        worlds.append(world)
    return worlds


def test_what_was_weighed_in_played_worlds_reads_as_sentences() -> None:
    for world in play_much():
        for record in world.records.decisions.values():
            assert find_sentence("events", record.event), record.event
            for finding in record.findings:
                assert find_sentence("findings", finding.verdict), finding
                if finding.why and "." not in finding.why.partition(":")[0]:  # a run may end by an event's name
                    assert find_sentence("reasons", finding.why.partition(":")[0]), finding
                assert not set("{}[]") & set(say_finding(finding, UTC)), finding


def test_a_part_in_brackets_is_dropped_where_its_value_is_unknown() -> None:
    assert fill("{a} ends[: {b}]", {"a": "it", "b": "why"}) == "it ends: why"
    assert fill("{a} ends[: {b}]", {"a": "it"}) == "it ends"


def test_a_code_that_nobody_knows_reads_as_it_is() -> None:
    assert say_reason("some_new_code") == "some new code"
    assert say_reason("999999") == "Meta's code 999999"
    assert say_finding(Finding(what="news.x", verdict="pondered", why="new_code")) == "news.x pondered: new code"


def test_arguments_stand_in_their_places_and_moments_in_the_customers_zone() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    waits = Finding(what="news.1", verdict="waits", why="for_until:order.paid,order.placed:2026-11-02T03:00:00.000000Z")
    assert say_finding(waits, tokyo) == (
        "news waits for order.paid, order.placed, until Mon 2 Nov 2026 12:00 at the latest"
    )
    refused = Finding(what="whatsapp:one", verdict="refused", why="no_order_consent")
    assert say_finding(refused) == "one is not for WhatsApp: no consent to order messages there"
    assert say_reason("attention_day_full:news") == "they have heard enough for today, from news"
    assert say_reason("attention_day_full") == "they have heard enough for today"
    assert say_reason("versions:1:2:mika") == "in version 2 instead of 1, as mika wished"
