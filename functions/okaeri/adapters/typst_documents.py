"""Papers as PDFs, set by Typst: it shapes Arabic and Devanagari, embeds what it uses of each font, and tags the text
so that it is read aloud and copied in order. Loaded by make_documents alone.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import typst

from okaeri.adapters.locale_formats import CATALOGUE
from okaeri.domain.invoices import Invoice
from okaeri.errors import GiveUp

# Packages that hold font files, in no order: the paper names the families.
FONT_PACKAGES = (
    "fontpkg_noto_sans",
    "fontpkg_ibm_plex_sans_arabic",
    "fontpkg_noto_sans_devanagari",
    "noto_cjk_sans_jp_regular",
    "noto_cjk_sans_jp_bold",
)


class TypstDocuments:
    """Implements `ports.DocumentWriter`. The fonts are looked through once."""

    def __init__(self) -> None:
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[find_package(name) for name in FONT_PACKAGES],
        )
        folder = CATALOGUE / "documents"
        self._compiler = typst.Compiler(folder / "invoice.typ", root=folder, font_paths=fonts)

    def write(self, invoice: Invoice) -> bytes:
        """The PDF, the same for the same paper. Raises GiveUp("document_broken")."""
        try:
            pdf = self._compiler.compile(
                format="pdf",
                sys_inputs={"invoice": invoice.model_dump_json()},
                timestamp=int(invoice.dated.timestamp()),
            )
        except typst.TypstError as error:
            # Its text may quote what stands on the paper: none of it goes on.
            raise GiveUp("document_broken") from error
        if not isinstance(pdf, bytes):
            raise GiveUp("document_broken")
        return pdf


def find_package(name: str) -> Path:
    """The folder of an installed package."""
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise GiveUp("font_missing", name)
    return Path(next(iter(found.submodule_search_locations)))
