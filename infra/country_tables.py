"""Makes what follows from the country rules: the dates of holidays, and the table in docs/consent.md.

`python -m country_tables holidays > functions/okaeri/catalogue/holidays.json`; `python -m country_tables docs` rewrites
the table in place. Tests compare both with what they would be now.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from okaeri.domain.country_rules import ContactHours, CountryRule, Requirement, list_rules
from okaeri.domain.values import Channel, Purpose

CONSENT_PAGE = Path(__file__).parents[1] / "docs" / "consent.md"
BEGIN, END = "<!-- country rules: begin -->", "<!-- country rules: end -->"
YEARS = range(2026, 2036)  # whole years; what is every year's stays true after them
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def list_holidays() -> dict[str, dict[str, str]]:
    """Country → `every` and years → days ("01-01 05-01") on which the whole country rests; not those of its regions.

    A country that keeps none, or lists none (war, no people of its own), is left out.
    """
    import holidays  # 300 modules and most of a second: no Lambda could afford it, so its dates are kept as data

    table = {}
    for country in sorted(holidays.list_supported_countries(include_aliases=False)):
        by_year = {
            year: {f"{day:%m-%d}" for day in holidays.country_holidays(country, years=year) if day.year == year}
            for year in YEARS
        }
        every = set.intersection(*by_year.values())
        own = {str(year): days - every for year, days in by_year.items()}
        lines = {name: " ".join(sorted(days)) for name, days in ({"every": every} | own).items() if days}
        if lines:
            table[country] = lines
    return table


def write_holidays() -> str:
    """The text of holidays.json: one line for each year."""
    return json.dumps(list_holidays(), indent=1) + "\n"


def write_table() -> str:
    """The countries' rules as a table in Markdown."""
    lines = ["| country | channel | marketing is said | why |", "|---|---|---|---|"]
    for rule in list_rules():
        name = rule.country or "all others"
        for channel in Channel:
            hours = rule.find_hours(Purpose.MARKETING, channel)
            if hours is not None and (hours.source or rule.country is None or hours.note != _default_note(channel)):
                lines.append(f"| {name} | {channel} | {_say_hours(hours)} | {_say_why(hours)} |")
        for channel, requirement in rule.confirmed.items():
            lines.append(f"| {name} | {channel} | after a confirmed sign-up | {_say_why(requirement)} |")
        if rule.consent_lasts:
            years = round(rule.consent_lasts.days / 365)
            lines.append(f"| {name} | all | for {years} years after the last word | {_say_why(rule.lasts_because)} |")
    return "\n".join(lines) + "\n"


def put_table(page: str) -> str:
    """The page with the present table between its two marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{write_table()}\n{END}{after}"


def _default_note(channel: Channel) -> str:
    default: CountryRule = list_rules()[-1]
    return default.hours[channel].note if channel in default.hours else ""


def _say_hours(hours: ContactHours) -> str:
    """ "Mon–Fri 09:00–20:00, Sat 10:00–19:00, no holidays"."""
    spans: list[tuple[int, int]] = []
    for day, opening in enumerate(hours.days):
        if opening is None:
            continue
        if spans and spans[-1][1] == day - 1 and hours.days[spans[-1][0]] == opening:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    said = []
    for first, last in spans:
        opens, closes = hours.days[first] or ("", "")
        days = _DAYS[first] if first == last else f"{_DAYS[first]}–{_DAYS[last]}"
        said.append(f"{days} {opens:%H:%M}–{closes:%H:%M}")
    return ", ".join([*said, *([] if hours.on_holidays else ["no holidays"])])


def _say_why(rule: ContactHours | Requirement) -> str:
    return " ".join(f"{text.rstrip('.')}." for text in (rule.source, rule.note) if text)


if __name__ == "__main__":
    if sys.argv[1:] == ["holidays"]:
        sys.stdout.write(write_holidays())
    else:
        CONSENT_PAGE.write_text(put_table(CONSENT_PAGE.read_text("utf-8")), "utf-8")
