"""`make build`: the Lambdas and their layer, as `sam build` makes them, with bytecode and within the budget.

A build is skipped when nothing that it is made of has changed. sam's own cache keeps the layer when only our
code has.
"""

import argparse
import compileall
import fcntl
import os
import platform
import shutil
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Literal

from local.commands import CommandFailed, run_command
from local.fingerprint import take_fingerprint
from local.paths import LAPTOP_BUILD, PROGRAMS, REPOSITORY

type Architecture = Literal["arm64", "x86_64"]

FUNCTIONS = REPOSITORY / "functions"
LAYER = REPOSITORY / "layers" / "dependencies"
DOCUMENTS = REPOSITORY / "layers" / "documents"  # of make_documents alone
SHARED_PACKAGE = "okaeri"  # the package that every function's zip holds
BUILT_LAYER, BUILT_DOCUMENTS = "Dependencies", "DocumentsLayer"  # the layers' logical ids in template.yaml

# What publishing reads, here, and puts into the table: no Lambda opens these hundreds of files.
UNREAD_FOLDERS = ("okaeri/catalogue/journeys", "okaeri/catalogue/templates")

# Of zip and layer together, with bytecode: half of what Lambda allows would already cost cold starts.
BUDGET_BYTES = 40_000_000
# Of all that make_documents has, with its own layer: what Lambda allows, less a fifth for versions to come.
MOST_BYTES = 200_000_000

# e_machine of the ELF header, of an extension module for that processor.
ELF_MACHINES: dict[Architecture, int] = {"arm64": 0xB7, "x86_64": 0x3E}

# Each layer's header, and what of uv.lock it holds.
EXPORTS = {
    LAYER: ("# What the Lambdas import beside the runtime's boto3.", ["--no-dev"]),
    DOCUMENTS: ("# What make_documents imports besides.", ["--only-group", "documents"]),
}


class BuildFailed(Exception):
    """The build can't be shipped; the message says why and what to do."""


@dataclass(frozen=True)
class Build:
    """A finished build: its folder, and unzipped sizes in bytes."""

    folder: Path
    functions_bytes: int
    layer_bytes: int
    documents_bytes: int
    was_cached: bool

    @property
    def template(self) -> Path:
        return self.folder / "template.yaml"

    @property
    def layer(self) -> Path:
        return self.folder / BUILT_LAYER / "python"

    @property
    def documents_layer(self) -> Path:
        return self.folder / BUILT_DOCUMENTS / "python"

    def describe(self) -> str:
        """Sizes against the budget, such as `functions 0.4 MB + layer 30.0 MB = 30.4 of 40 MB`, and what is apart."""
        functions, layer = self.functions_bytes / 1e6, self.layer_bytes / 1e6
        total = f"{functions + layer:.1f} of {BUDGET_BYTES / 1e6:.0f} MB unzipped"
        apart = f"the layer for documents apart: {self.documents_bytes / 1e6:.1f} MB"
        return f"functions {functions:.1f} MB + layer {layer:.1f} MB = {total}; {apart}"


def find_host_architecture() -> Architecture:
    """The laptop's processor, by Lambda's name for it."""
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"


def export_requirements(log: Path) -> None:
    """Writes each layer's requirements.txt from uv.lock, if it differs."""
    exported = log.with_name("requirements.txt")
    for layer, (header, chosen) in EXPORTS.items():
        command = [str(PROGRAMS / "uv"), "export", "--frozen", *chosen, "--no-hashes", "--no-emit-project"]
        plain = ["--no-header", "--no-annotate", "--quiet", "--output-file", str(exported)]
        run_command([*command, *plain], log)
        text = f"{header} Made from uv.lock by `make build`; do not edit.\n{exported.read_text()}"
        requirements = layer / "requirements.txt"
        if not requirements.exists() or requirements.read_text() != text:
            requirements.write_text(text)


def fingerprint_sources(architecture: Architecture) -> str:
    """Changes with whatever a build of `architecture` is made of."""
    templates = [REPOSITORY / "template.yaml", *(REPOSITORY / "infra").glob("*.yaml")]
    builders = [Path(__file__), REPOSITORY / "uv.lock", REPOSITORY / "pyproject.toml"]
    facts = (architecture, sys.version, version("aws-sam-cli"))
    return take_fingerprint(REPOSITORY, [FUNCTIONS, LAYER, DOCUMENTS, *templates, *builders], *facts)


def list_function_folders(folder: Path) -> list[Path]:
    """The built functions' folders, all with the same content, since they share one CodeUri."""
    return sorted(package.parent for package in folder.glob(f"*/{SHARED_PACKAGE}"))


def drop_unread(folders: list[Path]) -> None:
    """Deletes what no Lambda reads."""
    for folder in folders:
        for name in UNREAD_FOLDERS:
            shutil.rmtree(folder / name)


def compile_functions(folders: list[Path]) -> None:
    """Puts bytecode beside the sources: Lambda's disk is read-only, so each cold start would compile anew.

    The paths in it are those on Lambda, which makes the zips of all functions the same, byte for byte.
    """
    first, *others = folders
    is_compiled = compileall.compile_dir(
        first,
        quiet=1,
        stripdir=str(first),
        prependdir="/var/task",
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not is_compiled:
        raise BuildFailed("A source below functions/ does not compile (see above).")
    for bytecode in first.rglob("*.pyc"):
        for other in others:
            target = other / bytecode.relative_to(first)
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(bytecode, target)


def measure_bytes(folder: Path) -> int:
    """The size of all files below `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def check_architecture(layer: Path, architecture: Architecture) -> None:
    """Raises BuildFailed when an extension module in `layer` is for another processor."""
    for module in layer.rglob("*.so"):
        with module.open("rb") as file:
            (machine,) = struct.unpack_from("<H", file.read(20), 18)
        if machine != ELF_MACHINES[architecture]:
            raise BuildFailed(
                f"{module.name} in the layer is not for {architecture}: build with `make build"
                f" ARCHITECTURE={architecture}`, which tells both the template and the layer's Makefile."
            )


@contextmanager
def hold_lock(folder: Path) -> Iterator[None]:
    """One build at a time in `folder`; a second one waits and then finds everything done."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def measure_build(folder: Path, *, was_cached: bool) -> Build:
    """Sizes up a finished build; raises BuildFailed when it is over the budget."""
    build = Build(
        folder=folder,
        functions_bytes=max(map(measure_bytes, list_function_folders(folder))),
        layer_bytes=measure_bytes(folder / BUILT_LAYER),
        documents_bytes=measure_bytes(folder / BUILT_DOCUMENTS),
        was_cached=was_cached,
    )
    if build.functions_bytes + build.layer_bytes > BUDGET_BYTES:
        raise BuildFailed(f"The build is over its budget: {build.describe()}.")
    if build.functions_bytes + build.layer_bytes + build.documents_bytes > MOST_BYTES:
        raise BuildFailed(f"make_documents and its layers are over {MOST_BYTES / 1e6:.0f} MB: {build.describe()}.")
    return build


def build_lambdas(architecture: Architecture, folder: Path = LAPTOP_BUILD) -> Build:
    """Builds template.yaml into `folder`, or finds that it is built already.

    Raises CommandFailed when sam does, BuildFailed when what it made can't be shipped.
    """
    log = folder.parent / "logs" / f"{folder.name}.log"
    with hold_lock(folder.parent):
        log.parent.mkdir(exist_ok=True)
        export_requirements(log)
        stamp = folder / ".fingerprint"
        fingerprint = fingerprint_sources(architecture)
        if stamp.exists() and stamp.read_text() == fingerprint:
            return measure_build(folder, was_cached=True)
        command = [str(PROGRAMS / "sam"), "build", "--cached", "--build-dir", str(folder)]
        options = ["--cache-dir", str(folder.parent / "cache")]
        overrides = ["--parameter-overrides", f"Architecture={architecture}"]
        run_command([*command, *options, *overrides], log, environment={"OKAERI_ARCHITECTURE": architecture})
        check_architecture(folder / BUILT_LAYER, architecture)
        check_architecture(folder / BUILT_DOCUMENTS, architecture)
        drop_unread(list_function_folders(folder))
        compile_functions(list_function_folders(folder))
        build = measure_build(folder, was_cached=False)
        stamp.write_text(fingerprint)
        return build


def main(say: Callable[[str], None] = print) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make build", description=__doc__)
    parser.add_argument("--architecture", choices=list(ELF_MACHINES), default=find_host_architecture())
    parser.add_argument("--into", type=Path, default=LAPTOP_BUILD, help="the folder for the build")
    options = parser.parse_args()
    say(f"Building for {options.architecture} into {os.path.relpath(options.into)}")
    try:
        build = build_lambdas(options.architecture, options.into.resolve())
    except (BuildFailed, CommandFailed) as failure:
        say(str(failure))
        return 1
    say(f"{'Unchanged' if build.was_cached else 'Built'}: {build.describe()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
