"""`okaeri coupons …` and `okaeri stores webhooks …`: pools are filled, addresses named, secrets shown once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from command_line import commands, coupon_commands, webhook_commands
from command_line.coupons import count_pools, import_coupons, read_file
from command_line.doctor import Verdict, check_coupons
from command_line.failures import CommandFailure
from command_line.records import create_store, read_store
from command_line.secrets import read_secret
from command_line.shop_webhooks import check_address
from command_line.stack import Stack
from okaeri.domain.stores import Platform, Store

STORE = Store(
    store_id="aya", name="Aya", platform=Platform.SHOPIFY, domain="aya.myshopify.com", site_url="https://aya.example"
)
CALLS = "/okaeri/okaeri/stores/aya/calls"


@pytest.fixture
def shop(stack: Stack) -> Stack:
    create_store(stack, STORE)
    return stack


@pytest.fixture
def run(shop: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command against the stack; CommandFailure comes out as it is."""
    for module in (coupon_commands, webhook_commands):
        monkeypatch.setattr(module, "open_stack", lambda name: shop)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.app, list(arguments), env={"AWS_REGION": "us-east-1"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        return result

    return run_command


def write(folder: Path, text: str) -> Path:
    path = folder / "codes.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_pool_is_filled_from_a_file_and_shown(run: Any, shop: Stack, tmp_path: Path) -> None:
    path = write(tmp_path, "Code,Last day\nMERCI-1,2099-12-31\nMERCI-2\n\nMERCI-1\nOLD,2020-01-01\n")
    assert "3 codes are added to thanks" in run("coupons", "import", "aya", "thanks", str(path)).output
    assert (
        "0 codes are added to thanks, 3 were there before"
        in run("coupons", "import", "aya", "thanks", str(path)).output
    )
    [count] = count_pools(shop, "aya")
    assert (count.pool, count.left, count.issued, count.ended) == ("thanks", 2, 0, 1)
    assert "thanks" in run("coupons", "show", "aya").output


def test_a_file_with_a_wrong_line_changes_nothing_and_names_it(shop: Stack, tmp_path: Path) -> None:
    for text, line in (("A\nB C\n", 2), ("A,soon\n", 1), ("A\n" + "x" * 65 + "\n", 2)):
        with pytest.raises(CommandFailure) as failure:
            import_coupons(shop, "aya", "thanks", write(tmp_path, text))
        assert failure.value.at.endswith(f"codes.csv:{line}")
    assert count_pools(shop, "aya") == []


def test_a_file_as_a_spreadsheet_saves_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_bytes(b"\xef\xbb\xbfcode,expires\r\nA-1 ,2026-12-31\r\n")
    [coupon] = read_file(path)
    assert (coupon.code, str(coupon.last_day)) == ("A-1", "2026-12-31")


def test_doctor_asks_for_codes_before_a_pool_is_empty(shop: Stack, tmp_path: Path) -> None:
    assert check_coupons(shop, STORE).verdict is Verdict.OK
    import_coupons(shop, "aya", "thanks", write(tmp_path, "\n".join(f"C{number}" for number in range(49))))
    finding = check_coupons(shop, STORE)
    assert finding.verdict is Verdict.NOTE and "thanks: 49 left" in finding.state
    assert finding.next == "okaeri coupons import aya thanks codes.csv"
    import_coupons(shop, "aya", "thanks", write(tmp_path, "ONE-MORE"))
    assert check_coupons(shop, STORE).verdict is Verdict.OK
    import_coupons(shop, "aya", "empty", write(tmp_path, "OLD,2020-01-01"))
    assert check_coupons(shop, STORE).verdict is Verdict.NOT_READY


def test_an_address_is_named_and_the_secret_of_our_calls_shown_once(run: Any, shop: Stack) -> None:
    first = run("stores", "webhooks", "set", "aya", "crm", "https://crm.aya.example/okaeri")
    secret = (read_secret(shop, CALLS) or {})["current"]
    assert secret.startswith("whsec_") and secret in first.output
    assert secret not in run("stores", "webhooks", "set", "aya", "loyalty", "https://l.aya.example").output
    assert sorted(read_store(shop, "aya").settings.webhooks) == ["crm", "loyalty"]
    assert "https://crm.aya.example/okaeri" in run("stores", "webhooks", "list", "aya").output
    run("stores", "webhooks", "remove", "aya", "crm")
    assert list(read_store(shop, "aya").settings.webhooks) == ["loyalty"]
    with pytest.raises(CommandFailure, match="no webhook 'crm'"):
        run("stores", "webhooks", "remove", "aya", "crm")


def test_a_secret_is_rotated_and_the_one_before_stays(run: Any, shop: Stack) -> None:
    run("stores", "webhooks", "set", "aya", "crm", "https://crm.aya.example/okaeri")
    before = (read_secret(shop, CALLS) or {})["current"]
    run("stores", "webhooks", "rotate-secret", "aya")
    after = read_secret(shop, CALLS) or {}
    assert after["previous"] == before and after["current"] != before


@pytest.mark.parametrize("url", ["http://crm.example/", "https://me:secret@crm.example/", "crm.example"])
def test_only_https_addresses_without_passwords_are_named(shop: Stack, url: str) -> None:
    with pytest.raises(CommandFailure):
        check_address(url, is_local=False)


def test_a_laptop_may_name_its_own(run: Any, shop: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_commands, "open_stack", lambda name: replace(shop, stage="local"))
    run("stores", "webhooks", "set", "aya", "crm", "http://127.0.0.1:9000/")
    with pytest.raises(CommandFailure, match="no name of a webhook"):
        run("stores", "webhooks", "set", "aya", "CRM!", "https://crm.example/")
