"""Starts the servers of a local stack and ends them by their ids, also those of a run that crashed."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from local.commands import read_tail
from local.paths import REPOSITORY

# Seconds in which a server may finish what it does before it is ended by force. The local AWS never does in time,
# and has nothing to save.
PATIENCE_SECONDS = 0.5


class ServerDied(Exception):
    """A server of the stack ended by itself; the message holds the end of its log."""


@dataclass(frozen=True)
class Server:
    """A started server. `born` tells it from a later process that got the same id."""

    name: str
    pid: int
    born: str
    log: str


def find_birth(pid: int) -> str | None:
    """When process `pid` started, as the system puts it; None when there is none or it is a zombie."""
    try:
        # The fields after the program's name, which is in brackets and may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return None
    else:
        return None if fields[0] == "Z" else fields[19]
    # No /proc on macOS.
    asked = subprocess.run(["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, born = asked.stdout.strip().partition(" ")
    return born.strip() if born and not state.startswith("Z") else None


class Servers:
    """The servers of one stack, kept in `pids.json` of its state folder."""

    def __init__(self, state_folder: Path) -> None:
        self._file = state_folder / "pids.json"
        self._logs = state_folder / "logs"
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def list_servers(self) -> list[Server]:
        """All servers that were started and not yet stopped, alive or not, oldest first."""
        if not self._file.exists():
            return []
        return [Server(**record) for record in json.loads(self._file.read_text())]

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Starts a server in a session of its own, with exactly `environment` and its output in a log."""
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children[process.pid] = process
        born = find_birth(process.pid) or ""
        servers = [*self.list_servers(), Server(name, process.pid, born, str(log))]
        self._file.write_text(json.dumps([asdict(server) for server in servers], indent=1))

    def is_alive(self, server: Server) -> bool:
        """Whether this very server still runs, not another process that got its id."""
        if child := self._children.get(server.pid):
            child.poll()  # else a child that ended would linger as a zombie
        return find_birth(server.pid) == server.born

    def are_alive(self) -> bool:
        """True when there are servers and all run."""
        servers = self.list_servers()
        return bool(servers) and all(map(self.is_alive, servers))

    def are_own(self) -> bool:
        """Whether this process started them, and no other run has taken their place."""
        return all(server.pid in self._children for server in self.list_servers())

    def raise_if_dead(self) -> None:
        """Raises ServerDied for the first server that ended by itself."""
        for server in self.list_servers():
            if not self.is_alive(server):
                tail = read_tail(Path(server.log))
                raise ServerDied(f"{server.name} has ended. The end of {server.log}:\n\n{tail}")

    def stop(self) -> int:
        """Ends all servers, the last one started first; returns how many still ran. May be repeated."""
        alive = [server for server in reversed(self.list_servers()) if self.is_alive(server)]
        for server in alive:
            signal_group(server, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(map(self.is_alive, alive)) and time.monotonic() < deadline:
            time.sleep(0.05)
        for server in alive:
            # Also those that have ended: Lambda's workers stay in the group of a server that left them behind.
            signal_group(server, signal.SIGKILL)
            if child := self._children.pop(server.pid, None):
                child.wait()
        for child in self._children.values():
            child.poll()  # one that another run has ended meanwhile
        self._file.unlink(missing_ok=True)
        return len(alive)


def signal_group(server: Server, number: signal.Signals) -> None:
    """Sends a signal to the server and to what it started; a server leads its own group."""
    with suppress(ProcessLookupError):  # all gone already
        os.killpg(server.pid, number)
