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
YEARS = range(2026, 2041)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def list_holidays() -> dict[str, dict[str, list[str]]]:
    """Country → year → days ("05-01") on which the whole country rests, for the countries whose rule asks for it."""
    import holidays  # 300 modules and most of a second: no Lambda could afford it, so its dates are kept as data

    return {
        country: {
            str(year): [f"{day:%m-%d}" for day in sorted(holidays.country_holidays(country, years=year))]
            for year in YEARS
        }
        for country in sorted(_list_resting_countries())
    }


def write_holidays() -> str:
    """The text of holidays.json: one line for each year."""
    countries = []
    for country, years in list_holidays().items():
        lines = ",\n".join(f'    "{year}": {json.dumps(days)}' for year, days in years.items())
        countries.append(f'  "{country}": {{\n{lines}\n  }}')
    return "{\n" + ",\n".join(countries) + "\n}\n"


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


def _list_resting_countries() -> set[str]:
    return {
        rule.country for rule in list_rules() if rule.country and not all(h.on_holidays for h in rule.hours.values())
    }


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
