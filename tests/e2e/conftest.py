"""One running stack for all end-to-end tests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.commands import make_environment
from tests.e2e.campaign_shop import operate
from tests.e2e.circle import Circle, open_circle
from tests.e2e.drive import Driver

# Days short enough to wait for, and a queue's limit so low that journey waits use real schedules too.
PACE = {"SECONDS_PER_DAY": "10", "QUEUE_DELAY_LIMIT_SECONDS": "5"}


def run_launcher(action: str, state_folder: Path, *options: str) -> None:
    """Runs `make up` or `make down` for a stack of its own; its words are shown when it fails."""
    environment = make_environment(PACE | {"OKAERI_STATE_DIR": str(state_folder)})
    command = [sys.executable, "-m", "local.launcher", action, *options]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if ended.returncode != 0:
        pytest.fail(f"the local stack did not go {action}:\n{ended.stdout}\n{ended.stderr}", pytrace=False)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What `stack.json` says of a running stack: the one that OKAERI_STACK_FILE names, else a new one."""
    if named := os.environ.get("OKAERI_STACK_FILE"):
        yield json.loads(Path(named).read_text())
        return
    state_folder = tmp_path_factory.mktemp("stack")
    run_launcher("up", state_folder, "--free-ports")
    try:
        yield json.loads((state_folder / "stack.json").read_text())
    finally:
        run_launcher("down", state_folder)


@pytest.fixture
def driver(stack: dict[str, Any]) -> Driver:
    """The stack in order: no faults that a test before has set, and statuses as they usually come."""
    made = Driver(stack)
    made.clear_faults()
    made.control("statuses", {})
    return made


@pytest.fixture(scope="session")
def circle(stack: dict[str, Any]) -> Iterator[Circle]:
    """A shop with a WhatsApp number of its own, new on the stack."""
    with operate(stack) as operator:
        yield open_circle(stack, operator)
