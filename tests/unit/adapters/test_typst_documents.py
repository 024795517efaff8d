"""The paper as a PDF: pages, fonts, text that can be copied, and nobody's text taken for markup."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from okaeri.adapters.invoice_fields import describe_invoice
from okaeri.adapters.typst_documents import TypstDocuments
from okaeri.domain.orders import Address, Buyer, OrderLine
from tests.papers import LOCALES, READER, make_paper_order, make_paper_store


@pytest.fixture(scope="module")
def documents() -> TypstDocuments:
    return TypstDocuments()


def write(documents: TypstDocuments, locale: str = "en", **order: Any) -> PdfReader:
    store = make_paper_store(footer={"en": "HRB 1 B"})
    invoice, _ = describe_invoice(make_paper_order(**order), store, READER, locale)
    return PdfReader(io.BytesIO(documents.write(invoice)))


def read(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def list_fonts(pdf: PdfReader) -> dict[str, bool]:
    """Each font's name, and whether its glyphs are in the file."""
    found = {}
    for page in pdf.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            [inner] = font.get_object()["/DescendantFonts"]
            descriptor = inner.get_object()["/FontDescriptor"].get_object()
            found[font["/BaseFont"]] = "/FontFile2" in descriptor or "/FontFile3" in descriptor
    return found


@pytest.mark.parametrize("locale", LOCALES)
def test_a_paper_of_each_language_is_one_small_page_with_its_fonts_in_it(
    documents: TypstDocuments, locale: str
) -> None:
    invoice, _ = describe_invoice(make_paper_order(), make_paper_store(), READER, locale)
    body = documents.write(invoice)
    pdf = PdfReader(io.BytesIO(body))
    assert len(pdf.pages) == 1 and len(body) < 120_000
    fonts = list_fonts(pdf)
    assert all(fonts.values())
    assert all(re.match(r"/[A-Z]{6}\+", font) for font in fonts), "of each font only what is used"
    root: Any = pdf.trailer["/Root"]
    assert str(root["/Lang"]).startswith(locale[:2])


def test_its_text_can_be_copied(documents: TypstDocuments) -> None:
    text = read(write(documents))
    for said in ("Receipt", "Linen Apron", "M, Natural", "€84.00", "Amount paid €101.90", "Page 1 of 1", "HRB 1 B"):
        assert said in text


def test_japanese_can_be_copied(documents: TypstDocuments) -> None:
    towel = OrderLine(line_id="1", title="髙級今治ふきん", quantity=1, price=Decimal(1800))
    text = read(write(documents, "ja", lines=(towel,), buyer=Buyer(first_name="愛子", last_name="髙橋")))
    assert all(said in text for said in ("髙級今治ふきん", "髙橋 愛子 様", "お支払い明細書"))


def test_hindi_says_beside_its_shaped_letters_what_they_spell(documents: TypstDocuments) -> None:
    """Where letters trade places as they are joined, a span names them in the order in which they are written."""
    content = write(documents, "hi").pages[0].get_contents()
    assert content is not None
    spelt = [bytes.fromhex(code.decode()) for code in re.findall(rb"/ActualText<FEFF([0-9A-F]+)>", content.get_data())]
    assert "सी" in {letters.decode("utf-16-be") for letters in spelt}, "of रसीद, a receipt's title"


def test_arabic_letters_are_joined_and_kept_as_letters(documents: TypstDocuments) -> None:
    """What is copied is Arabic letters, not the presentation forms that stand for their shapes."""
    pdf = write(documents, "ar", shipping_address=Address(name="محمد", line1="شارع الوصل", city="دبي", country="AE"))
    text = read(pdf)
    assert "محمد" in text or "دمحم" in text  # a reader may give a line's letters as they stand or as they are read
    assert not re.search("[\ufb50-\ufdff\ufe70-\ufefc]", text)


def test_a_long_order_goes_on_over_the_page_with_its_headings_and_sums_together(documents: TypstDocuments) -> None:
    lines = tuple(
        OrderLine(line_id=str(n), title=f"Towel {n}", sku=f"T-{n}", quantity=1, price=Decimal(2)) for n in range(50)
    )
    pages = [" ".join(page.extract_text().split()) for page in write(documents, lines=lines).pages]
    assert len(pages) == 3
    assert all("Item Quantity Price Amount" in page for page in pages)
    assert [("Subtotal" in page, "Amount paid" in page) for page in pages] == [
        (False, False),
        (False, False),
        (True, True),
    ]
    assert "Page 3 of 3" in pages[2]


def test_nobodys_text_is_taken_for_markup(documents: TypstDocuments) -> None:
    title = '#panic("x") *bold* $x$ = \\ @here <b> {{name}} "quoted"'
    line = OrderLine(line_id="1", title=title, quantity=1, price=Decimal(1))
    text = read(write(documents, lines=(line,)))
    for piece in ('#panic("x")', "*bold*", "$x$", "@here", "<b>", "{{name}}"):
        assert piece in text


def test_the_same_order_makes_the_same_file(documents: TypstDocuments) -> None:
    invoice, _ = describe_invoice(make_paper_order(), make_paper_store(), READER, "de")
    assert documents.write(invoice) == TypstDocuments().write(invoice)


def test_an_order_of_one_thing_and_nothing_else_has_a_paper_too(documents: TypstDocuments) -> None:
    bare = write(
        documents, subtotal=None, discount=None, shipping=None, tax=None, payment_method=None, shipping_address=None,
        buyer=Buyer(), total=Decimal(0),
    )  # fmt: skip
    assert "€0.00" in read(bare)


@pytest.mark.parametrize("locale", ["zh-Hant", "zh-Hant-TW", "es-419"])
def test_a_language_with_a_script_or_a_wide_region_has_its_paper_too(documents: TypstDocuments, locale: str) -> None:
    """A shop may have templates of its own in any language: no message is lost for what its name holds."""
    invoice, _ = describe_invoice(make_paper_order(), make_paper_store(), READER, "en")
    assert documents.write(invoice.model_copy(update={"locale": locale})).startswith(b"%PDF")
