"""What is new in an HTML mail: its words where it has no plain part, and the pictures within its text."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import unquote

_SILENT = ("script", "style", "head", "title", "template")
_BREAKS = ("br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr")
# How mail programs mark what a reply quotes.
_QUOTE_CLASSES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote")
_QUOTE_IDS = ("divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container")
_CONTENT_ID = "cid:"
_VOID = ("br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.shown: set[str] = set()  # content ids of the pictures in what is new
        self.quoted: set[str] = set()
        self._is_below_mark = False  # Outlook's: the quote stands beside its mark, not within it
        self._open: list[tuple[str, bool]] = []  # element, and whether what is in it is left out

    @property
    def _is_silent(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in _BREAKS and not self._is_silent:
            self.pieces.append("\n")
        if tag == "img" and (name := _read_content_id(attributes.get("src") or "")):
            (self.quoted if self._is_silent or self._is_below_mark else self.shown).add(name)
        self._is_below_mark = self._is_below_mark or attributes.get("id") in _QUOTE_IDS
        if tag not in _VOID:
            self._open.append((tag, self._is_silent or tag in _SILENT or _is_quote(tag, attributes)))

    def handle_endtag(self, tag: str) -> None:
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position][0] == tag:
                del self._open[position:]
                break
        if tag in _BREAKS and not self._is_silent:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._is_silent:
            self.pieces.append(data if data.strip() else " ")


def read_html(html: str) -> str:
    """Lines of text; what is quoted, and what no reader sees, is left out."""
    reader = _read(html)
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()


def list_embedded(html: str) -> tuple[set[str], set[str]]:
    """The content ids of the pictures that stand in what is new, and of those in what is quoted alone."""
    reader = _read(html)
    return reader.shown, reader.quoted - reader.shown


def _read_content_id(source: str) -> str:
    """Of a picture that comes with the mail; empty for one that lies elsewhere."""
    is_ours = source[: len(_CONTENT_ID)].lower() == _CONTENT_ID
    return unquote(source[len(_CONTENT_ID) :]).strip() if is_ours else ""


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def _is_quote(tag: str, attributes: dict[str, str | None]) -> bool:
    classes = (attributes.get("class") or "").split()
    is_marked = any(name in _QUOTE_CLASSES for name in classes) or attributes.get("id") in _QUOTE_IDS
    return tag == "blockquote" or is_marked
