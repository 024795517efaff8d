"""How a played story is shown: by day, in the shopper's own time, messages as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from rich.markup import escape

from command_line.screen import OUTPUT
from okaeri.domain.decide import TIMER_DUE
from okaeri.domain.sentences import say_finding, say_moment, say_reason
from simulator.result import Decided, Entry, Happened, Held, Result, Said

_SIGNS = {"whatsapp": "✆", "email": "✉"}
_INDENT = " " * 9
_UNSAID = ("expired", "not said")  # what the engine lets go of before there is a message


def show_story(result: Result, *, full: bool = False, quiet: bool = False) -> None:
    """Prints the log; `full` shows whole messages, `quiet` leaves out what was weighed."""
    OUTPUT.print(f"[bold]{escape(result.title)}[/]", soft_wrap=True)
    show_log(result.log, result.zone, full=full, quiet=quiet)
    OUTPUT.print()
    for run in result.waiting:
        until = f"until {say_moment(run.due)}" if run.due else f"for {', '.join(run.events)}"
        OUTPUT.print(f"{escape(run.journey)} still waits {escape(until)}", soft_wrap=True)
    told, days = len(result.messages), (result.log[-1].at - result.log[0].at).days
    unsaid = sum(map(_count_unsaid, result.log))
    OUTPUT.print(f"{told} messages in {days} days, {unsaid} not said after all. Times are of {result.zone.key}.")


def show_log(log: Iterable[Entry], zone: ZoneInfo, *, full: bool = False, quiet: bool = False) -> None:
    """Prints what happened, day by day."""
    day = None
    for entry in log:
        if isinstance(entry, Decided) and (_is_stale_timer(entry) or (quiet and not _count_unsaid(entry))):
            continue
        if entry.at.date() != day:
            day = entry.at.date()
            OUTPUT.print(f"\n[bold]{entry.at:%A} {entry.at.day} {entry.at:%B %Y}[/]")
        for line in _show(entry, zone, full=full, quiet=quiet):
            OUTPUT.print(line, soft_wrap=True)


def _is_stale_timer(decided: Decided) -> bool:
    """The timer of a wait that ended otherwise still rings; nothing comes of it."""
    return decided.event == TIMER_DUE and all(finding.verdict == "nothing to do" for finding in decided.findings)


def _count_unsaid(entry: Entry) -> int:
    """How much of it is something that was wanted and is not said: dropped by the engine, or stopped by a sender."""
    match entry:
        case Decided():
            return sum(finding.verdict in _UNSAID for finding in entry.findings)
        case Held():
            return int(entry.state != "parked")
    return 0


def _show(entry: Entry, zone: ZoneInfo, *, full: bool, quiet: bool) -> Iterator[str]:
    time = f"{entry.at:%H:%M}"
    match entry:
        case Happened():
            yield f"{time}  [bold cyan]●[/] [bold]{escape(entry.text)}[/]"
        case Decided() if quiet:
            for finding in entry.findings:
                if finding.verdict in _UNSAID:
                    yield f"{time}  [yellow]✗[/] {escape(say_finding(finding, zone))}"
        case Decided():
            yield f"[dim]{time}  · {escape(entry.event)}[/]"
            for finding in entry.findings:
                yield f"[dim]{_INDENT}  {escape(say_finding(finding, zone))}[/]"
        case Said():
            sign = _SIGNS.get(entry.channel, "→")
            head = f"{entry.channel} · {entry.template} · {entry.locale}"
            yield f"{time}  [bold green]{sign}[/] [green]{escape(head)}[/]  {escape(entry.first_line)}"
            if full:
                yield from (f"{_INDENT}  {escape(line)}" for line in entry.text.splitlines())
                yield from (f"{_INDENT}  \\[{escape(button)}]" for button in entry.buttons)
        case Held():
            until = f" until {say_moment(entry.until)}" if entry.until else ""
            what = f"{entry.channel} · {entry.template} {entry.state}{until}"
            yield f"{time}  [yellow]✗[/] {escape(what)}: {escape(say_reason(entry.reason))}"
