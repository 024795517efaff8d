"""Processes that find what a Lambda finds: the built zip, the layer, boto3, and nothing else that is installed here."""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]

# boto3 and what it needs, which the Lambda runtime has.
_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")


@dataclass(frozen=True)
class Surroundings:
    """What is on the path of a process: folders in their order, as in Lambda."""

    folders: tuple[Path, ...]

    def run(self, module: str, *arguments: str, environment: Mapping[str, str]) -> dict[str, Any]:
        """Runs a module of this repository; returns the JSON object that it prints last."""
        answer = subprocess.run(
            [sys.executable, "-S", "-m", module, *arguments],
            cwd=REPOSITORY,
            env=self._name_all(environment),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=600,
        )
        found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
        return found

    def time_start(self, program: str, environment: Mapping[str, str]) -> float:
        """Milliseconds of CPU that a new process needs for the program, its own start included."""
        command = [sys.executable, "-S", "-P", "-c", program]
        with subprocess.Popen(command, env=self._name_all(environment), stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{program.splitlines()[0]} failed with {process.returncode}")
        return (usage.ru_utime + usage.ru_stime) * 1000

    def _name_all(self, environment: Mapping[str, str]) -> dict[str, str]:
        """`-S` leaves out the packages of this environment; no bytecode is written, as on Lambda's read-only disk."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(str(folder) for folder in self.folders),
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }


def make_surroundings(code: Sequence[Path], runtime: Path) -> Surroundings:
    """`code` and boto3, which `runtime`, an empty folder, comes to hold with its bytecode, as on Lambda."""
    for name in _RUNTIME:
        spec = find_spec(name)
        assert spec is not None and spec.origin is not None
        origin = Path(spec.origin)
        package = origin.parent if origin.name == "__init__.py" else origin
        compileall.compile_dir(package, quiet=2) if package.is_dir() else compileall.compile_file(package, quiet=2)
        (runtime / package.name).symlink_to(package)
    return Surroundings((*code, runtime))
