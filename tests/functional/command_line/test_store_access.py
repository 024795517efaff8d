"""`okaeri stores access`: credentials are kept, tried by a harmless read, and what they lack is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from typer.testing import CliRunner, Result

from command_line import access_commands, commands
from command_line.choices import apply_choices
from command_line.doctor import Verdict, check_access
from command_line.failures import CommandFailure
from command_line.records import create_store, read_store
from command_line.secrets import read_secret
from command_line.shop_webhooks import set_webhook
from command_line.stack import Stack
from command_line.store_access import compare_scopes
from okaeri.domain.stores import Platform, Store, StoreSettings
from tests.functional.local.conftest import running

PLATFORMS = {"kinari": Platform.SHOPIFY, "casa": Platform.WOOCOMMERCE, "welt": Platform.STANDARD}
CLIENT = ("--client-id", "id-1", "--client-secret", "secret-1")
KEY = ("--key", "ck_1", "--secret", "cs_1")


@pytest.fixture(scope="module")
def shops() -> Iterator[str]:
    with running("local.shops") as url:
        yield url


def configure(url: str, **changes: Any) -> None:
    kinari = {"store_id": "kinari", "platform": "shopify", "client_id": "id-1", "client_secret": "secret-1"}
    casa = {"store_id": "casa", "platform": "woocommerce", "key": "ck_1", "secret": "cs_1"}
    body = {"shops": [shop | {"domain": f"{shop['store_id']}.example"} | changes for shop in (kinari, casa)]}
    assert requests.post(f"{url}/_/configure", json=body, timeout=10).status_code == 200


@pytest.fixture
def shop(stack: Stack, shops: str) -> Stack:
    configure(shops)
    for store_id, platform in PLATFORMS.items():
        domain = f"{store_id}.example"
        create_store(
            stack, Store(store_id=store_id, name=store_id, platform=platform, domain=domain, site_url=f"https://{domain}")
        )  # fmt: skip
    return replace(stack, stage="local")


@pytest.fixture
def run(shop: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command against the stack; CommandFailure comes out as it is."""
    monkeypatch.setattr(access_commands, "open_stack", lambda name: shop)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.app, ["stores", "access", *arguments], env={"AWS_REGION": "us-east-1"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        assert result.exception is None, result.output
        return result

    return run_command


def test_credentials_are_kept_and_tried(run: Any, shop: Stack, shops: str) -> None:
    output = run("kinari", *CLIENT, "--url", f"{shops}/kinari.example/").output
    assert "✓ kinari answers" in output
    kept = read_secret(shop, "/okaeri/okaeri/stores/kinari/api")
    assert kept == {"client_id": "id-1", "client_secret": "secret-1", "url": f"{shops}/kinari.example"}
    assert "✓ casa answers" in run("casa", *KEY, "--url", f"{shops}/casa.example").output
    for store_id in ("kinari", "casa"):
        assert check_access(shop, read_store(shop, store_id)).verdict is Verdict.OK


def test_what_the_app_may_not_do_is_named_with_what_it_is_for(run: Any, shop: Stack, shops: str) -> None:
    configure(shops, scopes=["write_orders", "read_products"])
    output = run("kinari", *CLIENT, "--url", f"{shops}/kinari.example").output
    assert "variant needs write_order_edits" in output
    assert "return needs read_returns and write_returns" in output
    assert "cancel needs" not in output
    finding = check_access(shop, read_store(shop, "kinari"))
    assert (finding.verdict, "write_returns" in finding.state) == (Verdict.NOT_READY, True)


def test_a_shop_that_has_its_store_told_of_consents_needs_the_scope_for_it(run: Any, shop: Stack, shops: str) -> None:
    run("kinari", *CLIENT, "--url", f"{shops}/kinari.example")
    told = apply_choices(read_store(shop, "kinari"), {"write-consent": "email,whatsapp"}, spoken=("en",))
    assert check_access(shop, told).state.endswith("consent")
    configure(shops, scopes=["read_customers", "write_orders", "read_products", "write_order_edits", "write_returns"])
    finding = check_access(shop, told)
    assert (finding.verdict, finding.state) == (Verdict.NOT_READY, "consent needs write_customers")
    with pytest.raises(CommandFailure, match="post"):
        apply_choices(told, {"write-consent": "post"}, spoken=("en",))


def test_a_platform_of_its_own_names_an_address_for_consents(shop: Stack) -> None:
    choices = {"write-consent": "email", "self-service": ""}
    welt = apply_choices(read_store(shop, "welt"), choices, spoken=("en",))
    finding = check_access(shop, welt)
    assert finding.next == "okaeri stores webhooks set welt consent_changes https://…"


def test_only_what_the_shop_offers_needs_a_scope() -> None:
    assert compare_scopes(["write_orders"], ("cancel", "note")) == {}
    assert compare_scopes(["read_orders"], ("cancel",)) == {"cancel": ("write_orders",)}


def test_credentials_that_the_store_refuses_are_said_so(run: Any, shops: str) -> None:
    wrong = ("--client-id", "id-1", "--client-secret", "no", "--url", f"{shops}/kinari.example")
    with pytest.raises(CommandFailure, match="not_allowed") as refused:
        run("kinari", *wrong)
    assert "docs/store-access.md" in refused.value.fix
    with pytest.raises(CommandFailure, match="not_allowed"):
        run("casa", "--key", "ck_1", "--secret", "no", "--url", f"{shops}/casa.example")


def test_a_store_that_is_away_is_said_so(run: Any) -> None:
    with pytest.raises(CommandFailure, match="does not answer"):
        run("casa", *KEY, "--url", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("kinari", "--client-id", "id-1"), "--token, or --client-id and --client-secret"),
        (("kinari", *KEY), "--token, or"),
        (("casa", "--token", "shpat_1"), "--key and --secret"),
        (("welt", "--token", "t"), "by a webhook"),
    ],
)
def test_half_an_access_is_none(run: Any, shop: Stack, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandFailure, match=said):
        run(*arguments)
    assert read_secret(shop, f"/okaeri/okaeri/stores/{arguments[0]}/api") is None


def test_outside_a_laptop_credentials_go_over_https_alone(
    run: Any, shop: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_commands, "open_stack", lambda name: replace(shop, stage="prod"))
    with pytest.raises(CommandFailure, match="https"):
        run("casa", *KEY, "--url", "http://casa.example")


def test_an_access_is_forgotten(run: Any, shop: Stack, shops: str) -> None:
    run("casa", *KEY, "--url", f"{shops}/casa.example")
    assert "by people alone" in run("casa", "--remove").output
    finding = check_access(shop, read_store(shop, "casa"))
    assert (finding.verdict, finding.next) == (Verdict.NOTE, "okaeri stores access casa")
    with pytest.raises(CommandFailure, match="no access"):
        run("casa", "--remove")


def test_a_shop_of_its_own_needs_its_webhook_and_one_that_offers_nothing_needs_none(shop: Stack) -> None:
    finding = check_access(shop, read_store(shop, "welt"))
    assert (finding.verdict, "order_changes" in finding.next) == (Verdict.NOTE, True)
    set_webhook(shop, "welt", "order_changes", "https://welt.example/changes")
    assert check_access(shop, read_store(shop, "welt")).verdict is Verdict.OK
    silent = read_store(shop, "casa").model_copy(update={"settings": StoreSettings(self_service=())})
    assert check_access(shop, silent).verdict is Verdict.OK


def test_the_shop_chooses_what_shoppers_may_ask_for(shop: Stack) -> None:
    store = read_store(shop, "casa")
    assert choose(store, "address, note").settings.self_service == ("address", "note")
    assert choose(store, "").settings.self_service == ()
    with pytest.raises(CommandFailure, match="burn"):
        choose(store, "burn")


def choose(store: Store, text: str) -> Store:
    return apply_choices(store, {"self-service": text}, spoken=("en",))
