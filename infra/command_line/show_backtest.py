"""How a backtest is shown: sums, refusals with their reasons, and some customers in full."""

from __future__ import annotations

from collections import Counter

from command_line.backtest import Backtest
from command_line.screen import OUTPUT, say, show_table
from command_line.show_story import show_log
from okaeri.domain.journeys import Definition
from okaeri.domain.sentences import say_reason
from simulator.replay import Replayed


def show_backtest(result: Backtest, definition: Definition) -> None:
    """The whole report."""
    tally = result.tally
    say(f"{definition.journey}, version {definition.version}, from {result.since:%Y-%m-%d} to {result.until:%Y-%m-%d}")
    said = sum(tally.messages.values())
    say(f"{tally.runs} runs, {said} messages to {tally.people} of {tally.customers} customers", style="bold")
    if tally.waiting:
        say(f"{tally.waiting} runs would still wait")
    if said:
        _say_cost(result)
        rows = [(channel, template, str(number)) for channel, template, number in tally.list_messages()]
        show_table(("channel", "template", "messages"), rows)
    _show_reasons("Runs that would not have begun", {("", why): n for why, n in tally.not_begun.items()})
    _show_reasons("Channels that could not be used", tally.refused)
    _show_reasons("Messages put off, merged or expired", tally.put_off)
    _show_reasons("Decided, and not said after all", tally.held)
    for sample in result.samples:
        show_customer(sample)


def show_customer(replayed: Replayed) -> None:
    """One customer's replay, by their own clock."""
    say()
    say(f"Customer {replayed.customer_id}", style="bold")
    show_log(replayed.log, replayed.zone)
    say(f"Times are of {replayed.zone.key}.")


def _say_cost(result: Backtest) -> None:
    sums = " and ".join(f"{amount} {currency}" for currency, amount in sorted(result.tally.cost.items()))
    unknown = result.tally.cost_unknown
    text = f"cost: {sums}" if sums else "cost: unknown"
    say(text + (f", and {unknown} messages whose price is not known" if unknown else ""))


def _show_reasons(title: str, reasons: Counter[tuple[str, str]] | dict[tuple[str, str], int]) -> None:
    if not reasons:
        return
    OUTPUT.print(f"\n{title}")
    counted = Counter(dict(reasons)).most_common()
    show_table(("times", "what", "why"), [(str(number), what, say_reason(why)) for (what, why), number in counted])
