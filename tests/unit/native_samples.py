"""An order as shops in Riyadh, Kuala Lumpur, São Paulo and Berlin know it, to read finished messages in their words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from okaeri.domain.orders import Address, Buyer, OrderLine
from okaeri.domain.stores import Contact, StoreSettings
from tests.unit.rendering_samples import CART, CUSTOMER, ORDER, REFUND, SHIPMENT, STORE, make_context

ARRIVAL = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


def make_arabic_context(**changes: Any) -> dict[str, Any]:
    """Arabic names and an Arabic carrier among Latin sizes, order numbers and a Latin payment method."""
    lines = (
        OrderLine(line_id="l1", title="مئزر كتان", variant="M / لون طبيعي", quantity=2, price=Decimal("180")),
        OrderLine(line_id="l2", title="Tea Towel", variant="Default Title", quantity=1, price=Decimal("35")),
    )
    return _make_native_context(
        "ar",
        store={
            "name": "متجر الكتان",
            "country": "SA",
            "time_zone": "Asia/Riyadh",
            "currency": "SAR",
            "contact": Contact(
                person="مريم", email="help@linen.example", phone="+966 11 555 0142", address="8 شارع التحلية، الرياض"
            ),
            "settings": STORE.settings.model_copy(
                update={"return_promise": {"ar": "يمكنك إرجاع ما لم يُستعمل خلال 30 يومًا والشحن علينا."}}
            ),
        },
        buyer=("سارة", "العتيبي"),
        address=Address(
            name="سارة العتيبي",
            line1="12 شارع العليا",
            line2="حي الورود",
            city="الرياض",
            postcode="12215",
            country="SA",
        ),
        lines=lines,
        carrier="أرامكس",
        place="الرياض، حي السلي",
        changes=changes,
    )


def make_malay_context(**changes: Any) -> dict[str, Any]:
    """Malay names, a courier of Malaysia, ringgit."""
    lines = (
        OrderLine(line_id="l1", title="Apron Linen", variant="M / Warna Asli", quantity=2, price=Decimal("180")),
        OrderLine(line_id="l2", title="Tuala Dapur", quantity=1, price=Decimal("35")),
    )
    return _make_native_context(
        "ms",
        store={
            "name": "Kedai Linen",
            "country": "MY",
            "time_zone": "Asia/Kuala_Lumpur",
            "currency": "MYR",
            "contact": Contact(
                person="Mia", email="help@linen.example", phone="+60 3-5550 0142", address="8 Jalan Ampang"
            ),
            "settings": StoreSettings(
                return_promise={"ms": "Barang yang belum digunakan boleh dipulangkan dalam 30 hari."}
            ),
        },
        buyer=("Nurul Aisyah", "binti Ahmad"),
        address=Address(
            name="Nurul Aisyah",
            line1="12 Jalan Melati",
            city="Shah Alam",
            region="Selangor",
            postcode="40000",
            country="MY",
        ),
        lines=lines,
        carrier="Pos Laju",
        place="Hab Shah Alam",
        changes=changes,
    )


def make_brazilian_context(**changes: Any) -> dict[str, Any]:
    """Brazilian names and an address of São Paulo, the post office, reais."""
    lines = (
        OrderLine(line_id="l1", title="Avental de linho", variant="M / Natural", quantity=2, price=Decimal("180")),
        OrderLine(line_id="l2", title="Pano de prato", quantity=1, price=Decimal("35")),
    )
    return _make_native_context(
        "pt_BR",
        store={
            "name": "Linho & Cia",
            "country": "BR",
            "time_zone": "America/Sao_Paulo",
            "currency": "BRL",
            "contact": Contact(person="Marina", email="help@linen.example", phone="+55 11 5555-0142"),
            "settings": StoreSettings(return_promise={"pt": "Você pode devolver itens sem uso em até 30 dias."}),
        },
        buyer=("Ana", "Souza"),
        address=Address(
            name="Ana Souza",
            line1="Rua das Flores, 120",
            city="São Paulo",
            region="SP",
            postcode="05412-000",
            country="BR",
        ),
        lines=lines,
        carrier="Correios",
        place="Campinas - SP",
        changes=changes,
    )


def make_german_context(**changes: Any) -> dict[str, Any]:
    """German names and an address of Berlin, a German carrier, euro."""
    lines = (
        OrderLine(line_id="l1", title="Leinenschürze", variant="M / Natur", quantity=2, price=Decimal("180")),
        OrderLine(line_id="l2", title="Geschirrtuch", quantity=1, price=Decimal("35")),
    )
    return _make_native_context(
        "de",
        store={
            "name": "Leinen & Co",
            "country": "DE",
            "time_zone": "Europe/Berlin",
            "currency": "EUR",
            "contact": Contact(person="Mia", email="help@linen.example", phone="+49 30 5550142"),
            "settings": StoreSettings(return_promise={"de": "Unbenutztes können Sie 30 Tage lang zurückschicken."}),
        },
        buyer=("Anna", "Müller"),
        address=Address(name="Anna Müller", line1="Mühlenweg 12", city="Berlin", postcode="10115", country="DE"),
        lines=lines,
        carrier="DHL",
        place="Paketzentrum Leipzig",
        changes=changes,
    )


def _make_native_context(
    locale: str,
    *,
    store: dict[str, Any],
    buyer: tuple[str, str],
    address: Address,
    lines: tuple[OrderLine, ...],
    carrier: str,
    place: str,
    changes: dict[str, Any],
) -> dict[str, Any]:
    currency = store["currency"]
    first_name, last_name = buyer
    buyers = Buyer(first_name=first_name, last_name=last_name)
    shipment = SHIPMENT.model_copy(update={"carrier": carrier, "place": place, "eta": ARRIVAL})
    order = ORDER.model_copy(
        update={
            "buyer": buyers,
            "currency": currency,
            "lines": lines,
            "subtotal": Decimal("395"),
            "shipping": Decimal("20"),
            "tax": Decimal("54.13"),
            "total": Decimal("415"),
            "shipping_method": carrier,
            "shipping_address": address,
            "shipments": (shipment,),
        }
    )
    parts: dict[str, Any] = {
        "store": STORE.model_copy(update={"locale": locale, **store}),
        "customer": CUSTOMER.model_copy(
            update={"first_name": first_name, "last_name": last_name, "country": store["country"], "locale": locale}
        ),
        "order": order,
        "shipment": shipment,
        "refund": REFUND.model_copy(update={"amount": Decimal("180")}),
        "cart": CART.model_copy(
            update={"lines": lines, "currency": currency, "total": Decimal("395"), "buyer": buyers}
        ),
    }
    return make_context(locale, **{**parts, **changes})
