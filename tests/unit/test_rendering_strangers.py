"""What strangers type (names, titles, addresses, carriers) can be anything: no message breaks, none is bent."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from okaeri.adapters.rendering import render_email, render_whatsapp
from tests.catalogue import load_templates
from tests.unit.rendering_samples import CUSTOMER, ORDER, SHIPMENT, make_context

TEMPLATES = {(template.name, template.locale): template for template in load_templates()}
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=40) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "{{ 7 * 7 }}",
        "{% raw %}",
        '"><img src=x>',
        "\ud83d",
        "\r\nBcc: x",
        "&lt;",
        "\u202eevil",
        "  ",
    ]
)
TAGS = re.compile(r"<(/?[a-zA-Z!][^\s>/]*)")


def count_tags(html: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for tag in TAGS.findall(html):
        counts[tag] = counts.get(tag, 0) + 1
    return counts


@settings(max_examples=60, deadline=None)
@given(
    title=ANYTHING,
    variant=ANYTHING,
    given_name=ANYTHING,
    street=ANYTHING,
    carrier=ANYTHING,
    locale=st.sampled_from(sorted({locale for _, locale in TEMPLATES})),
)
def test_anything_may_be_typed(
    title: str, variant: str, given_name: str, street: str, carrier: str, locale: str
) -> None:
    line = ORDER.lines[0].model_copy(update={"title": title, "variant": variant})
    assert ORDER.shipping_address
    address = ORDER.shipping_address.model_copy(update={"line1": street, "name": given_name})
    parcel = SHIPMENT.model_copy(update={"carrier": carrier, "place": street})
    order = ORDER.model_copy(
        update={
            "lines": (line,),
            "shipping_address": address,
            "shipments": (parcel,),
            "name": title,
            "payment_method": carrier,
        }
    )
    customer = CUSTOMER.model_copy(update={"first_name": given_name, "last_name": title})
    context = make_context(locale, order=order, shipment=parcel, customer=customer)
    for name in ("order_confirmation", "shipment_in_transit"):
        template = TEMPLATES[name, locale]
        said = render_whatsapp(template, context)
        for value in said.body.values():
            assert value.strip()
            assert not re.search(r"[\n\r\t]| {2}", value)
        mail = render_email(template, context)
        assert not re.search(r"[\r\n]", mail.subject)
        assert set(count_tags(mail.html)) <= set(count_tags(ordinary(name, locale))) | {"a", "/a"}
        mail.html.encode()
        said.text.encode()


def ordinary(name: str, locale: str) -> str:
    """The e-mail of an order about which nothing is odd."""
    return render_email(TEMPLATES[name, locale], make_context(locale)).html
