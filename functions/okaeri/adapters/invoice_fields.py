"""An order as its paper shows it: ready to print, in the reader's language and formats. Pure."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from okaeri.adapters.locale_formats import (
    CATALOGUE,
    FALLBACK_LANGUAGE,
    LocaleFormats,
    clean_name,
    clean_paragraph,
    clean_text,
    load_words,
    split_language,
)
from okaeri.adapters.order_fields import name_total, settle_sums
from okaeri.adapters.text_direction import remove_isolates
from okaeri.domain.invoices import (
    Invoice,
    InvoiceLine,
    InvoiceSum,
    PaperKind,
    Party,
    choose_paper_kind,
    name_file,
)
from okaeri.domain.languages import match_locale

if TYPE_CHECKING:
    from okaeri.domain.customers import Customer
    from okaeri.domain.orders import Order, OrderLine
    from okaeri.domain.stores import Store

PaperWords = dict[str, str]

# Where letters are printed on 8½ × 11 inches. https://unicode.org/reports/tr35/tr35-info.html (measurementData)
_US_LETTER = frozenset({"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"})
_LONGEST_LINE = 200  # characters of anything that a stranger named
# What holds together and is longer than a column would run out of it: it may be broken after each so many characters.
_LONG_WORD = re.compile(r"[!-,.-~\u00a1-\u024f]{28}(?=[!-,.-~\u00a1-\u024f])")
_BREAK = "\u200b"


@cache
def load_paper_words(locale: str) -> PaperWords:
    """The labels of a locale, else of its language, else English."""
    paths = {path.stem: path for path in (CATALOGUE / "documents").glob("*.json")}
    found = match_locale(locale, paths) or FALLBACK_LANGUAGE
    words: PaperWords = json.loads(paths[found].read_text(encoding="utf-8"))
    return words


def describe_invoice(order: Order, store: Store, customer: Customer, locale: str) -> tuple[Invoice, str]:
    """The paper, and what its file is called."""
    country = customer.country or order.buyer.country or store.country
    zone = customer.time_zone or store.time_zone
    formats = LocaleFormats(locale, country=country, time_zone=zone, words=load_words(locale))
    writer = _Writer(order, store, formats, load_paper_words(locale))
    return writer.write(locale), name_file(writer.title, remove_isolates(writer.number))


class _Writer:
    """One paper."""

    def __init__(self, order: Order, store: Store, formats: LocaleFormats, words: PaperWords) -> None:
        self._order, self._store, self._formats, self._words = order, store, formats, words
        self._settings = store.settings.invoice
        self._kind = choose_paper_kind(order, self._settings)
        self.title = words[f"title_{self._kind}"]
        name = clean_text(order.name) or order.order_id
        prefix = clean_text(self._settings.number_prefix)
        self.number = self._say(f"{prefix}{name.lstrip('#')}" if self._kind is PaperKind.INVOICE else name)

    def write(self, locale: str) -> Invoice:
        words, parties = self._words, (self._name_seller(), self._name_buyer(), self._name_place())
        return Invoice(
            locale=locale.replace("_", "-"),
            direction=self._formats.direction,
            paper="us-letter" if (self._store.country or "").upper() in _US_LETTER else "a4",
            shop=self._say(self._store.name) or self._store.domain,
            title=self.title,
            facts=tuple(self._list_facts()),
            parties=tuple(party for party in parties if party.lines),
            columns=(words["item"], words["quantity"], words["unit_price"], words["amount"]),
            lines=tuple(self._describe_line(line) for line in self._order.lines if line.quantity > 0),
            sums=tuple(self._list_sums()),
            notes=tuple(self._list_notes()),
            footer=clean_paragraph(self._choose_footer(locale)),
            page_label=words["page"],
            dated=self._order.created_at,
        )

    def _say(self, text: str | None) -> str:
        """A stranger's one line, as it stands safely among our words and within its column."""
        cleaned = clean_text(text)
        cut = cleaned if len(cleaned) <= _LONGEST_LINE else cleaned[: _LONGEST_LINE - 1] + "…"
        return self._formats.isolate(_LONG_WORD.sub(lambda match: match[0] + _BREAK, cut))

    def _money(self, amount: Decimal | None) -> str:
        return self._formats.format_money(amount, self._order.currency)

    def _list_facts(self) -> list[tuple[str, str]]:
        order, words = self._order, self._words
        facts = [(words["invoice_number"], self.number)] if self._kind is PaperKind.INVOICE else []
        return [
            *facts,
            (words["order_number"], self._say(order.name) or order.order_id),
            (words["date"], self._formats.format_date(order.created_at)),
            *([(words["payment_method"], self._say(order.payment_method))] if order.payment_method else []),
        ]

    def _name_seller(self) -> Party:
        store, contact, settings = self._store, self._store.contact, self._settings
        address = clean_paragraph(settings.address) or clean_text(contact.address)
        tax_id = clean_text(settings.tax_id)
        lines = [
            clean_text(settings.legal_name) or clean_text(store.name),
            *address.splitlines(),
            self._words["tax_id"].format(number=self._formats.isolate(tax_id)) if tax_id else "",
            clean_text(contact.email),
            clean_text(contact.phone),
        ]
        return Party(heading=self._words["seller"], lines=tuple(self._say(line) for line in lines if line))

    def _name_buyer(self) -> Party:
        """Only what names the buyer: whoever the parcel is for may get it as a gift."""
        buyer, language = self._order.buyer, self._formats.locale.language
        names = (buyer.last_name, buyer.first_name) if language == "ja" else (buyer.first_name, buyer.last_name)
        name = " ".join(filter(None, map(clean_name, names)))
        address_name = self._formats.words["address_name"].format(name=name) if name else ""
        lines = [address_name, clean_text(buyer.email)]
        return Party(heading=self._words["buyer"], lines=tuple(self._say(line) for line in lines if line))

    def _name_place(self) -> Party:
        address = self._formats.format_address(self._order.shipping_address, home=self._store.country)
        return Party(heading=self._words["delivery"], lines=tuple(address))

    def _describe_line(self, line: OrderLine) -> InvoiceLine:
        variant = clean_text(line.variant)
        separator = self._formats.words["list_separator"]
        details = [
            "" if variant == "Default Title" else separator.join(map(self._say, variant.split(" / "))),
            self._words["article"].format(number=self._say(line.sku)) if clean_text(line.sku) else "",
        ]
        total = line.total if line.total is not None else line.price * line.quantity
        return InvoiceLine(
            title=self._say(line.title) or self._formats.words["item"],
            detail=" · ".join(filter(None, details)),
            quantity=str(line.quantity),
            price=self._money(line.price),
            total=self._money(total),
        )

    def _list_sums(self) -> list[InvoiceSum]:
        """A column that adds up, as in the e-mail; tax that the prices hold stands below the total."""
        order, words, sums = self._order, self._formats.words, settle_sums(self._order)
        free = sums.shipping == 0 and order.shipping_address is not None
        shipping = words["shipping_free"] if free else self._money(sums.shipping or None)
        tax = self._money(sums.tax or None)
        refunded = sum((refund.amount for refund in order.refunds), Decimal(0))
        parts = [
            (words["subtotal"], self._money(order.subtotal)),
            (words["discount"], self._money(sums.discount)),
            (words["shipping"], shipping),
            *([] if sums.tax_included else [(words["tax"], tax)]),
        ]
        after = [
            *([(words["tax_included"], tax)] if sums.tax_included else []),
            (words["amount_refunded"], self._money(-refunded if refunded else None)),
        ]
        return [
            *(InvoiceSum(label=label, amount=amount) for label, amount in parts if amount),
            InvoiceSum(label=words[name_total(order)], amount=self._money(order.total), kind="total"),
            *(InvoiceSum(label=label, amount=amount, kind="after") for label, amount in after if amount),
        ]

    def _list_notes(self) -> list[str]:
        if self._kind is PaperKind.INVOICE:
            return []
        contact = self._store.contact
        reach = clean_text(contact.email) or clean_text(contact.phone) or self._store.domain
        return [self._words["no_tax_invoice"].format(reach=self._formats.isolate(reach))]

    def _choose_footer(self, locale: str) -> str:
        said = self._settings.footer
        return said.get(locale) or said.get(split_language(locale)) or said.get(self._store.locale, "")
