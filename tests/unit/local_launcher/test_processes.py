"""Servers are started, watched, and ended by their ids, also by a later run of the launcher."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.launcher.processes import ServerDied, Servers, find_birth

SLEEPER = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)"]
# Ignores polite requests, and has a child that does too.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    started = Servers(tmp_path)
    yield started
    started.stop()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about within 10 s"
        time.sleep(0.01)


def start_sleeper(servers: Servers, name: str = "sleeper") -> None:
    servers.start(name, SLEEPER, dict(os.environ))


def test_a_started_server_is_alive_until_it_is_stopped(servers: Servers) -> None:
    start_sleeper(servers)
    (server,) = servers.list_servers()
    assert servers.are_alive()
    assert servers.stop() == 1
    assert not servers.is_alive(server)
    assert servers.list_servers() == []


def test_stopping_twice_does_nothing_the_second_time(servers: Servers) -> None:
    start_sleeper(servers)
    servers.stop()
    assert servers.stop() == 0


def test_a_later_run_ends_what_a_crashed_run_left(servers: Servers, tmp_path: Path) -> None:
    start_sleeper(servers, "aws")
    start_sleeper(servers, "mailbox")
    assert Servers(tmp_path).stop() == 2
    assert not servers.are_alive()


def test_a_server_that_does_not_want_to_end_is_ended_with_its_children(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.launcher.processes.PATIENCE_SECONDS", 0.2)
    servers.start("stubborn", [sys.executable, "-c", STUBBORN], dict(os.environ))
    log = tmp_path / "logs" / "stubborn.log"
    wait_until(lambda: bool(log.read_text().strip()))
    child = int(log.read_text())
    servers.stop()
    wait_until(lambda: find_birth(child) is None)


def test_a_process_that_took_over_the_id_of_an_old_server_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEPER, stdout=subprocess.PIPE) as stranger:
        try:
            record = {"name": "aws", "pid": stranger.pid, "born": "long ago", "log": str(tmp_path / "aws.log")}
            (tmp_path / "pids.json").write_text(json.dumps([record]))
            assert Servers(tmp_path).stop() == 0
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_server_that_ended_by_itself_is_reported_with_the_end_of_its_log(servers: Servers) -> None:
    servers.start("aws", [sys.executable, "-c", "raise SystemExit('port 4566 is taken')"], dict(os.environ))
    wait_until(lambda: not servers.are_alive())
    with pytest.raises(ServerDied, match=r"aws has ended(?s:.*)port 4566 is taken"):
        servers.raise_if_dead()


def test_no_server_at_all_is_not_a_running_stack(servers: Servers) -> None:
    assert not servers.are_alive()


def test_a_server_sees_only_the_environment_that_it_is_given(servers: Servers, tmp_path: Path) -> None:
    show = [sys.executable, "-c", "import os; print(os.environ.get('AWS_PROFILE'), os.environ['ONLY'])"]
    servers.start("shows", show, {"ONLY": "this"})
    log = tmp_path / "logs" / "shows.log"
    wait_until(lambda: log.read_text().endswith("\n"))
    assert log.read_text() == "None this\n"


def test_the_same_process_is_born_once() -> None:
    with subprocess.Popen(SLEEPER, stdout=subprocess.PIPE) as process:
        try:
            assert find_birth(process.pid) == find_birth(process.pid) is not None
        finally:
            process.send_signal(signal.SIGKILL)
    assert find_birth(process.pid) is None


def test_a_server_with_another_birth_is_not_the_one_that_was_started(servers: Servers) -> None:
    start_sleeper(servers)
    (server,) = servers.list_servers()
    assert servers.is_alive(server)
    assert not servers.is_alive(replace(server, born="another time"))


def test_servers_of_a_later_run_are_not_ones_own(servers: Servers, tmp_path: Path) -> None:
    servers.start("old", SLEEPER, os.environ)
    assert servers.are_own()
    later = Servers(tmp_path)
    later.stop()
    later.start("new", SLEEPER, os.environ)
    assert later.are_own()
    assert not servers.are_own()
    later.stop()
