"""`make` sets itself up on a machine that has little, and says in one sentence what it can't do without."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from local.paths import REPOSITORY

# What every Unix has beside Python.
TOOLS = ["awk", "cat", "cmp", "dirname", "grep", "head", "printf", "rm", "sed", "sh", "tr"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh clone as far as the set-up reads it."""
    folder = tmp_path / "okaeri"
    (folder / "infra" / "local").mkdir(parents=True)
    shutil.copy(REPOSITORY / "infra/local/bootstrap.sh", folder / "infra/local/bootstrap.sh")
    for name in ("pyproject.toml", "uv.lock", ".python-version"):
        shutil.copy(REPOSITORY / name, folder / name)
    return folder


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with a Unix's tools and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found:
            (folder / tool).symlink_to(found)
    return folder


def run_bootstrap(checkout: Path, path: Path | str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["sh", "infra/local/bootstrap.sh"],
        cwd=checkout,
        env={"PATH": str(path), "HOME": str(checkout)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def make_python(folder: Path, body: str) -> None:
    program = folder / "python3.13"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)


def make_ready(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to("/bin/sh")
    wanted = b"".join((checkout / n).read_bytes() for n in ("pyproject.toml", "uv.lock", ".python-version"))
    (checkout / ".venv" / ".okaeri-environment").write_bytes(wanted)


def test_a_machine_without_python_is_told_what_to_install(checkout: Path, bare_path: Path) -> None:
    ended = run_bootstrap(checkout, bare_path)
    assert ended.returncode == 1
    assert "Okaeri needs Python 3.13" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_python_of_another_version_is_not_taken(checkout: Path, bare_path: Path) -> None:
    make_python(bare_path, "exit 1")
    assert "Okaeri needs Python 3.13" in run_bootstrap(checkout, bare_path).stderr


def test_pyenvs_python_is_found_behind_a_shim_that_refuses(checkout: Path, bare_path: Path) -> None:
    pyenv = bare_path.parent / "pyenv"
    (pyenv / "shims").mkdir(parents=True)
    make_python(pyenv / "shims", "echo 'pyenv: no such version' >&2; exit 127")
    real = pyenv / "versions" / "3.13.9" / "bin"
    real.mkdir(parents=True)
    # It passes for a Python 3.13 until it shall make the environment.
    make_python(real, '[ "$1" = -c ] && exit 0; echo "asked for $*"; exit 1')
    ended = run_bootstrap(checkout, f"{pyenv / 'shims'}{os.pathsep}{bare_path}")
    assert f"with {real / 'python3.13'}" in ended.stderr
    assert "asked for -m venv --clear .venv" in ended.stdout


def test_nothing_is_done_or_said_when_nothing_has_changed(checkout: Path, bare_path: Path) -> None:
    make_ready(checkout)
    began = time.monotonic()
    ended = run_bootstrap(checkout, bare_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert time.monotonic() - began < 1


def test_a_changed_lock_file_sets_the_environment_up_anew(checkout: Path, bare_path: Path) -> None:
    make_ready(checkout)
    with (checkout / "uv.lock").open("a") as lock:
        lock.write("# newer\n")
    assert run_bootstrap(checkout, bare_path).returncode == 1
