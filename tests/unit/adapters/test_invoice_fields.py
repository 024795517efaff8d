"""What stands on the paper of an order, and what it may call itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from okaeri.adapters.invoice_fields import describe_invoice, load_paper_words
from okaeri.domain.invoices import Invoice, name_document_key
from okaeri.domain.orders import Buyer, OrderLine, Payment, Refund
from tests.papers import LOCALES, PLACED, READER, make_paper_order, make_paper_store


def describe(locale: str = "en", *, store: Any = None, **order: Any) -> Invoice:
    return describe_invoice(make_paper_order(**order), store or make_paper_store(), READER, locale)[0]


def name(locale: str = "en", *, store: Any = None, **order: Any) -> str:
    return describe_invoice(make_paper_order(**order), store or make_paper_store(), READER, locale)[1]


@pytest.mark.parametrize(
    ("is_legal", "payment", "title"),
    [
        (False, Payment.PAID, "Receipt"),
        (False, Payment.PARTIALLY_REFUNDED, "Receipt"),
        (False, Payment.PENDING, "Order summary"),
        (False, Payment.PARTIALLY_PAID, "Order summary"),
        (False, Payment.FAILED, "Order summary"),
        (True, Payment.PAID, "Invoice"),
        (True, Payment.PENDING, "Invoice"),
    ],
)
def test_a_paper_is_called_no_more_than_it_is(is_legal: bool, payment: Payment, title: str) -> None:
    assert describe(store=make_paper_store(is_legal=is_legal), payment=payment).title == title


def test_only_the_shops_word_makes_it_an_invoice_with_a_number_of_its_own() -> None:
    legal = describe(store=make_paper_store(is_legal=True, number_prefix="KI-2026-"))
    assert legal.facts[0] == ("Invoice number", "KI-2026-1001")
    assert legal.notes == ()
    receipt = describe(store=make_paper_store(number_prefix="KI-2026-"))
    assert [label for label, _ in receipt.facts] == ["Order", "Order date", "Payment method"]
    assert "not a tax invoice" in receipt.notes[0] and "help@kinari.example" in receipt.notes[0]


def test_the_file_is_called_what_the_paper_is() -> None:
    assert name() == "Receipt 1001.pdf"
    assert name(store=make_paper_store(is_legal=True, number_prefix="KI/2026/")) == "Invoice KI 2026 1001.pdf"
    assert name("de") == "Kaufbeleg 1001.pdf"


def test_the_shop_the_buyer_and_the_place_each_say_what_is_known() -> None:
    seller, buyer, place = describe().parties
    assert seller.lines == ("Kinari GmbH", "Große Straße 1", "10115 Berlin", "Tax number: DE123", "help@kinari.example")
    assert buyer.lines == ("Aiko Sato", "aiko@example.jp")
    assert place.lines[0] == "Ken Sato", "a gift's recipient is who it is delivered to, and not who bought it"


def test_nobody_is_named_as_the_buyer_where_the_store_names_none() -> None:
    invoice = describe(buyer=Buyer(phone="+49301234"), shipping_address=None)
    assert [party.heading for party in invoice.parties] == ["From"]


def test_lines_have_their_variant_and_number_and_those_taken_out_are_none() -> None:
    apron, towel = describe().lines
    assert (apron.title, apron.detail) == ("Linen Apron", "M, Natural · Item no. LA-M")
    assert (apron.quantity, apron.price, apron.total) == ("2", "€42.00", "€84.00")
    assert (towel.detail, towel.total) == ("", "€18.00")


def test_the_sums_add_up_and_tax_in_the_prices_stands_below_the_total() -> None:
    assert [(s.label, s.amount, s.kind) for s in describe().sums] == [
        ("Subtotal", "€102.00", "part"),
        ("Discount", "-€5.00", "part"),
        ("Shipping", "€4.90", "part"),
        ("Amount paid", "€101.90", "total"),
        ("Tax included", "€16.27", "after"),
    ]


def test_tax_on_top_stands_above_the_total() -> None:
    sums = describe(total=Decimal("118.17")).sums
    assert [(s.label, s.kind) for s in sums][-2:] == [("Tax", "part"), ("Amount paid", "total")]


def test_no_tax_is_named_where_the_store_tells_none() -> None:
    labels = [s.label for s in describe(tax=None).sums]
    assert not [label for label in labels if "Tax" in label]


def test_what_was_given_back_and_what_is_to_pay_are_said() -> None:
    refund = Refund(refund_id="r1", amount=Decimal("18.00"), at=PLACED)
    back = describe(payment=Payment.PARTIALLY_REFUNDED, refunds=(refund,)).sums[-1]
    assert (back.label, back.amount, back.kind) == ("Refunded", "-€18.00", "after")
    [total] = [s for s in describe(payment=Payment.PENDING).sums if s.kind == "total"]
    assert total.label == "To pay"


def test_money_and_dates_are_those_of_the_readers_language() -> None:
    german = describe("de")
    assert german.lines[0].price == "42,00\xa0€"
    assert ("Bestelldatum", "20. November 2026") in german.facts
    assert describe("ar").direction == "rtl"


def test_american_shops_print_on_their_own_paper() -> None:
    assert describe().paper == "a4"
    assert describe(store=make_paper_store().model_copy(update={"country": "US"})).paper == "us-letter"


def test_the_footer_is_the_shops_in_the_readers_language_else_in_its_own() -> None:
    store = make_paper_store(footer={"en": "Registered in Berlin", "de": "HRB 1"})
    assert (describe("de", store=store).footer, describe("ja", store=store).footer) == ("HRB 1", "Registered in Berlin")


def test_what_holds_together_for_too_long_may_be_broken_and_an_address_may_not() -> None:
    long = OrderLine(line_id="1", title="X" * 60, quantity=1, price=Decimal(1))
    assert "\u200b" in describe(lines=(long,)).lines[0].title
    assert "\u200b" not in "".join(line for party in describe().parties for line in party.lines)


def test_control_characters_of_a_stranger_do_not_reach_the_paper() -> None:
    line = OrderLine(line_id="1", title="Tea\u202e Towel\x00", quantity=1, price=Decimal(1))
    assert describe(lines=(line,)).lines[0].title == "Tea Towel"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_the_same_labels_with_the_same_places(locale: str) -> None:
    ours, english = load_paper_words(locale), load_paper_words("en")
    assert set(ours) == set(english)
    for label, text in english.items():
        places = {place for place in ("{number}", "{page}", "{pages}", "{reach}", "{title}") if place in text}
        assert {
            place for place in ("{number}", "{page}", "{pages}", "{reach}", "{title}") if place in ours[label]
        } == places


def test_a_file_is_kept_under_its_store_its_order_and_what_stands_on_it() -> None:
    first, again, paid_back = describe(), describe(), describe(payment=Payment.REFUNDED, refunds=())
    keys = [name_document_key("kinari", "5001", paper) for paper in (first, again, paid_back)]
    assert keys[0] == keys[1]
    other = name_document_key("kinari", "5001", describe("de"))
    assert other != keys[0] and other.rpartition("/")[0] == keys[0].rpartition("/")[0]
    assert keys[0].startswith("documents/kinari/") and "5001" not in keys[0] and "aiko" not in keys[0]
