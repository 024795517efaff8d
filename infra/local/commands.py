"""Runs other programs with their output in a log, of which a failure shows the end."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.paths import PROGRAMS, REPOSITORY

TAIL_LINES = 25


class CommandFailed(Exception):
    """A program ended with an error; the message holds the end of its log and where the rest is."""


def read_tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log, or a word that it is empty."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:]) or "(the log is empty)"


def make_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment with `.venv` first on PATH, our packages importable, and `extra`."""
    environment = dict(os.environ)
    environment["PATH"] = f"{PROGRAMS}{os.pathsep}{environment.get('PATH', os.defpath)}"
    environment["PYTHONPATH"] = f"{REPOSITORY / 'functions'}{os.pathsep}{REPOSITORY / 'infra'}"
    environment["SAM_CLI_TELEMETRY"] = "0"
    environment.update(extra or {})
    return environment


def run_command(
    command: Sequence[str],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    timeout: float = 600,
) -> None:
    """Runs `command` in the repository; `timeout` in seconds.

    Raises CommandFailed when it ends with an error, takes too long or isn't there.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        try:
            ended = subprocess.run(
                command,
                cwd=REPOSITORY,
                env=make_environment(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            reason = f"took longer than {timeout:.0f} s"
        except OSError as error:
            reason = f"could not start ({error.strerror})"
        else:
            if ended.returncode == 0:
                return
            reason = f"ended with {ended.returncode}"
    raise CommandFailed(f"{Path(command[0]).name} {reason}. The end of {log}:\n\n{read_tail(log)}")
