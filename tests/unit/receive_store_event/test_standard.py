"""What the events of our own store API are evidence of, and how mistakes in them are told."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from okaeri.domain.evidence import (
    CartSeen,
    ConsentSeen,
    CustomerSeen,
    Evidence,
    InterestSeen,
    OrderChanged,
    OrderSeen,
    ProductSeen,
    ShipmentSeen,
)
from okaeri.domain.orders import Payment, ShipmentStatus
from tests.fakes import START, FakeQueues
from tests.store_webhooks import make_receiver, send_standard

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
CUSTOMER: dict[str, Any] = {
    "id": 12,
    "email": "Ana@Example.com.br",
    "phone": "(11) 96123-4567",
    "first_name": "Ana",
    "locale": "pt-BR",
}
LINE: dict[str, Any] = {
    "product_id": "P1",
    "variant_id": "P1-M",
    "title": 'Linen "Apron" <M>',
    "quantity": 2,
    "price": 49.9,
}
ORDER: dict[str, Any] = {
    "order_id": "A-1001",
    "customer": CUSTOMER,
    "currency": "brl",
    "lines": [LINE],
    "total": "99.80",
}
CART: dict[str, Any] = {
    "token": "c1",
    "customer": CUSTOMER,
    "currency": "BRL",
    "lines": [LINE],
    "url": "https://sol.example/c1",
}


def read(kind: str, data: object) -> Evidence:
    queues = FakeQueues()
    response = make_receiver(queues)(send_standard({"type": kind, "timestamp": AT.isoformat(), "data": data}))
    assert response.status == 202, response.body
    return queues.evidence[0][1].evidence


def refuse(event: object) -> list[dict[str, str]]:
    response = make_receiver(FakeQueues())(send_standard(event))
    assert response.status == 422
    errors: Any = response.body["errors"]
    return list(errors)


def refuse_data(kind: str, data: object) -> list[dict[str, str]]:
    return refuse({"type": kind, "data": data})


def test_an_order_with_as_little_as_needed() -> None:
    evidence = read("order.placed", ORDER)
    assert isinstance(evidence, OrderSeen)
    order = evidence.order
    assert (order.order_id, order.name, order.currency) == ("A-1001", "#A-1001", "BRL")
    assert (order.created_at, order.updated_at) == (AT, AT)
    assert (order.total, order.payment) == (Decimal("99.80"), Payment.PENDING)
    assert (order.buyer.store_customer_id, order.buyer.email) == ("12", "ana@example.com.br")
    assert order.buyer.phone == "+5511961234567"
    [line] = order.lines
    assert (line.line_id, line.title, line.price, line.total) == (
        "P1-M",
        'Linen "Apron" <M>',
        Decimal("49.9"),
        Decimal("99.8"),
    )


def test_an_orders_phone_is_dialled_from_where_it_goes() -> None:
    changed = {"customer": {"id": 12, "phone": "090-1234-5678"}, "shipping_address": {"country": "jp"}}
    evidence = read("order.placed", ORDER | changed)
    assert isinstance(evidence, OrderSeen)
    assert evidence.order.buyer.phone == "+819012345678"


def test_a_phone_that_cannot_be_read_does_not_lose_the_order() -> None:
    evidence = read("order.placed", {**ORDER, "customer": {**CUSTOMER, "phone": "n/a"}})
    assert isinstance(evidence, OrderSeen)
    assert evidence.order.buyer.phone is None


def test_consent_that_comes_with_an_order() -> None:
    given = [{"channel": "whatsapp", "purpose": "order", "wording": "Quero receber"}]
    evidence = read("order.placed", {**ORDER, "opt_ins": given})
    assert isinstance(evidence, OrderSeen)
    [opt_in] = evidence.order.opt_ins
    assert (opt_in.channel, opt_in.purpose, opt_in.wording, opt_in.explicit) == (
        "whatsapp",
        "order",
        "Quero receber",
        True,
    )


def test_a_test_order_says_nothing() -> None:
    evidence = read("order.updated", {**ORDER, "test": True})
    assert isinstance(evidence, OrderSeen)
    assert evidence.order.quiet == "test"


@pytest.mark.parametrize(
    ("kind", "change"),
    [("order.paid", "paid"), ("order.payment_failed", "payment_failed"), ("order.cancelled", "cancelled")],
)
def test_one_fact_about_an_order(kind: str, change: str) -> None:
    evidence = read(kind, {"order_id": 1001, "reason": "changed their mind"})
    assert isinstance(evidence, OrderChanged)
    assert (evidence.order_id, evidence.change, evidence.at) == ("1001", change, AT)
    later = read(kind, {"order_id": 1001, "at": "2026-11-02T12:00:00+02:00"})
    assert isinstance(later, OrderChanged)
    assert later.at == START


def test_a_refund() -> None:
    evidence = read("order.refunded", {"order_id": "1", "refund_id": "r1", "amount": 20, "method": "Visa"})
    assert isinstance(evidence, OrderChanged)
    assert evidence.refund is not None
    assert (evidence.refund.refund_id, evidence.refund.amount, evidence.refund.method) == ("r1", Decimal(20), "Visa")


@pytest.mark.parametrize("status", list(ShipmentStatus))
def test_every_word_for_where_a_parcel_is(status: ShipmentStatus) -> None:
    evidence = read("shipment.updated", {"order_id": "1", "status": str(status), "tracking_number": "T1"})
    assert isinstance(evidence, ShipmentSeen)
    assert (evidence.shipment.status, evidence.shipment.shipment_id) == (status, "T1")


def test_an_orders_only_parcel_needs_no_id() -> None:
    evidence = read("shipment.updated", {"order_id": "1", "status": "shipped"})
    assert isinstance(evidence, ShipmentSeen)
    assert evidence.shipment.shipment_id == "order-1"


def test_a_cart() -> None:
    evidence = read("cart.updated", CART)
    assert isinstance(evidence, CartSeen)
    assert (evidence.cart.token, evidence.cart.updated_at, evidence.cart.completed_at) == ("c1", AT, None)


def test_a_customer() -> None:
    evidence = read("customer.updated", CUSTOMER)
    assert isinstance(evidence, CustomerSeen)
    assert (evidence.buyer.first_name, evidence.at) == ("Ana", AT)
    assert (evidence.buyer.birthday, evidence.buyer.is_registered, evidence.buyer.company) == (None, None, None)


def test_what_a_shop_knows_of_a_person_beyond_the_address() -> None:
    evidence = read("customer.updated", {**CUSTOMER, "birthday": "--05-21", "registered": False, "company": "Ana Ltda"})
    assert isinstance(evidence, CustomerSeen)
    buyer = evidence.buyer
    assert (buyer.birthday, buyer.is_registered, buyer.company) == ("--05-21", False, "Ana Ltda")


def test_consent_given_and_withdrawn() -> None:
    data = {"channel": "whatsapp", "purpose": "marketing", "customer": CUSTOMER, "wording": "Sim, quero novidades"}
    given = read("consent.given", data)
    assert isinstance(given, ConsentSeen)
    assert (given.given, given.wording, given.at) == (True, "Sim, quero novidades", AT)
    withdrawn = read("consent.withdrawn", {**data, "purpose": "all", "source": "account page"})
    assert isinstance(withdrawn, ConsentSeen)
    assert (withdrawn.given, withdrawn.purpose, withdrawn.source) == (False, "all", "account page")


def test_consent_carries_its_proof_and_whether_it_was_confirmed() -> None:
    data = {"channel": "email", "purpose": "marketing", "customer": CUSTOMER}
    proof = {"page": "https://mimo.example/news", "reference": "form 12, row 7"}
    given = read("consent.given", {**data, **proof, "confirmed": True})
    assert isinstance(given, ConsentSeen)
    assert (given.confirmed, given.proof) == (True, proof)
    bare = read("consent.given", data)
    assert isinstance(bare, ConsentSeen)
    assert (bare.confirmed, bare.proof) == (False, {})
    evidence = read("order.placed", {**ORDER, "opt_ins": [{**data, "confirmed": True} | {"wording": "Sim"}]})
    assert isinstance(evidence, OrderSeen)
    assert evidence.order.opt_ins[0].confirmed


def test_the_stores_own_word_on_the_time_zone_wins_over_the_address() -> None:
    buyer = {**CUSTOMER, "country": "BR", "region": "AM"}
    for told, zone in ((buyer, "America/Manaus"), ({**buyer, "time_zone": "America/Bahia"}, "America/Bahia")):
        evidence = read("customer.updated", told)
        assert isinstance(evidence, CustomerSeen)
        assert evidence.buyer.time_zone == zone


def test_a_product_and_its_stock() -> None:
    product = {"product_id": "P1", "title": "Apron", "variants": [{"variant_id": "P1-M", "quantity": 0}]}
    whole = read("product.updated", product)
    assert isinstance(whole, ProductSeen)
    assert (whole.partial, whole.product.variants[0].in_stock) == (False, False)
    stock = read("stock.changed", {"product_id": "P1", "variant_id": "P1-M", "quantity": 3})
    assert isinstance(stock, ProductSeen)
    assert (stock.partial, stock.product.variants[0].in_stock) == (True, True)


def test_fields_that_we_do_not_know_are_accepted() -> None:
    assert isinstance(read("order.placed", {**ORDER, "loyalty": {"points": 3}}), OrderSeen)


def test_an_unknown_event_is_told_the_known_ones() -> None:
    [problem] = refuse({"type": "order.shiped", "data": {}})
    assert problem["at"] == "type"
    assert "'shipment.updated'" in problem["fix"]


def test_every_mistake_is_told_with_its_place_and_its_mending() -> None:
    line = {"title": "Apron", "price": "cheap", "quantity": -1}
    problems = refuse_data("order.placed", {"customer": {}, "currency": "yen", "lines": [line], "total": None})
    told = {problem["at"]: problem for problem in problems}
    assert set(told) == {
        "data.order_id",
        "data.customer",
        "data.lines[0].price",
        "data.lines[0].quantity",
        "data.total",
    }
    assert told["data.order_id"]["message"] == "`data.order_id` is missing."
    assert "id, email and phone" in told["data.customer"]["message"]
    assert "49.90" in told["data.lines[0].price"]["fix"]
    assert all(problem["fix"] for problem in problems)
    assert "cheap" not in str(problems)


@pytest.mark.parametrize(
    ("kind", "data", "at", "word"),
    [
        ("shipment.updated", {"order_id": "1", "status": "flying"}, "data.status", "'out_for_delivery'"),
        ("order.paid", {"order_id": "1", "at": "yesterday"}, "data.at", "2026-11-21"),
        ("order.paid", {"order_id": ""}, "data.order_id", "value"),
        ("order.paid", [], "data", "{"),
        ("stock.changed", {"product_id": "1"}, "data", "docs"),
        ("order.placed", {**ORDER, "currency": "R$"}, "data.currency", "three"),
        ("order.placed", {**ORDER, "lines": {}}, "data.lines", "["),
        ("order.placed", {**ORDER, "total": [None, None, None]}, "data.total", "49.90"),
    ],
)
def test_how_mistakes_are_mended(kind: str, data: object, at: str, word: str) -> None:
    [problem] = refuse_data(kind, data)
    assert problem["at"] == at
    assert word in problem["fix"]


@pytest.mark.parametrize("event", [[], None, "x", {}, {"data": {}}])
def test_what_is_no_event_is_explained(event: object) -> None:
    assert refuse(event)[0]["fix"]


def test_an_event_id_makes_a_repeated_event_the_same() -> None:
    queues = FakeQueues()
    receiver = make_receiver(queues)
    for webhook_id in ("msg_1", "msg_1", "msg_2"):
        receiver(send_standard({"type": "order.paid", "data": {"order_id": "1"}}, webhook_id=webhook_id))
    first, again, other = (envelope.id for _, envelope in queues.evidence)
    assert first == again != other


# ── What shoppers look at, ask for and save ──────────────────────────────────────────────────────────────────────────


ANA = {"email": "ana@example.com.br", "locale": "pt-BR", "country": "BR"}


def test_a_look_a_request_and_a_wish_name_product_person_and_time() -> None:
    about = {"customer": ANA, "product_id": 7, "variant_id": "7-M", "at": "2026-11-01T10:00:00Z"}
    seen: list[Any] = [read(name, about) for name in ("product.viewed", "notify.requested", "wishlist.added")]
    assert [one.wish for one in seen if isinstance(one, InterestSeen)] == ["viewed", "stock", "wishlist"]
    for one in seen:
        assert (one.product_id, one.variant_id, one.gone) == ("7", "7-M", False)
        assert one.buyer.email == "ana@example.com.br"
        assert one.at == datetime(2026, 11, 1, 10, tzinfo=UTC)


def test_what_they_agreed_to_with_a_request_is_kept_in_its_words() -> None:
    agreed = {"channel": "email", "purpose": "marketing", "wording": "Avise-me"}
    data = {"customer": ANA, "product_id": "7", "wish": "launch", "opt_ins": [agreed]}
    seen = read("notify.requested", data)
    assert isinstance(seen, InterestSeen)
    [opt_in] = seen.opt_ins
    assert (seen.wish, opt_in.channel, opt_in.wording, opt_in.explicit) == ("launch", "email", "Avise-me", True)


@pytest.mark.parametrize(("name", "word"), [("notify.requested", "withdrawn"), ("wishlist.added", "removed")])
def test_a_wish_may_be_taken_back(name: str, word: str) -> None:
    seen = read(name, {"customer": ANA, "product_id": "7", word: True})
    assert isinstance(seen, InterestSeen)
    assert seen.gone


def test_whoever_is_known_by_nothing_is_refused() -> None:
    [error] = refuse_data("product.viewed", {"customer": {"first_name": "Ana"}, "product_id": "7"})
    assert "one of id, email and phone" in error["message"]


def test_a_product_s_care_comes_with_it_and_is_left_alone_where_it_is_not_told() -> None:
    data = {"product_id": "7", "title": "Apron"}
    plain: Any = read("product.updated", data)
    assert plain.product.care is None
    guide = {"title": "Wash", "url": "https://sol.example/wash", "kind": "video"}
    care = {"specification": {"Material": "linen"}, "guides": [guide], "refill_days": 90}
    seen: Any = read("product.updated", data | {"care": care})
    told = seen.product.care
    assert (told.specification, told.guides[0].kind, told.refill_days) == ({"Material": "linen"}, "video", 90)
