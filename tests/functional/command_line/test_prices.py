"""`okaeri prices …`: a list in CSV takes the place of ours, and says where it is wrong."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from command_line.failures import CommandFailure
from command_line.prices import import_prices, list_rates, read_current, read_prices
from command_line.stack import Stack
from okaeri.adapters.prices import load_shipped
from okaeri.domain.prices import estimate_cost, estimate_email_cost, find_market

HEADER = "calling_codes,market,category,amount,currency,since,source,verified"
LINES = (
    "81,JP,utility,0.0100,USD,2026-10-01,Meta's list of 2026-09-01,yes",
    "81,JP,marketing,0.0700,USD,2026-10-01,Meta's list of 2026-09-01,yes",
    "1787 1939,Rest of Latin America,utility,0.0113,USD,2026-10-01,Meta's list of 2026-09-01,yes",
)
OCTOBER = datetime(2026, 10, 2, tzinfo=UTC)


def write(folder: Path, *lines: str) -> Path:
    path = folder / "prices.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_an_imported_list_is_what_messages_are_priced_by(stack: Stack, tmp_path: Path) -> None:
    import_prices(stack, write(tmp_path, HEADER, *LINES))
    prices = read_current(stack)
    assert estimate_cost(prices, "+819012345678", "utility", at=OCTOBER).amount == "0.0100"
    assert find_market(prices, "+17875550100") == "Rest of Latin America"
    assert find_market(prices, "+5511987654321") == "BR"
    # Ours is gone as a whole: an old figure beside a new list would be a guess.
    assert estimate_cost(prices, "+5511987654321", "utility", at=OCTOBER).amount is None
    assert estimate_email_cost(prices, at=OCTOBER).amount == "0.0001"
    assert all(rate.verified for rate in prices.rates if rate.market)


def test_the_rates_of_a_day_are_shown_with_their_source(stack: Stack) -> None:
    rates = list_rates(read_current(stack), date(2026, 7, 1), "BR")
    assert [(r.category, r.amount) for r in rates] == [("marketing", "0.0782"), ("utility", "0.0085")]
    later = list_rates(load_shipped(), date(2026, 11, 1), "BR")
    assert {r.category: r.amount for r in later}["marketing"] == "0.025"
    assert not any(rate.verified for rate in rates)


def test_a_file_as_a_spreadsheet_saves_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(
        b"\xef\xbb\xbfMarket, Category ,amount,since\r\nJP,Authentication-International,0.02,2026-10-01\r\n,,,\r\n"
    )
    [rate] = [rate for rate in read_prices(path).rates if rate.market]
    assert (rate.category, rate.source, rate.verified) == ("authentication_international", "prices.csv", False)


@pytest.mark.parametrize(
    ("lines", "where", "what"),
    [
        ((HEADER,), "prices.csv", "no price"),
        (("market,price", "JP,1"), ":1", "price"),
        (("market,category", "JP,utility"), ":1", "amount, since"),
        ((HEADER, "81,JP,utility,0.01,USD,1.10.2026,,"), ":2", "no day"),
        ((HEADER, "81,JP,utility,$0.01,USD,2026-10-01,,"), ":2", "no amount"),
        ((HEADER, "81,JP,utility,-1,USD,2026-10-01,,"), ":2", "no amount"),
        ((HEADER, LINES[0], "81,JP,utilities,0.01,USD,2026-10-01,,"), ":3", "utilities"),
        ((HEADER, "81,,utility,0.01,USD,2026-10-01,,"), ":2", "needs a market"),
        ((HEADER, "81,JP,email,0.01,USD,2026-10-01,,"), ":2", "belongs to no market"),
        ((HEADER, "Japan,JP,utility,0.01,USD,2026-10-01,,"), ":2", "no calling code"),
        ((HEADER, LINES[0], "55,BR,utility,0.03,BRL,2026-10-01,,"), "prices.csv", "several currencies"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_replaced(
    stack: Stack, tmp_path: Path, lines: tuple[str, ...], where: str, what: str
) -> None:
    with pytest.raises(CommandFailure, match=what) as failure:
        import_prices(stack, write(tmp_path, *lines))
    assert failure.value.at.endswith(where)
    assert failure.value.fix
    assert read_current(stack) == load_shipped()


def test_the_example_in_the_documents_is_read(tmp_path: Path) -> None:
    document = Path(__file__).parents[3] / "docs/whatsapp.md"
    [example] = re.findall(r"```text\n(calling_codes,.*?)```", document.read_text("utf-8"), re.DOTALL)
    prices = read_prices(write(tmp_path, *example.splitlines()))
    assert find_market(prices, "+19395550100") == "Rest of Latin America"
    assert not any(rate.verified for rate in prices.rates)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CommandFailure, match="cannot be read"):
        read_prices(tmp_path / "nowhere.csv")
