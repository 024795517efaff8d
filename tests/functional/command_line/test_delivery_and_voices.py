"""`okaeri stores add-carrier`, `delivery`, `voice`: what a shop says of parcels, and who says what."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner, Result

from command_line import delivery_commands
from command_line.choices import apply_choices
from command_line.commands import app
from command_line.delivery import DeliveryChanges, apply_changes, list_rows
from command_line.doctor import Verdict, check_carriers, check_voices, check_webhooks
from command_line.failures import CommandFailure
from command_line.records import create_store, read_store
from command_line.secrets import read_secret
from command_line.stack import Stack
from command_line.voices import apply_voices
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.stores import Platform, Store
from tests.fakes import START

AYA = Store(
    store_id="aya",
    name="Aya Ceramics",
    platform=Platform.SHOPIFY,
    domain="aya.myshopify.com",
    site_url="https://aya.example",
    country="JP",
)


@pytest.fixture
def shop(stack: Stack) -> Stack:
    create_store(stack, AYA)
    return stack


@pytest.fixture
def run(shop: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(delivery_commands, "open_stack", lambda name: shop)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(app, ["stores", *arguments], env={"AWS_REGION": "us-east-1", "COLUMNS": "200"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        assert result.exception is None, result.output
        return result

    return run_command


def change(*pairs: str, store: Store = AYA, **changes: Any) -> Store:
    return apply_changes(store, DeliveryChanges(pairs=pairs, **changes))


def note_webhook(shop: Stack, source: str) -> None:
    DynamoRecords(shop.dynamodb, shop.table_name, lambda: START).note_webhook("aya", source, START)


# ── Carriers ──


def test_aftership_signs_with_its_own_secret(run: Any, shop: Stack) -> None:
    output = run("add-carrier", "aya", "aftership", "--secret", "as_1").output
    assert f"address: {shop.api_url}/carriers/aya/aftership\n" in output
    assert "as_1" not in output
    assert "AfterShip Tracking → Settings → Webhooks" in output
    assert read_secret(shop, f"{shop.secrets_prefix}/stores/aya/aftership/webhook") == {"current": "as_1"}
    assert read_store(shop, "aya").settings.carriers == ("aftership",)
    run("add-carrier", "aya", "aftership", "--secret", "as_2")
    kept = read_secret(shop, f"{shop.secrets_prefix}/stores/aya/aftership/webhook")
    assert kept == {"current": "as_2", "previous": "as_1"}
    assert read_store(shop, "aya").settings.carriers == ("aftership",)


def test_without_aftership_s_secret_nothing_is_added(run: Any, shop: Stack) -> None:
    with pytest.raises(CommandFailure, match="a secret of its own"):
        run("add-carrier", "aya", "aftership")
    assert read_store(shop, "aya").settings.carriers == ()


def test_easypost_takes_a_secret_of_ours(run: Any, shop: Stack) -> None:
    output = run("add-carrier", "aya", "easypost").output
    made = (read_secret(shop, f"{shop.secrets_prefix}/stores/aya/easypost/webhook") or {})["current"]
    assert f"secret:  {made}" in output
    assert f"secret:  {made}" in run("add-carrier", "aya", "easypost").output


def test_shippo_shows_a_token_in_its_address_unless_it_signs(run: Any, shop: Stack) -> None:
    output = run("add-carrier", "aya", "shippo").output
    made = (read_secret(shop, f"{shop.secrets_prefix}/stores/aya/shippo/webhook") or {})["current"]
    assert f"/carriers/aya/shippo?token={made}" in output
    assert "?token=" not in run("add-carrier", "aya", "shippo", "--secret", "signed").output


def test_a_carrier_that_is_removed_is_refused_from_then_on(run: Any, shop: Stack) -> None:
    run("add-carrier", "aya", "easypost")
    run("add-carrier", "aya", "easypost", "--remove")
    assert read_store(shop, "aya").settings.carriers == ()
    assert read_secret(shop, f"{shop.secrets_prefix}/stores/aya/easypost/webhook") is None


def test_the_doctor_says_whether_a_carrier_has_told_of_anything(run: Any, shop: Stack) -> None:
    none = check_carriers(shop, read_store(shop, "aya"))
    assert (none.verdict, none.next) == (Verdict.NOTE, "okaeri stores add-carrier aya aftership")
    run("add-carrier", "aya", "easypost")
    quiet = check_carriers(shop, read_store(shop, "aya"))
    assert (quiet.verdict, quiet.state) == (Verdict.NOTE, "easypost: none yet")
    note_webhook(shop, "easypost:tracker.updated")
    told = check_carriers(shop, read_store(shop, "aya"))
    assert (told.verdict, told.state) == (Verdict.OK, f"easypost: {START:%Y-%m-%d %H:%M} UTC")
    assert check_webhooks(shop, read_store(shop, "aya")).state == "none yet"  # of the store itself
    shop.ssm.delete_parameter(Name=f"{shop.secrets_prefix}/stores/aya/easypost/webhook")
    assert check_carriers(shop, read_store(shop, "aya")).verdict is Verdict.NOT_READY


# ── Delivery times ──


def test_rows_are_added_changed_and_taken_away(run: Any, shop: Stack) -> None:
    assert "names no day of its own" in run("delivery", "aya").output
    run("delivery", "aya", "Yamato:JP=1-2", "*:*=5-10", "--handling", "0-1", "--cutoff", "13:00", "--days", "mon-sat")
    output = run("delivery", "aya", "yamato:jp=1", "EMS=4-8").output
    assert "leaves after 0 to 1 business days; what is ordered from 13:00 on counts a day later" in output
    assert "mon, tue, wed, thu, fri, sat" in output
    times = read_store(shop, "aya").settings.delivery_times
    assert list_rows(times) == [
        ("yamato", "JP", "1"),
        ("EMS", "any country", "4 to 8"),
        ("any way", "any country", "5 to 10"),
    ]
    run("delivery", "aya", "EMS=none")
    assert len(read_store(shop, "aya").settings.delivery_times.transit) == 2


def test_a_way_may_hold_a_colon() -> None:
    [row] = change("Express: before noon:US=1").settings.delivery_times.transit
    assert (row.method, row.country, row.least, row.most) == ("Express: before noon", "US", 1, 1)


@pytest.mark.parametrize("pair", ["Yamato", "=1-2", "Yamato:Japan=1", "Yamato=2-1", "Yamato=soon", "Yamato=500"])
def test_a_row_that_makes_no_sense_is_refused(pair: str) -> None:
    with pytest.raises(CommandFailure):
        change(pair)


def test_a_wrong_cutoff_is_refused() -> None:
    with pytest.raises(CommandFailure, match="no time of day"):
        change(cutoff="2 pm")


# ── Voices ──


def test_a_kind_is_given_to_the_platform_and_back(run: Any, shop: Stack) -> None:
    output = run("voice", "aya", "order_confirmation", "email=platform").output
    assert "an order is confirmed" in output
    assert read_store(shop, "aya").settings.voices == {"order_confirmation": {"email": "platform"}}
    run("voice", "aya", "order_confirmation", "whatsapp=nobody")
    assert read_store(shop, "aya").settings.voices["order_confirmation"] == {"email": "platform", "whatsapp": "nobody"}
    run("voice", "aya", "order_confirmation", "email=okaeri", "whatsapp=okaeri")
    assert read_store(shop, "aya").settings.voices == {}


def test_all_kinds_are_listed(run: Any) -> None:
    output = run("voice", "aya").output
    for kind in ("order_confirmation", "shipping", "delivered", "refund", "cart_recovery"):
        assert kind in output


@pytest.mark.parametrize("wrong", [("weather", "email=platform"), ("refund", "email"), ("refund", "fax=platform")])
def test_what_is_no_kind_channel_or_voice_is_refused(run: Any, wrong: tuple[str, str]) -> None:
    with pytest.raises(CommandFailure):
        run("voice", "aya", *wrong)


def test_the_doctor_hints_at_two_voices_until_the_shop_has_decided() -> None:
    assert check_voices(AYA).verdict is Verdict.NOTE
    decided = apply_voices(AYA, "order_confirmation", {"email": "platform"})
    assert check_voices(decided).state == "order_confirmation by email: platform"
    assert check_voices(AYA.model_copy(update={"platform": Platform.STANDARD})).verdict is Verdict.OK


def test_confirmations_are_chosen_by_segment() -> None:
    chosen = apply_choices(AYA, {"confirmation": "plain", "confirmation.loyal": "offer"}, spoken=("en",))
    assert (chosen.settings.confirmation, chosen.settings.confirmations) == ("plain", {"loyal": "offer"})
    assert apply_choices(chosen, {"confirmation.loyal": ""}, spoken=("en",)).settings.confirmations == {}
    with pytest.raises(CommandFailure):
        apply_choices(AYA, {"confirmation.loyal": "loud"}, spoken=("en",))
