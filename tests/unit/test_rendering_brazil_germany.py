"""Finished messages as they are read in Brazil and in Germany: dates, sums and plurals inside their sentences."""

from __future__ import annotations

from typing import Any

import pytest

from okaeri.adapters.locale_formats import LocaleFormats, load_words
from okaeri.adapters.rendering import render_email, render_whatsapp
from okaeri.domain.orders import Buyer
from tests.catalogue import load_templates
from tests.unit.native_samples import make_brazilian_context, make_german_context
from tests.unit.rendering_samples import BARE_STORE, NAMELESS_CUSTOMER, NOW, ORDER, SHIPMENT

TEMPLATES = {(template.name, template.locale): template for template in load_templates()}
NOBODY: dict[str, Any] = {
    "customer": NAMELESS_CUSTOMER,
    "order": ORDER.model_copy(update={"buyer": Buyer()}),
    "store": BARE_STORE,
}
UNKNOWN_CARRIER = SHIPMENT.model_copy(update={"carrier": None, "place": None, "eta": None, "tracking_number": None})


def test_a_brazilian_confirmation_is_brazilian() -> None:
    text = render_whatsapp(TEMPLATES["order_confirmation", "pt_BR"], make_brazilian_context()).text
    for said in (
        "Olá, Ana! O pedido #1001 está confirmado",
        "2 × Avental de linho (M, Natural), 1 × Pano de prato",
        "Total: R$ 415,00 (frete R$ 20,00, impostos inclusos R$ 54,13), pago com Visa\n",
        "Rua das Flores, 120, São Paulo - SP, 05412-000",
        "previsão de entrega para terça-feira, 24 de novembro; avisamos",
        "Você pode devolver itens sem uso em até 30 dias.",
        "Fale com Marina da equipe Linho & Cia (help@linen.example)",
    ):
        assert said in text


def test_a_german_confirmation_is_german() -> None:
    text = render_whatsapp(TEMPLATES["order_confirmation", "de"], make_german_context()).text
    for said in (
        "Hallo Anna Müller, Ihre Bestellung #1001 ist bestätigt",
        "2 × Leinenschürze (M, Natur), 1 × Geschirrtuch",
        "Summe: 415,00 € (Versand 20,00 €, inkl. 54,13 € MwSt.), bezahlt per Visa\n",
        "Mühlenweg 12, 10115 Berlin",
        "Voraussichtlich am Dienstag, 24. November bei Ihnen; wir schreiben",
        "Unbenutztes können Sie 30 Tage lang zurückschicken.",
        "hilft Ihnen Mia von Leinen & Co (help@linen.example) gern weiter.",
    ):
        assert said in text


def test_who_gave_no_name_is_greeted_without_a_gender() -> None:
    brazilian = TEMPLATES["order_confirmation", "pt_BR"]
    assert "Olá, tudo bem? O pedido" in render_whatsapp(brazilian, make_brazilian_context(**NOBODY)).text
    german = TEMPLATES["order_confirmation", "de"]
    text = render_whatsapp(german, make_german_context(**NOBODY)).text
    assert "Hallo und guten Tag, Ihre Bestellung" in text
    assert "hilft Ihnen das Team von Linen & Co (linen.example) gern weiter." in text
    assert "Guten Tag,\n" in render_email(TEMPLATES["order_updated", "de"], make_german_context(**NOBODY)).text


def test_a_family_name_alone_is_no_german_greeting() -> None:
    customer = NAMELESS_CUSTOMER.model_copy(update={"last_name": "Müller"})
    text = render_whatsapp(TEMPLATES["order_confirmation", "de"], make_german_context(customer=customer)).text
    assert "Hallo und guten Tag," in text


def test_a_carrier_that_is_unknown_has_its_article_where_the_sentence_needs_one() -> None:
    german = make_german_context(shipment=UNKNOWN_CARRIER)
    failed = render_whatsapp(TEMPLATES["shipment_attempt_failed", "de"], german).text
    assert "leider konnte der Paketdienst das Paket" in failed
    assert "per Paketdienst unterwegs" in render_whatsapp(TEMPLATES["shipment_shipped", "de"], german).text
    brazilian = make_brazilian_context(shipment=UNKNOWN_CARRIER)
    moving = render_whatsapp(TEMPLATES["shipment_in_transit", "pt_BR"], brazilian).text
    assert "Agora: com a transportadora\nChegada: a transportadora ainda não informou o dia." in moving


@pytest.mark.parametrize(
    ("locale", "country", "date"),
    [("pt_BR", "BR", "21 de novembro de 2026"), ("de", "DE", "21. November 2026"), ("de", "AT", "21. November 2026")],
)
def test_a_date_is_written_out(locale: str, country: str, date: str) -> None:
    formats = LocaleFormats(locale, country=country, time_zone="Europe/Berlin", words=load_words(locale))
    assert formats.format_date(NOW) == date


def test_portuguese_is_found_by_each_of_its_names() -> None:
    assert load_words("pt") == load_words("pt-BR") == load_words("pt_BR") != load_words("en")
    context = make_brazilian_context()
    assert 'lang="pt-BR"' in render_email(TEMPLATES["order_updated", "pt_BR"], context).html
    assert render_whatsapp(TEMPLATES["order_updated", "pt_BR"], context).language == "pt_BR"
