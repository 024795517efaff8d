"""`python -m local.launcher up | down | demo`: what the make targets run."""

import argparse
import os
import signal
import subprocess
import sys
import time
from typing import Any

from rich.markup import escape

from command_line.failures import CommandFailure
from local.build import BuildFailed
from local.commands import CommandFailed, make_environment
from local.launcher.description import REAL_SECONDS_PER_DAY, Pace, PaceRefused
from local.launcher.processes import ServerDied
from local.launcher.stack import LocalStack
from local.launcher.stand_ins import StandInRefused
from local.launcher.stores import StoreNotReady
from local.paths import REPOSITORY, find_state_folder
from local.progress import console

DEMO_SECONDS_PER_DAY = 4
STORY = "local.story"

# What a person can read and act upon; anything else is our mistake and shows its traceback.
EXPECTED_FAILURES = (
    BuildFailed,
    CommandFailed,
    CommandFailure,
    PaceRefused,
    ServerDied,
    StandInRefused,
    StoreNotReady,
    TimeoutError,
)


def show_addresses(description: dict[str, Any]) -> None:
    """Prints where to look."""
    seconds = description["seconds_per_day"]
    pace = "real time" if seconds == REAL_SECONDS_PER_DAY else f"a day passes in {seconds} s"
    console.print(f"\n[bold]Okaeri is up[/] ({pace})")
    console.print(f"  Phone    {description['whatsapp_url']}   WhatsApp, to read and answer on")
    console.print(f"  Mailbox  {description['mailbox_url']}   every e-mail")
    console.print(f"  Shops    {description['shops_url']}   the stores' own APIs, where orders are changed")
    console.print(f"  API      {description['api_url']}")
    for store in description["stores"]:
        console.print(f"           {store['events_url']}   {store['platform']}, {store['domain']}")
    first = description["stores"][0]
    console.print(
        f"  Inbox    {first['inbox_url']}/tickets   Authorization: Bearer {first['staff_token']}", soft_wrap=True
    )
    console.print(f"  AWS      {description['aws_endpoint_url']}   key and secret: test")


def run_up(stack: LocalStack, *, only_free_ports: bool) -> int:
    """Starts the stack unless it runs, and leaves it running."""
    pace = Pace.from_environment(os.environ)
    running = stack.read_description()
    if running is not None and running["seconds_per_day"] == pace.seconds_per_day:
        show_addresses(running)
        return 0
    show_addresses(stack.start(pace, only_free_ports=only_free_ports))
    console.print("\nIt stays up until [bold]make down[/].")
    return 0


def run_down(stack: LocalStack) -> int:
    """Stops the stack; no fault when none runs."""
    stopped = stack.stop()
    console.print("Okaeri is down." if stopped else "Nothing was running.")
    return 0


def run_demo(stack: LocalStack) -> int:
    """Starts the stack at a quick pace, tells a shopper's story, and stays up until Ctrl-C."""
    # `kill` and a closed terminal clean up as Ctrl-C does; so does SIGINT where a shell in the background ignores it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        description = stack.start(Pace.from_environment(os.environ, DEMO_SECONDS_PER_DAY))
        show_addresses(description)
        console.print()
        subprocess.run([sys.executable, "-m", STORY], cwd=REPOSITORY, env=make_environment(), check=False)
        show_addresses(description)
        console.print("\nIt stays up until [bold]Ctrl-C[/].")
        while True:
            stack.raise_if_dead()
            time.sleep(1)
    except KeyboardInterrupt:
        console.print("\nStopping …")
        return 0
    finally:
        stack.stop_own()


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="local.launcher", description=__doc__)
    parser.add_argument("action", choices=["up", "down", "demo"])
    parser.add_argument("--free-ports", action="store_true", help="any free ports, not the friendly ones")
    options = parser.parse_args()
    stack = LocalStack(find_state_folder())
    try:
        match options.action:
            case "up":
                return run_up(stack, only_free_ports=options.free_ports)
            case "demo":
                return run_demo(stack)
            case _:
                return run_down(stack)
    except EXPECTED_FAILURES as failure:
        console.print(f"[red]✗[/] {escape(str(failure))}")
        if isinstance(failure, CommandFailure) and failure.fix:
            console.print(escape(failure.fix))
        console.print(f"\nEverything is stopped again; the logs are in {find_state_folder() / 'logs'}.")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
