"""A broadcast from the command to the phones, on the deployed template, IAM enforced."""

from __future__ import annotations

import json
import os
import secrets
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command_line import broadcasts, modes, records
from command_line.broadcast_trials import preview_broadcast, try_broadcast
from command_line.stack import Stack, open_stack
from local.launcher.aws import FOREIGN_SETTINGS, REGION, LocalAws
from okaeri.domain.broadcasts import Broadcast, BroadcastState
from tests.e2e.drive import Driver, wait_for

A_MINUTE_S = 130  # a schedule's first minute, the road to a phone, and room for a busy machine


@pytest.fixture
def operator(stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """The stack as a person at the command line reaches it."""
    for name in FOREIGN_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in LocalAws(stack["aws_endpoint_url"]).environment.items():
        monkeypatch.setenv(name, value)
    assert os.environ["AWS_REGION"] == REGION
    yield open_stack()


@pytest.fixture
def store_id(driver: Driver) -> str:
    return str(driver.describe_store("standard")["store_id"])


UNUSED = list(string.ascii_uppercase)


@pytest.fixture
def country() -> str:
    """A code that no country has, another for each test: whoever signs up from there is the test's own."""
    return "X" + UNUSED.pop(secrets.randbelow(len(UNUSED)))


def sign_up(driver: Driver, country: str, count: int) -> list[str]:
    """People of one country with a phone and no e-mail, who agree to marketing on WhatsApp: their phones."""
    phones = [f"+4915{secrets.randbelow(900_000_000) + 100_000_000}" for _ in range(count)]
    for number, phone in enumerate(phones):
        consent = {
            "channel": "whatsapp",
            "purpose": "marketing",
            "wording": "News on WhatsApp, please",
            "customer": {"phone": phone, "first_name": f"Kim {number}", "locale": "en", "country": country},
        }
        assert driver.post_standard("consent.given", consent).ok
    return phones


def make_file(folder: Path, country: str, **changes: Any) -> Path:
    """A broadcast to everybody of a country, as a file. YAML reads JSON."""
    content = {
        "broadcast": f"news-{country.lower()}-{secrets.token_hex(3)}",
        "template": "news",
        "to": {"field": "customer.country", "is": country},
        "words": {"en": {"title": f"News for {country}", "text": "Three colours", "url": "https://shop.example/new"}},
        **changes,
    }
    path = folder / "broadcast.yaml"
    path.write_text(json.dumps(content), "utf-8")
    return path


def create(operator: Stack, store_id: str, path: Path, people: int) -> Broadcast:
    """A draft whose audience is there: each of them is in the table."""
    draft = broadcasts.create_broadcast(operator, store_id, path)
    store = records.read_store(operator, store_id)
    wait_for(lambda: len(list(broadcasts.list_audience(operator, store, draft))) == people, f"{people} sign-ups")
    return draft


def read(operator: Stack, broadcast: Broadcast) -> Broadcast:
    return broadcasts.read_broadcast(operator, broadcast.store_id, broadcast.broadcast_id)


def pass_minute(driver: Driver, operator: Stack, broadcast: Broadcast) -> Broadcast:
    """What the schedule does every minute, now."""
    event = {"store_id": broadcast.store_id, "broadcast_id": broadcast.broadcast_id}
    name = operator.outputs["RunBroadcastsArn"]
    answer = driver.connect("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    assert "FunctionError" not in answer, answer["Payload"].read()
    return read(operator, broadcast)


def list_news(driver: Driver, phone: str, country: str) -> list[dict[str, Any]]:
    return [message for message in driver.list_messages(phone) if f"News for {country}" in (message["text"] or "")]


def test_a_broadcast_reaches_each_phone_once_and_its_schedule_ends(
    driver: Driver, operator: Stack, store_id: str, country: str, tmp_path: Path
) -> None:
    phones = sign_up(driver, country, 6)
    draft = create(operator, store_id, make_file(tmp_path, country), 6)
    seen = preview_broadcast(operator, records.read_store(operator, store_id), draft)
    assert seen.audience == 6 and not seen.not_told
    assert broadcasts.start_broadcast(operator, store_id, draft.broadcast_id).size == 6
    wait_for(lambda: read(operator, draft).state is BroadcastState.DONE, "the broadcast is done", A_MINUTE_S)
    for phone in phones:
        wait_for(lambda phone=phone: list_news(driver, phone, country), f"the news on {phone}", A_MINUTE_S)  # type: ignore[misc]  # mypy can't infer a lambda's default
    [news] = list_news(driver, phones[0], country)
    assert news["template"].startswith("news_v")
    assert "Three colours" in news["text"]
    pass_minute(driver, operator, draft)
    assert [len(list_news(driver, phone, country)) for phone in phones] == [1] * 6
    schedules = driver.connect("scheduler").list_schedules(GroupName=operator.outputs["ScheduleGroupName"])["Schedules"]
    assert not [schedule for schedule in schedules if "run_broadcasts" in schedule["Target"]["Arn"].lower()]


def test_a_first_part_that_whatsapp_refuses_pauses_the_rest(
    driver: Driver, operator: Stack, store_id: str, country: str, tmp_path: Path
) -> None:
    phones = sign_up(driver, country, 6)
    ramp = {"parts": [{"percent": 50, "at_least": 3}], "watch": "PT1S", "limits": {"chance": 0}}
    draft = create(operator, store_id, make_file(tmp_path, country, ramp=ramp), 6)
    broadcasts.start_broadcast(operator, store_id, draft.broadcast_id)
    driver.control("faults", {"code": 131049, "times": 3})
    assert pass_minute(driver, operator, draft).released == 3

    def is_paused() -> bool:
        return pass_minute(driver, operator, draft).state is BroadcastState.PAUSED

    wait_for(is_paused, "the broadcast pauses itself", A_MINUTE_S)
    assert read(operator, draft).reason.startswith("blocked ")
    driver.clear_faults()
    broadcasts.resume_broadcast(operator, store_id, draft.broadcast_id)
    pass_minute(driver, operator, draft)
    wait_for(lambda: sum(bool(list_news(driver, p, country)) for p in phones) >= 3, "the rest is told", A_MINUTE_S)


def test_a_cancelled_broadcast_tells_nobody_and_a_trial_only_the_shop(
    driver: Driver, operator: Stack, store_id: str, country: str, tmp_path: Path
) -> None:
    phones = sign_up(driver, country, 3)
    draft = create(operator, store_id, make_file(tmp_path, country), 3)
    modes.add_testers(operator, store_id, phones[:1])
    try:
        results = try_broadcast(operator, records.read_store(operator, store_id), draft)
    finally:
        modes.remove_testers(operator, store_id, phones[:1])
    assert results == [(phones[0], "sent in en")]
    wait_for(lambda: list_news(driver, phones[0], country), "the trial")
    broadcasts.start_broadcast(operator, store_id, draft.broadcast_id)
    broadcasts.cancel_broadcast(operator, store_id, draft.broadcast_id)
    assert pass_minute(driver, operator, draft).released == 0
    assert [len(list_news(driver, phone, country)) for phone in phones] == [1, 0, 0]


def test_who_is_loyal_hears_of_it_before_the_others_and_nobody_twice(
    driver: Driver, operator: Stack, store_id: str, country: str, tmp_path: Path
) -> None:
    """Who has never ordered is of the segment here: two sign up early enough, the third while it is on its way."""
    phones = sign_up(driver, country, 2)
    early = {"segment": "prospect", "ahead": "PT40S", "template": "sale_early"}
    draft = create(operator, store_id, make_file(tmp_path, country, early_access=early), 2)
    seen = preview_broadcast(operator, records.read_store(operator, store_id), draft)
    assert seen.early is not None
    assert (seen.early.audience, seen.audience) == (2, 0)
    started = broadcasts.start_broadcast(operator, store_id, draft.broadcast_id)
    assert (started.size, started.early_size) == (2, 2)
    between = pass_minute(driver, operator, draft)
    assert (between.released, between.state, between.is_open) == (2, BroadcastState.SENDING, False)
    for phone in phones:
        wait_for(lambda phone=phone: list_news(driver, phone, country), f"the news on {phone}", A_MINUTE_S)  # type: ignore[misc]  # mypy can't infer a lambda's default
    [news] = list_news(driver, phones[0], country)
    assert news["template"].startswith("sale_early_v")
    assert "before everybody else" in news["text"]
    late = sign_up(driver, country, 1)
    store = records.read_store(operator, store_id)
    wait_for(lambda: len(list(broadcasts.list_audience(operator, store, draft))) == 3, "the third sign-up")

    def is_done() -> bool:
        return pass_minute(driver, operator, draft).state is BroadcastState.DONE

    wait_for(is_done, "it opens for all", A_MINUTE_S)
    wait_for(lambda: list_news(driver, late[0], country), "the news for the others", A_MINUTE_S)
    [other] = list_news(driver, late[0], country)
    assert other["template"].startswith("news_v")
    assert [len(list_news(driver, phone, country)) for phone in phones] == [1, 1]
    assert read(operator, draft).released == 3
