"""`okaeri import`: customers with their proof, past orders, what is refused and why, and going on where it stopped."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner

from command_line import commands, import_commands
from command_line.failures import CommandFailure
from command_line.imports import import_file, import_from_store
from command_line.loads import Loader
from command_line.queues import take_messages
from command_line.records import create_store
from command_line.secrets import name_secret, write_secret
from command_line.stack import Stack
from okaeri.adapters.queues import read_envelope
from okaeri.domain.evidence import ConsentSeen, CustomerSeen, OrderSeen
from okaeri.domain.orders import Payment, ShipmentStatus
from okaeri.domain.stores import Platform, Store
from tests.functional.aws_from_template import MadeStack
from tests.functional.command_line.stack import describe_stack
from tests.functional.local.conftest import running

STORE = Store(
    store_id="kinari",
    name="Kinari",
    platform=Platform.SHOPIFY,
    domain="kinari.example",
    site_url="https://kinari.example",
    country="DE",
    currency="EUR",
)
HEADS = (
    "id,email,phone,first_name,country,birthday,email_marketing,whatsapp_marketing,whatsapp_order,email_all,"
    "consent_source,consent_at,consent_wording,consent_confirmed"
)
CUSTOMERS = f"""\
{HEADS}
1,Nora@Example.de,0151 23456789,Nora,DE,--05-21,yes,,,,newsletter form,2024-03-01T10:00:00+01:00,"News, please",yes
2,jonas@example.de,,Jonas,,,no,,,,,,,
3,lea@example.de,,Lea,,,yes,,,,,2024-03-01,,
4,mia@example.at,+43 660 1234567,Mia,AT,,,yes,yes,,shop counter,2024-05-01,"News on WhatsApp, please",
,,,Nobody,,,,,,,,,,
6,tim@example.de,12,Tim,,31 May,,,,,,,,
7,ina@example.de,,Ina,,,yes,,,,form,2024-01-01,News please,
8,out@example.de,,Out,,,,,,no,,,,
"""


@pytest.fixture(scope="module")
def shops() -> Iterator[str]:
    with running("local.shops") as url:
        yield url


@pytest.fixture
def stack(made_stack: MadeStack) -> Stack:
    found = replace(describe_stack(made_stack), stage="local")
    create_store(found, STORE)
    return found


def write(folder: Path, text: str, name: str = "known.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def receive(stack: Stack) -> list[Any]:
    bodies = [message["Body"] for message in take_messages(stack, "BulkQueue", hidden_s=60, most=9_999)]
    return [read_envelope(body).evidence for body in bodies]


def read_report(path: Path) -> dict[str, str]:
    """Where → what is wrong."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["where", "what is wrong", "how to mend it"]
    assert all(fix for _, _, fix in rows[1:])
    return {where: what for where, what, _ in rows[1:]}


# ── Customers ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_customers_come_with_consents_that_are_proved_and_all_else_is_told_by_its_line(
    stack: Stack, tmp_path: Path
) -> None:
    report = tmp_path / "refused.csv"
    done = import_file(stack, "kinari", "customers", write(tmp_path, CUSTOMERS), report)
    seen = receive(stack)
    people = {one.buyer.store_customer_id or "": one.buyer for one in seen if isinstance(one, CustomerSeen)}
    assert sorted(people) == ["1", "2", "3", "4", "6", "7", "8"]
    assert (people["1"].email, people["1"].phone, people["1"].birthday) == (
        "nora@example.de",
        "+4915123456789",
        "--05-21",
    )
    consents = {
        (one.buyer.store_customer_id, one.channel, one.purpose): one for one in seen if isinstance(one, ConsentSeen)
    }
    assert {key: one.given for key, one in consents.items()} == {
        ("1", "email", "marketing"): True,
        ("2", "email", "marketing"): False,
        ("4", "whatsapp", "marketing"): True,
        ("4", "whatsapp", "order"): True,
        ("7", "email", "marketing"): True,
        ("8", "email", "all"): False,
    }
    first = consents["1", "email", "marketing"]
    assert (first.source, first.wording, first.confirmed) == ("newsletter form", "News, please", True)
    assert first.at == datetime(2024, 3, 1, 9, tzinfo=UTC)
    assert all(one.quiet == "imported" for one in seen)
    refused = read_report(report)
    told = {"line 4, email_marketing", "line 6", "line 7, phone", "line 7, birthday", "line 8, email_marketing"}
    assert set(refused) == told
    assert "no proof (consent_source, consent_wording missing)" in refused["line 4, email_marketing"]
    assert "double opt-in" in refused["line 8, email_marketing"]
    assert (done.taken, done.refused) == (len(seen), 5)


def test_a_number_that_cannot_be_read_is_told_and_the_rest_of_the_line_is_taken(stack: Stack, tmp_path: Path) -> None:
    report = tmp_path / "refused.csv"
    import_file(stack, "kinari", "customers", write(tmp_path, "email,phone\ntim@example.de,12\n"), report)
    [seen] = receive(stack)
    assert (seen.buyer.email, seen.buyer.phone) == ("tim@example.de", None)
    assert "DE" in read_report(report)["line 2, phone"]


@pytest.mark.parametrize("apart", [";", "\t"])
def test_what_stands_between_cells_depends_on_the_spreadsheet(stack: Stack, tmp_path: Path, apart: str) -> None:
    text = f'\ufeffid{apart}email{apart}first_name\r\n1{apart}a@example.de{apart}"Anna, Lea"\r\n'
    import_file(stack, "kinari", "customers", write(tmp_path, text), tmp_path / "refused.csv")
    [seen] = receive(stack)
    assert (seen.buyer.email, seen.buyer.first_name) == ("a@example.de", "Anna, Lea")


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("yes,2124-01-01,", "line 2, email_marketing"),
        ("maybe,2024-01-01,", "line 2, email_marketing"),
        ("yes,spring,", "line 2, email_marketing"),
        (",,yes", "line 2, email_all"),
    ],
)
def test_a_consent_that_makes_no_sense_is_refused_and_its_person_is_taken(
    stack: Stack, tmp_path: Path, line: str, where: str
) -> None:
    heads = "email,consent_source,consent_wording,email_marketing,consent_at,email_all"
    report = tmp_path / "refused.csv"
    text = f"{heads}\na@example.de,form,News,{line}\n"
    import_file(stack, "kinari", "customers", write(tmp_path, text), report)
    assert [type(one) for one in receive(stack)] == [CustomerSeen]
    [told] = read_report(report)
    assert told.split(",")[0] == where.split(",")[0]


def test_a_file_that_was_stopped_goes_on_where_it_stopped(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = "".join(f"{number},s{number}@example.de\n" for number in range(1, 251))
    path, report = write(tmp_path, f"id,email\n{people}"), tmp_path / "refused.csv"
    keep, calls = Loader.keep, [0]

    def stop(self: Loader, place: Any) -> None:
        keep(self, place)
        calls[0] += 1
        if calls[0] == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Loader, "keep", stop)
        with pytest.raises(KeyboardInterrupt):
            import_file(stack, "kinari", "customers", path, report)
    assert len(receive(stack)) == 200
    assert import_file(stack, "kinari", "customers", path, report).taken == 250
    assert len(receive(stack)) == 50


def test_customers_of_the_store_come_with_the_consent_that_it_keeps(stack: Stack, shops: str, tmp_path: Path) -> None:
    open_shop(stack, shops)
    consent = {"state": "subscribed", "opt_in_level": "confirmed_opt_in", "consent_updated_at": "2024-03-01T10:00:00Z"}
    for number, held in enumerate((consent, {"state": "not_subscribed"}, {"state": "subscribed"}), 1):
        person = {"id": number, "email": f"s{number}@example.de", "first_name": "S", "email_marketing_consent": held}
        order(shops, "customers", store="kinari", customer=person | {"default_address": {"country_code": "DE"}})
    report = tmp_path / "refused.csv"
    import_from_store(stack, "kinari", "customers", report)
    seen = receive(stack)
    assert len([one for one in seen if isinstance(one, CustomerSeen)]) == 3
    [agreed] = [one for one in seen if isinstance(one, ConsentSeen)]
    assert (agreed.buyer.email, agreed.given, agreed.confirmed, agreed.quiet) == (
        "s1@example.de",
        True,
        True,
        "imported",
    )
    assert "does not say when" in read_report(report)["customer 3, email_marketing_consent"]


# ── Orders ───────────────────────────────────────────────────────────────────────────────────────────────────────────

ORDERS = """\
order_id,name,created_at,total,customer_id,email,phone,delivered_at,product_id,title,quantity,price
A1,#1001,2024-03-01T10:00:00Z,98.00,1,nora@example.de,0151 23456789,2024-03-04T12:00:00Z,p1,Linen Apron,1,48.00
A1,,,,,,,,p2,Tea Towel,2,25.00
A2,#1002,2024-04-01,20.00,1,nora@example.de,,,p2,Tea Towel,1,20.00
A3,#1003,2024-04-02,dear,2,jonas@example.de,,,p2,Tea Towel,1,20.00
A4,#1004,2024-04-02,20.00,,,,,p2,Tea Towel,1,20.00
A5,#1005,in spring,20.00,1,nora@example.de,,,p2,Tea Towel,1,20.00
"""


def test_past_orders_come_with_their_lines_and_speak_to_nobody(stack: Stack, tmp_path: Path) -> None:
    report = tmp_path / "refused.csv"
    import_file(stack, "kinari", "orders", write(tmp_path, ORDERS), report)
    seen = receive(stack)
    assert all(isinstance(one, OrderSeen) for one in seen)
    first, second = (one.order for one in seen)
    assert (first.order_id, first.name, first.quiet, first.opt_ins) == ("A1", "#1001", "old", ())
    assert [(line.product_id, line.quantity) for line in first.lines] == [("p1", 1), ("p2", 2)]
    assert (first.payment, first.currency, first.buyer.phone) == (Payment.PAID, "EUR", "+4915123456789")
    assert [parcel.status for parcel in first.shipments] == [ShipmentStatus.DELIVERED]
    assert second.shipments == ()
    assert set(read_report(report)) == {"line 5, total", "line 6, id, email or phone", "line 7"}


def test_an_order_of_this_hour_is_left_to_its_webhook(stack: Stack, tmp_path: Path) -> None:
    report = tmp_path / "refused.csv"
    text = (
        f"order_id,created_at,total,email\nA9,{datetime.now(UTC) - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ},1,a@b.de\n"
    )
    import_file(stack, "kinari", "orders", write(tmp_path, text), report)
    assert receive(stack) == []
    assert "webhook" in read_report(report)["line 2"]


def test_orders_of_the_store_come_page_by_page(stack: Stack, shops: str, tmp_path: Path) -> None:
    open_shop(stack, shops)
    for number in range(1, 13):
        line = {"id": number * 10, "title": "Apron", "quantity": 1, "price": "48.00", "product_id": 1, "variant_id": 11}
        placed = {
            "id": number,
            "name": f"#{number}",
            "created_at": "2024-03-01T10:00:00Z",
            "updated_at": "2024-03-02T10:00:00Z",
            "currency": "EUR",
            "total_price": "48.00",
            "financial_status": "paid",
            "fulfillment_status": "fulfilled",
            "buyer_accepts_marketing": True,
            "email": "nora@example.de",
            "customer": {"id": 7, "email": "nora@example.de", "first_name": "Nora"},
            "line_items": [line] * (30 if number == 1 else 1),
        }
        order(shops, "orders", store="kinari", order=placed | {"line_items": number_lines(placed["line_items"])})
    import_from_store(stack, "kinari", "orders", tmp_path / "refused.csv")
    orders = [one.order for one in receive(stack)]
    assert [one.order_id for one in orders] == [str(number) for number in range(1, 13)]
    assert len(orders[0].lines) == 30
    assert {(one.quiet, one.opt_ins, str(one.total), one.fulfilled) for one in orders} == {("old", (), "48.00", True)}
    assert orders[0].buyer.store_customer_id == "7"


def number_lines(lines: Any) -> list[dict[str, Any]]:
    return [line | {"id": int(line["id"]) * 1000 + place} for place, line in enumerate(lines)]


def open_shop(stack: Stack, url: str) -> None:
    order(url, "reset")
    access = {"store_id": "kinari", "platform": "shopify", "domain": "kinari.example", "token": "shpat_1"}
    order(url, "configure", shops=[access], bucket_per_second=100_000)
    secret = {"token": "shpat_1", "url": f"{url}/kinari.example"}
    write_secret(stack, name_secret(stack, "kinari", "api"), secret)


def order(url: str, what: str, **body: Any) -> None:
    requests.post(f"{url}/_/{what}", json=body, timeout=5).raise_for_status()


# ── The command ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_says_how_much_came_and_where_the_rest_stands(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_commands, "open_stack", lambda name: stack)
    path, report = write(tmp_path, CUSTOMERS), tmp_path / "out.csv"
    result = CliRunner().invoke(commands.app, ["import", "customers", "kinari", str(path), "--report", str(report)])
    assert result.exit_code == 0
    assert "13 entries about customers are on their way" in result.output
    assert report.exists()


def test_a_file_and_the_store_at_once_is_refused(stack: Stack, tmp_path: Path) -> None:
    arguments = ["import", "orders", "kinari", str(write(tmp_path, ORDERS)), "--from-store"]
    result = CliRunner().invoke(commands.app, arguments)
    assert isinstance(result.exception, CommandFailure)


def test_woocommerce_s_customers_and_orders_come_and_bring_no_consent(stack: Stack, shops: str, tmp_path: Path) -> None:
    create_store(stack, STORE.model_copy(update={"store_id": "casa", "platform": Platform.WOOCOMMERCE}))
    order(shops, "reset")
    access = {"store_id": "casa", "platform": "woocommerce", "domain": "kinari.example", "key": "ck", "secret": "cs"}
    order(shops, "configure", shops=[access], calls_before_429=0)
    secret = {"key": "ck", "secret": "cs", "url": f"{shops}/kinari.example"}
    write_secret(stack, name_secret(stack, "casa", "api"), secret)
    billing = {"phone": "0151 23456789", "country": "DE", "email": "nora@example.de"}
    order(shops, "customers", store="casa", customer={"id": 7, "email": "nora@example.de", "billing": billing})
    placed = {
        "id": 12,
        "status": "completed",
        "currency": "EUR",
        "total": "48.00",
        "date_created_gmt": "2024-03-01T10:00:00",
        "date_modified_gmt": "2024-03-05T10:00:00",
        "customer_id": 7,
        "billing": billing,
        "meta_data": [{"key": "whatsapp_opt_in", "value": "yes"}],
    }
    order(shops, "orders", store="casa", order=placed)
    for kind in ("customers", "orders"):
        import_from_store(stack, "casa", kind, tmp_path / f"{kind}.csv")
    person, past = receive(stack)
    assert isinstance(person, CustomerSeen)
    assert (person.buyer.phone, person.quiet) == ("+4915123456789", "imported")
    assert isinstance(past, OrderSeen)
    assert (past.order.quiet, past.order.opt_ins, past.order.payment) == ("old", (), Payment.PAID)
