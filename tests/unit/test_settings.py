"""What a function is told: all of it or a start that fails and says what lacks."""

from __future__ import annotations

import pytest

from okaeri.settings import SettingsError
from okaeri.settings.advance_journeys import AdvanceJourneysSettings
from okaeri.settings.receive_store_event import ReceiveStoreEventSettings

RECEIVE = {
    "STAGE": "local",
    "STACK_NAME": "okaeri",
    "POWERTOOLS_SERVICE_NAME": "receive_store_event",
    "TABLE_NAME": "table",
    "EVENTS_QUEUE_URL": "https://sqs/events",
    "QUARANTINE_QUEUE_URL": "https://sqs/quarantine",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in RECEIVE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_settings_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    settings = ReceiveStoreEventSettings.from_environment()
    assert settings.queue_urls == {"events": "https://sqs/events", "quarantine": "https://sqs/quarantine"}
    assert settings.secrets_prefix == "/okaeri/okaeri"
    assert settings.log_level == "INFO"


def test_missing_settings_fail_the_start_and_name_themselves(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("TABLE_NAME")
    environment.delenv("EVENTS_QUEUE_URL")
    with pytest.raises(SettingsError, match=r"TABLE_NAME.*EVENTS_QUEUE_URL"):
        ReceiveStoreEventSettings.from_environment()


def test_a_setting_that_makes_no_sense_names_itself(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SECONDS_PER_DAY", "soon")
    with pytest.raises(SettingsError, match="SECONDS_PER_DAY"):
        AdvanceJourneysSettings.from_environment()
