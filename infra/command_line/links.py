"""Beginnings of talks: codes that begin flows, the links and QR codes that carry them, and advertisements."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from command_line import checks, records
from command_line.failures import CommandFailure
from command_line.numbers import find_number, keep_display, learn_number
from command_line.secrets import name_secret, read_secret
from command_line.stack import Stack
from okaeri.adapters.locale_formats import CATALOGUE
from okaeri.domain.conversations import TURN_TAKEN
from okaeri.domain.entries import CODE, MAX_CODE, find_flow, fold_code
from okaeri.domain.keywords import read_keyword
from okaeri.domain.languages import match_locale
from okaeri.domain.mentions import find_code
from okaeri.domain.stores import Store

LONGEST_TEXT = 300  # characters; a QR code of more is hard to read for a phone
PICTURES = (".svg", ".png")
_AD = re.compile(r"\d{5,25}")


class Beginning(NamedTuple):
    """One code of a shop. `is_published` is False where its flow begins nothing any more."""

    code: str
    flow: str
    ads: tuple[str, ...]
    is_published: bool


def set_code(stack: Stack, store_id: str, code: str, flow: str, ads: Sequence[str] = ()) -> Store:
    """Lets a code begin a flow, and these advertisements too. Raises CommandFailure."""
    checked, numbers = check_code(code), [_check_ad(ad) for ad in ads]

    def apply(store: Store) -> Store:
        _check_flow(store, flow)
        codes = store.settings.entry_codes | {checked: flow}
        return _replace(store, codes, store.settings.entry_ads | dict.fromkeys(numbers, checked))

    return records.change_store(stack, store_id, apply)


def remove_code(stack: Stack, store_id: str, code: str, ads: Sequence[str] = ()) -> Store:
    """Takes advertisements from a code, or the code with all of them where none is named. Raises CommandFailure."""

    def apply(store: Store) -> Store:
        kept = check_known_code(store, code)
        codes, before = dict(store.settings.entry_codes), store.settings.entry_ads
        own = [ad for ad, begins in before.items() if begins == kept]
        if not ads:
            del codes[kept]
        dropped = [checks.check_one_of(ad, "--ad", own) for ad in ads] or own
        return _replace(store, codes, {ad: begins for ad, begins in before.items() if ad not in dropped})

    return records.change_store(stack, store_id, apply)


def list_beginnings(store: Store) -> list[Beginning]:
    """The shop's codes by name."""
    settings, flows = store.settings, list_flows(store)
    return [
        Beginning(code, flow, tuple(ad for ad, begins in settings.entry_ads.items() if begins == code), flow in flows)
        for code, flow in sorted(settings.entry_codes.items())
    ]


def list_flows(store: Store) -> list[str]:
    """The published journeys that a talk may begin."""
    return sorted(entry.journey for entry in store.triggers.get(TURN_TAKEN, ()))


def find_display_number(stack: Stack, store: Store, given: str | None = None) -> str:
    """The store's WhatsApp number as shoppers know it, digits alone: given now and kept, else kept, else Meta's word.

    Raises CommandFailure where nobody knows it.
    """
    if given is not None:
        digits = checks.check_phone(given, "--number").removeprefix("+")
        keep_display(stack, store, digits)
        return digits
    known = find_number(stack, store)
    if known is None or not known.display:
        token = read_secret(stack, name_secret(stack, store.store_id, "whatsapp"))
        known = learn_number(stack, store, token["token"]) if token else None
    if known is None or not known.display:
        raise CommandFailure(
            f"the WhatsApp number of {store.store_id} is not known",
            at="--number",
            fix="Give it once, as shoppers know it: --number +81…",
        )
    return known.display


def write_text(store: Store, code: str, text: str | None = None, language: str | None = None) -> str:
    """What stands ready in the shopper's message: `text`, else our own in that language; with the code in it.

    `{code}` in a text is where the code goes, else its end. Raises CommandFailure.
    """
    ready = load_texts()
    locale = match_locale(store.locale, ready) or "en"
    if language is not None:
        locale = checks.check_language(language, "--language", ready)
    pattern = (text or "").strip() or ready[locale]
    if "{code}" not in pattern:
        pattern = f"{pattern} ({{code}})"
    written = pattern.replace("{code}", code).replace("{shop}", store.name)
    if len(written) > LONGEST_TEXT:
        raise CommandFailure(f"the text has {len(written)} characters", at="--text", fix=f"{LONGEST_TEXT} at most.")
    if find_code(written, store.settings.entry_codes) != code:
        raise CommandFailure(
            f"in {written!r} another code, or none, is found before {code}",
            at="--text",
            fix="Write the place as ({code}) or #{code}, and no other code: 'I would like to begin: ({code})'.",
        )
    return written


def make_link(number: str, text: str) -> str:
    """Opens WhatsApp with this text to this number (digits with the country code). https://faq.whatsapp.com"""
    return f"https://wa.me/{number}?text={quote(text, safe='')}"


def draw_qr_code(link: str, path: Path) -> None:
    """Writes the link as a QR code, SVG or PNG by the file's name. Raises CommandFailure."""
    import segno  # for the one command that draws

    if path.suffix.lower() not in PICTURES:
        raise CommandFailure(f"{path.name} is no picture that we draw", at="--qr", fix="Name it FILE.svg or FILE.png.")
    try:
        # Level M still reads with a seventh of it hidden; four modules of margin are the standard's.
        segno.make(link, error="m", micro=False).save(str(path), scale=10, border=4)
    except OSError as error:
        raise CommandFailure(f"{path} cannot be written: {error.strerror}", at="--qr", fix="Choose a folder.") from None


def check_code(text: str) -> str:
    """A code as shoppers see it in their message: small letters, digits, hyphens. Raises CommandFailure."""
    code = fold_code(text.strip())
    if len(code) > MAX_CODE or not CODE.fullmatch(code):
        raise CommandFailure(
            f"{text!r} is no code",
            at="CODE",
            fix=f"Use letters, digits and hyphens, {MAX_CODE} at most, with one letter at least: spring-quiz.",
        )
    if read_keyword(code):
        raise CommandFailure(
            f"{code!r} means something else to shoppers", at="CODE", fix="Choose a word that neither stops nor starts."
        )
    return code


def check_known_code(store: Store, text: str) -> str:
    """A code that the shop has."""
    code = fold_code(text.strip())
    if find_flow(code, store) is None:
        known = ", ".join(sorted(store.settings.entry_codes)) or "none yet"
        raise CommandFailure(
            f"{store.store_id} has no code {code!r}",
            at="CODE",
            fix=f"Codes: {known}. Make one with okaeri links set {store.store_id} CODE FLOW.",
        )
    return code


@cache
def load_texts() -> dict[str, str]:
    """Our own words for the shopper, by locale."""
    texts: dict[str, str] = json.loads((CATALOGUE / "entry_texts.json").read_text("utf-8"))
    return texts


def _check_flow(store: Store, flow: str) -> None:
    flows = list_flows(store)
    if not flows:
        raise CommandFailure(
            f"nothing that {store.store_id} published begins with a talk",
            at="FLOW",
            fix=f"Publish the journeys first: okaeri publish {store.store_id}",
        )
    checks.check_one_of(flow, "FLOW", flows)


def _check_ad(text: str) -> str:
    if not _AD.fullmatch(text.strip()):
        raise CommandFailure(
            f"{text!r} is no advertisement", at="--ad", fix="Copy the ad's id from Meta's Ads Manager: digits."
        )
    return text.strip()


def _replace(store: Store, codes: dict[str, str], ads: dict[str, str]) -> Store:
    changed = store.settings.model_copy(update={"entry_codes": codes, "entry_ads": ads})
    return store.model_copy(update={"settings": changed})
