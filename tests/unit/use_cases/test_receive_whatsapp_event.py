"""Meta's webhooks: proved, split, queued; what cannot be read is put aside alone."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from okaeri.adapters.webhook_signatures import is_signed_by_meta
from okaeri.domain.evidence import ConsentSeen, MessageReceived, NumberChanged
from okaeri.domain.reports import (
    CHUNK_BYTES,
    AccountReport,
    Report,
    ReportChunk,
    TemplateReport,
    WhatsappReport,
)
from okaeri.domain.stores import Store
from okaeri.errors import RefuseRequest, TryAgain
from okaeri.use_cases.receive_whatsapp_event import ReceiveWhatsappEvent
from receive_whatsapp_event.reading import read_webhook
from tests.fakes import FakeClock, FakeQueues, FakeSecrets, FakeStores
from tests.unit.use_cases.speaking import STORE, FakeLog

EVENTS = Path(__file__).parents[2] / "events/whatsapp"
SECRET = "app-secret"
USER = "JP.13491208655302741918"
PHONE = "+819012345678"


class World:
    """The receiver on fakes."""

    def __init__(self, *stores: Store) -> None:
        self.queues, self.log = FakeQueues(), FakeLog()
        self.receive = ReceiveWhatsappEvent(
            stores=FakeStores(*(stores or (STORE.model_copy(update={"phone_number_id": "800001"}),))),
            secrets=FakeSecrets({"meta-app": {"app_secret": SECRET, "verify_token": "known"}}),
            queues=self.queues,
            clock=FakeClock(),
            log=self.log,
            is_signed=is_signed_by_meta,
            read_webhook=read_webhook,
        )

    def post(self, body: bytes | str) -> int:
        """Signed as Meta signs: over the bytes as they are, slashes and non-ASCII escaped."""
        if isinstance(body, str):
            document = json.loads((EVENTS / f"{body}.json").read_text())
            body = json.dumps(document, separators=(",", ":")).replace("/", "\\/").encode()
        signature = "sha256=" + hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()
        return self.receive(body, {"x-hub-signature-256": signature})

    @property
    def evidence(self) -> list[Any]:
        return [envelope.evidence for _, envelope in self.queues.evidence]

    @property
    def reports(self) -> list[Report]:
        chunks = [ReportChunk.model_validate_json(body) for body in self.queues.statuses]
        return [report for chunk in chunks for report in chunk.reports]


def hear(name: str) -> Any:
    world = World()
    world.post(name)
    [heard] = world.evidence
    return heard


def test_a_text_arrives_whole() -> None:
    heard = hear("text")
    assert isinstance(heard, MessageReceived)
    assert (heard.phone, heard.wa_user_id, heard.profile_name) == (PHONE, USER, "愛子")
    assert (heard.type, heard.text, heard.provider_id) == ("text", "ありがとう \u2028 🙏", "wamid.text")


def test_a_shopper_who_hides_the_phone_is_known_by_the_user_id() -> None:
    heard = hear("text_phone_hidden")
    assert (heard.phone, heard.wa_user_id, heard.text) == (None, USER, "Hello")


def test_a_message_without_contacts_is_heard() -> None:
    heard = hear("text_without_contacts")
    assert (heard.phone, heard.wa_user_id, heard.profile_name) == (PHONE, None, None)


def test_a_tap_on_a_quick_reply_brings_its_payload() -> None:
    heard = hear("quick_reply")
    assert (heard.payload, heard.text, heard.reply_to) == ("STOP_MARKETING", "お知らせを停止する", "wamid.ours")


@pytest.mark.parametrize(
    ("name", "text", "payload", "media_id", "reply_to"),
    [
        ("list_reply", "Tomorrow", "row-2", None, None),
        ("image", "It came broken", None, "media-1", None),
        ("reaction", "😍", None, None, "wamid.ours"),
        ("unsupported", None, None, None, None),
        ("sticker", None, None, "media-2", None),
        ("voice", None, None, "media-3", None),
        ("document", "receipt.pdf", None, "media-4", None),
        ("location", "Tokyo Tower, 4-2-8 Shibakoen", None, None, None),
        ("contacts", "Yuki Tanaka +81 90-1111-2222", None, None, None),
    ],
)
def test_other_kinds_of_messages_are_heard(
    name: str, text: str | None, payload: str | None, media_id: str | None, reply_to: str | None
) -> None:
    heard = hear(name)
    assert (heard.text, heard.payload, heard.media_id, heard.reply_to) == (text, payload, media_id, reply_to)


@pytest.mark.parametrize(
    ("name", "kind", "text", "media_id", "changed"),
    [
        ("edit", "text", "Order 1002, not 1001", None, "wamid.text"),
        ("edit_caption", "image", "The left sleeve", "media-1", "wamid.image"),
        ("edit_without_content", "edit", None, None, "wamid.text"),
    ],
)
def test_an_edit_names_what_it_changes_and_carries_what_it_says_now(
    name: str, kind: str, text: str | None, media_id: str | None, changed: str
) -> None:
    heard = hear(name)
    assert (heard.amends, heard.reply_to) == ("edit", changed)
    assert (heard.type, heard.text, heard.media_id) == (kind, text, media_id)


def test_a_message_that_was_taken_back_says_nothing() -> None:
    heard = hear("revoke")
    assert (heard.amends, heard.reply_to, heard.type, heard.text) == ("revoke", "wamid.text", "revoke", None)


@pytest.mark.parametrize("name", ["unsupported", "unknown"])
def test_what_meta_does_not_hand_on_is_known_as_such(name: str) -> None:
    heard = hear(name)
    assert (heard.type, heard.text, heard.amends) == ("unsupported", None, None)


def test_a_changed_number_names_the_old_and_the_new() -> None:
    assert hear("number_changed").model_dump(exclude={"kind", "at"}) == {
        "old_phone": PHONE,
        "old_wa_user_id": USER,
        "new_phone": "+819099999999",
        "new_wa_user_id": "JP.NEW1",
    }


def test_a_changed_user_id_is_heard_without_a_phone() -> None:
    heard = hear("user_id_changed")
    assert isinstance(heard, NumberChanged)
    assert (heard.old_wa_user_id, heard.new_wa_user_id, heard.new_phone) == (USER, "JP.NEW1", None)


def test_a_choice_in_whatsapps_settings_is_a_marketing_consent_withdrawn() -> None:
    heard = hear("preferences")
    assert isinstance(heard, ConsentSeen)
    assert (heard.channel, heard.purpose, heard.given) == ("whatsapp", "marketing", False)
    assert (heard.source, heard.buyer.phone, heard.wa_user_id) == ("meta user preferences", PHONE, USER)


def test_what_is_said_to_a_group_is_not_said_to_the_shop() -> None:
    world = World()
    assert world.post("group") == 0
    assert world.evidence == []


def test_the_same_webhook_twice_bears_the_same_ids() -> None:
    world = World()
    world.post("text")
    world.post("text")
    assert len({envelope.id for _, envelope in world.queues.evidence}) == 1


def test_a_number_that_is_no_stores_is_noted_once() -> None:
    world = World(STORE)
    world.post("text")
    world.post("text")
    assert world.evidence == []
    assert [line[1] for line in world.log.lines] == ["no store has this number"]


# What became of messages, templates, accounts


def test_statuses_go_on_with_what_meta_will_charge() -> None:
    world = World()
    world.post("statuses")
    statuses = [report for report in world.reports if isinstance(report, WhatsappReport)]
    assert [report.status for report in statuses] == ["sent", "delivered", "read"]
    assert statuses[0].pricing["category"] == "utility"
    assert statuses[0].ref == f"kinari/{'c' * 40}/{'m' * 40}"
    assert world.evidence == []


def test_a_failed_status_brings_its_code() -> None:
    world = World()
    world.post("status_failed")
    [report] = world.reports
    assert isinstance(report, WhatsappReport)
    assert (report.status, report.code) == ("failed", "131026")


def test_statuses_of_other_apps_messages_are_let_pass() -> None:
    world = World()
    assert world.post("status_of_others") == 0
    assert world.queues.statuses == []


def test_a_template_that_meta_paused_or_filed_anew_is_reported() -> None:
    world = World()
    world.post("template_status")
    world.post("template_category")
    paused, filed, announced = world.reports
    assert isinstance(paused, TemplateReport)
    assert (paused.meta_name, paused.locale, paused.status) == ("order_confirmation_v1", "en", "PAUSED")
    assert isinstance(filed, TemplateReport)
    assert (filed.locale, filed.category, filed.status) == ("en_US", "MARKETING", None)
    assert isinstance(announced, AccountReport)
    assert announced.event == "shipment_shipped_v1 will be MARKETING"


def test_a_templates_quality_is_reported_under_whatever_field_it_comes() -> None:
    world = World()
    world.post("template_quality")
    [report] = world.reports
    assert isinstance(report, TemplateReport)
    assert (report.meta_name, report.quality, report.status, report.category) == (
        "order_confirmation_v1",
        "RED",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("name", "event", "details"),
    [
        (
            "account",
            "ACCOUNT_RESTRICTION",
            {
                "event": "ACCOUNT_RESTRICTION",
                "restriction": "RESTRICTED_BIZ_INITIATED_MESSAGING",
                "until": "2026-11-03T09:00:00+00:00",
            },
        ),
        (
            "number_quality",
            "FLAGGED",
            {
                "event": "FLAGGED",
                "display_phone_number": "81312345678",
                "max_daily_conversations_per_business": "TIER_10K",
            },
        ),
        ("business_capability", "", {"max_daily_conversations_per_business": "2000"}),
    ],
)
def test_notices_go_on_in_flat_words(name: str, event: str, details: dict[str, str]) -> None:
    world = World()
    world.post(name)
    [report] = world.reports
    assert isinstance(report, AccountReport)
    assert (report.event, report.details) == (event, details)


def test_who_came_by_an_advertisement_brings_its_name_and_their_number_in_our_form() -> None:
    world = World()
    world.post("text_by_advertisement")
    [heard] = world.evidence
    assert heard.phone == "+5511987654321"
    assert (heard.referral["source_type"], heard.referral["source_id"]) == ("ad", "120201")


def test_a_thousand_statuses_become_chunks_that_fit() -> None:
    world = World()
    document = json.loads((EVENTS / "statuses.json").read_text())
    document["entry"][0]["changes"] *= 400
    assert world.post(json.dumps(document).encode()) == 1200
    assert len(world.reports) == 1200
    assert max(len(body) for body in world.queues.statuses) <= CHUNK_BYTES


# What cannot be read


def test_one_bad_part_is_put_aside_and_the_others_go_on() -> None:
    world = World()
    world.post("one_bad_of_three")
    assert [heard.text for heard in world.evidence] == ["one", "three"]
    assert len(world.reports) == 1
    paths = [path for _, _, _, path, _ in world.queues.quarantined]
    assert paths == ["entry[0].changes[0].value.messages[1].text", "entry[0].changes[1].value"]
    assert json.loads(world.queues.quarantined[0][2])["text"] == "not an object"


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"entry": 7}', b'{"object": "\xff"}'])
def test_a_signed_body_that_makes_no_sense_is_put_aside_whole(body: bytes) -> None:
    world = World()
    assert world.post(body) == 0
    assert [part[2] for part in world.queues.quarantined] == [body]


def test_a_bad_entry_leaves_the_others_alone() -> None:
    world = World()
    document = json.loads((EVENTS / "text.json").read_text())
    document["entry"] = [3, {"id": "1", "time": "never"}, *document["entry"]]
    assert world.post(json.dumps(document).encode()) == 1
    assert [path for _, _, _, path, _ in world.queues.quarantined] == ["entry[0]", "entry[1].time"]


@pytest.mark.parametrize("timestamp", ["soon", "99999999999999999999", None])
def test_a_message_with_an_impossible_time_is_put_aside(timestamp: str | None) -> None:
    world = World()
    document = json.loads((EVENTS / "text.json").read_text())
    document["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] = timestamp
    world.post(json.dumps(document).encode())
    assert (world.evidence, len(world.queues.quarantined)) == ([], 1)


def test_unknown_fields_and_fields_of_other_products_are_let_pass() -> None:
    world = World()
    changes = [{"field": "flows", "value": {"event": "x"}}, {"field": "brand_new", "value": {}}]
    entry = {"id": 900001, "changes": changes}
    body = {"object": "whatsapp_business_account", "new": 1, "entry": [entry]}
    assert world.post(json.dumps(body).encode()) == 0
    assert world.post(b'{"object": "page", "entry": []}') == 0
    assert world.queues.quarantined == []


# Trust


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "\u00e9"])
def test_without_metas_signature_nothing_is_believed(signature: str) -> None:
    world = World()
    with pytest.raises(RefuseRequest) as refused:
        world.receive((EVENTS / "text.json").read_bytes(), {"x-hub-signature-256": signature})
    assert refused.value.status == 401
    assert world.evidence == []


def test_a_queue_that_does_not_answer_makes_meta_send_it_again() -> None:
    world = World()
    world.queues.failing = True
    with pytest.raises(TryAgain):
        world.post("text")


def test_the_handshake_gives_the_challenge_back() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "known", "hub.challenge": "115820"}
    assert World().receive.shake_hands(query) == "115820"


@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "guess"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.verify_token": "\u00e9"},
    ],
)
def test_a_handshake_with_another_token_is_refused(change: dict[str, str]) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "known", "hub.challenge": "1"} | change
    with pytest.raises(RefuseRequest) as refused:
        World().receive.shake_hands(query)
    assert refused.value.status == 403
