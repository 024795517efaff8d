"""Money, dates, names and addresses as a reader of one locale expects them. Babel is loaded on first use."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from okaeri.adapters.text_direction import ISOLATE, RIGHT_TO_LEFT_MARK, Direction, close_isolate, isolate
from okaeri.domain.languages import match_locale
from okaeri.domain.orders import Address

if TYPE_CHECKING:
    from babel import Locale

CATALOGUE = Path(__file__).parent.parent / "catalogue"
FALLBACK_LANGUAGE = "en"

# Control characters, halves of characters, and the invisible ones that turn the direction of the text around them.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_NATIVE_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
# Sign-up forms are abused to send advertisements as somebody's name.
_NO_NAME = re.compile(r"://|www\.|[@<>{}]|\.(com|net|org|ru|top|xyz)\b|\d{3}", re.IGNORECASE)
LONGEST_NAME = 40
_JOINER = "\u200d"
_VIRAMA = 9  # the combining class of what joins two consonants in the scripts of India
# CLDR skeletons: each locale has its own order and punctuation for them (Tue, Nov 24 · 11月24日(火)). A language whose
# short names read oddly in a sentence gives its own CLDR pattern in its words (`martes 24 de noviembre`).
_DAY = "MMMEd"
_DATE = "yMMMd"

Words = dict[str, Any]


@cache
def load_words(locale: str) -> Words:
    """The labels of a locale, else of its language, else English."""
    paths = {path.stem: path for path in (CATALOGUE / "words").glob("*.json")}
    found = match_locale(locale, paths) or FALLBACK_LANGUAGE
    words: Words = json.loads(paths[found].read_text(encoding="utf-8"))
    return words


def split_language(locale: str) -> str:
    """`pt` of `pt-BR` or `pt_BR`."""
    return re.split("[-_]", locale)[0].lower()


def clean_text(text: str | None) -> str:
    """One line of a stranger's text without invisible characters, or an empty string."""
    return " ".join(_INVISIBLE.sub(" ", text or "").split())


def clean_paragraph(text: str | None) -> str:
    """The same with its line breaks kept, empty lines dropped."""
    return "\n".join(filter(None, (clean_text(line) for line in (text or "").splitlines())))


def choose_plural(words: Words, key: str, count: int, language: str) -> str:
    """The words for a number of things: one text for every number, or one for each of the language's plural forms."""
    forms: str | dict[str, str] = words[key]
    if not isinstance(forms, str):
        forms = forms.get(_find_locale(language, None).plural_form(count), forms["other"])
    return forms.format(count=count)


def clean_name(name: str | None) -> str:
    """A person's name, or an empty string where it can't be one (an address, an advertisement, too long)."""
    cleaned = clean_text(name)
    return "" if len(cleaned) > LONGEST_NAME or _NO_NAME.search(cleaned) else cleaned


def clean_url(url: str | None) -> str:
    """The address if it is http or https, else an empty string."""
    stripped = (url or "").strip()
    return stripped if re.fullmatch(r"https?://[^\s\"'<>\\]+", stripped, re.IGNORECASE) else ""


def name_person(words: Words, given: str | None, family: str | None) -> str:
    """How the person is addressed, as the locale does: by given name, or family name first and 様. Unknown: empty."""
    parts = {"given": clean_name(given), "family": clean_name(family)}
    native = _NATIVE_JAPANESE.search("".join(parts.values()))
    known = {key for key, value in parts.items() if value}
    for form in words["name_forms" if native else "name_forms_latin"]:
        if set(re.findall(r"{(\w+)}", form)) <= known:
            return str(form.format(**parts))
    return ""


def cut_text(text: str, limit: int) -> str:
    """At most `limit` characters, ended by … where something was cut; between words where that loses little.

    What a reader sees as one character stays whole.
    """
    if len(text) <= limit:
        return text
    kept = text[: find_cut(text, limit - 1 - (ISOLATE in text))]
    at_word = kept.rsplit(" ", 1)[0]
    return close_isolate((at_word if len(at_word) > limit * 2 // 3 else kept).rstrip(f" ,،、·-–(（{ISOLATE}") + "…")


def find_cut(text: str, at: int) -> int:
    """The last place up to `at` where no character is taken apart: no accent, vowel sign, flag, joined emoji.

    After the rules that matter here of https://unicode.org/reports/tr29/ (GB9, GB9a, GB9c, GB11, GB12).
    """
    while 0 < at < len(text) and _belongs_together(text, at):
        at -= 1
    return at


def _belongs_together(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if unicodedata.category(after).startswith("M") or after == _JOINER or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if before == _JOINER or unicodedata.combining(before) == _VIRAMA:
        return True
    if not (_is_flag_half(before) and _is_flag_half(after)):
        return False
    halves = next((n for n, character in enumerate(reversed(text[:at])) if not _is_flag_half(character)), at)
    return halves % 2 == 1


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


@cache
def _find_locale(language: str, country: str | None) -> Locale:
    from babel import Locale, localedata  # 60 ms, needed by the senders' renderer alone

    parts = re.split("[-_]", language)
    # Spanish writes $1,254.00 in Mexico and 1.254,00 € in Spain: where the locale names no country, the reader's does.
    of_country = f"{parts[0]}_{country}" if len(parts) == 1 else "_".join(parts)
    for name in (of_country, parts[0], FALLBACK_LANGUAGE):
        if localedata.exists(name):
            return Locale.parse(name)
    return Locale.parse(FALLBACK_LANGUAGE)


class LocaleFormats:
    """The formats of one message: language and country of the reader, their time zone, and the words."""

    def __init__(self, locale: str, *, country: str | None, time_zone: str, words: Words) -> None:
        self.locale = _find_locale(locale, country)
        self.country = country
        self.words = words
        try:
            self.zone = ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            self.zone = ZoneInfo("UTC")

    @property
    def direction(self) -> Direction:
        """The direction in which the language is written."""
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"

    def isolate(self, text: str) -> str:
        """A stranger's one line as it stands safely among our words."""
        return isolate(text, self.direction)

    def isolate_name(self, name: str | None) -> str:
        """A person's name so, or an empty string where it can't be one."""
        return self.isolate(clean_name(name))

    def format_money(self, amount: Decimal | None, currency: str) -> str:
        """With the currency's own number of decimals (none for JPY); empty where there is no amount.

        Digits are Western in Arabic too, as shops from Morocco to the Gulf print them and as card statements do.
        """
        from babel.numbers import format_currency

        if amount is None:
            return ""
        text = format_currency(amount, currency, locale=self.locale)
        if self.direction == "ltr":
            return text
        # With CLDR's one mark a sign (-10.50) and a symbol in letters (US$) fall apart: each part keeps to itself.
        parts = text.replace(RIGHT_TO_LEFT_MARK, "").split("\u00a0")
        return RIGHT_TO_LEFT_MARK + "\u00a0".join(self.isolate(part) for part in parts)

    def format_number(self, number: int) -> str:
        """A whole number with the reader's separators."""
        from babel.numbers import format_decimal

        return self.isolate(format_decimal(number, locale=self.locale))

    def format_percent(self, percent: Decimal) -> str:
        """10 as "10%" or "10 %"; with as many decimals as it has."""
        from babel.numbers import format_percent

        return self.isolate(format_percent(percent / 100, locale=self.locale, decimal_quantization=False))

    def format_day(self, moment: datetime | None) -> str:
        """Weekday, day and month in the reader's zone. A carrier's midnight in UTC is a date without a zone."""
        return self._format(moment, _DAY, self.words.get("day_pattern"))

    def format_date(self, moment: datetime | None) -> str:
        """Day, month and year in the reader's zone."""
        return self._format(moment, _DATE, self.words.get("date_pattern"))

    def format_hour(self, moment: datetime | None) -> str:
        """The time of day in the reader's zone, empty where `moment` is a date only."""
        from babel.dates import format_time

        if moment is None or _is_date_only(moment):
            return ""
        return format_time(moment, format="short", tzinfo=self.zone, locale=self.locale)

    def format_clock(self, moment: datetime) -> str:
        """The time of day in the reader's zone of a moment that is known to be one, at midnight in UTC too."""
        from babel.dates import format_time

        return format_time(moment, format="short", tzinfo=self.zone, locale=self.locale)

    def format_local_day(self, moment: datetime) -> str:
        """Weekday, day and month of such a moment."""
        local = moment.astimezone(self.zone)
        return self._format(local.replace(hour=12, tzinfo=self.zone), _DAY, self.words.get("day_pattern"))

    def format_wall(self, wall: datetime) -> str:
        """A time of day as a clock on the shop's wall shows it; naive."""
        from babel.dates import format_time

        return format_time(wall.time(), format="short", locale=self.locale)

    def list_day_names(self) -> list[str]:
        """Short names of the days, Monday first."""
        from babel.dates import get_day_names

        names = get_day_names("abbreviated", context="stand-alone", locale=self.locale)
        return [names[day] for day in range(7)]

    def _format(self, moment: datetime | None, skeleton: str, pattern: str | None) -> str:
        from babel.dates import format_datetime, format_skeleton

        if moment is None:
            return ""
        zone = None if _is_date_only(moment) else self.zone
        if pattern:
            return format_datetime(moment, pattern, tzinfo=zone, locale=self.locale)
        return format_skeleton(skeleton, moment, tzinfo=zone, locale=self.locale)

    def format_address(self, address: Address | None, *, home: str | None) -> list[str]:
        """The lines of an address in its country's order; the country itself is named unless it is `home`."""
        if address is None:
            return []
        parts = {key: clean_text(getattr(address, key)) for key in ("company", "line1", "line2", "city", "postcode")}
        name = clean_name(address.name)
        parts["name"] = self.words["address_name"].format(name=name) if name else ""
        parts["region"] = clean_text(address.region)
        country = (address.country or "").upper()
        parts["country"] = "" if country == (home or "").upper() else self.locale.territories.get(country, country)
        rules = _load_address_rules()
        key = country if country in rules["lines"] else "default"
        if country == "JP" and _NATIVE_JAPANESE.search(parts["line1"] + parts["city"]):
            key = "JP native"
            parts["region"] = _name_prefecture(parts["region"], rules)
        lines = (_fill_line(pattern, parts) for pattern in rules["lines"][key])
        return [self.isolate(line) for line in lines if line]


def _is_date_only(moment: datetime) -> bool:
    return moment.utcoffset() is not None and not moment.utcoffset() and moment.time() == time(0)


@cache
def _load_address_rules() -> dict[str, Any]:
    rules: dict[str, Any] = json.loads((CATALOGUE / "addresses.json").read_text(encoding="utf-8"))
    return rules


def _name_prefecture(region: str, rules: dict[str, Any]) -> str:
    """Shops say `Tokyo`, `Tōkyō`, `JP-13` or `JP13` beside a Japanese city: the letterbox reads 東京都."""
    plain = region.translate(str.maketrans("āēīōūĀĒĪŌŪ", "aeiouAEIOU"))
    english, native = rules["prefectures"]["english"], rules["prefectures"]["native"]
    if plain.title() in english:
        return str(native[english.index(plain.title())])
    code = re.fullmatch(r"JP-?(\d\d)", plain)
    if code and 1 <= int(code[1]) <= len(native):
        return str(native[int(code[1]) - 1])
    return region


def _fill_line(pattern: str, parts: dict[str, str]) -> str:
    """Fills a pattern such as `city, region postcode`; a separator needs something to stand beside."""
    line = separator = ""
    for field, other in re.findall(r"(\w+)|(\W+)", pattern):
        if other:
            separator = "" if other == "|" else other
        elif parts[field]:
            line += (separator if line or pattern.startswith(separator or "|") else "") + parts[field]
            separator = ""
    return line
