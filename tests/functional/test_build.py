"""What `make build` makes: within the budget, for the right processor, and complete without the laptop's packages."""

import platform
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from local.build import (
    BUDGET_BYTES,
    EXPORTS,
    MOST_BYTES,
    Build,
    BuildFailed,
    build_lambdas,
    check_architecture,
    find_host_architecture,
    list_function_folders,
)
from local.paths import REPOSITORY
from okaeri.adapters.typst_documents import FONT_PACKAGES

# Looks into a built function as Lambda does: its zip, its layer, the runtime's own boto3, and nothing else.
IMPORT_ONE = textwrap.dedent(
    """
    import importlib, sys
    *folders, module, name = sys.argv[1:]
    sys.path += folders
    getattr(importlib.import_module(module), name)
    """
)

# What the Lambda runtime for Python brings along.
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")


class CloudFormationLoader(yaml.SafeLoader):
    """Reads a template's `!Ref` and `!GetAtt` as the text that follows them."""


CloudFormationLoader.add_multi_constructor("!", lambda loader, tag, node: f"{tag} {node.value}")


def list_handlers() -> list[str]:
    """`<folder>.handler.lambda_handler` of each function in the template."""
    template = yaml.load((REPOSITORY / "template.yaml").read_text(), Loader=CloudFormationLoader)
    functions = (r for r in template["Resources"].values() if r["Type"] == "AWS::Serverless::Function")
    return sorted(function["Properties"]["Handler"] for function in functions)


@pytest.fixture(scope="module")
def build() -> Build:
    return build_lambdas(find_host_architecture())


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the packages of the Lambda runtime alone."""
    folder = tmp_path_factory.mktemp("runtime")
    for package in RUNTIME_PACKAGES:
        spec = find_spec(package)
        assert spec is not None and spec.origin is not None
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    yield folder


@pytest.mark.parametrize("handler", list_handlers())
def test_each_handler_finds_all_that_it_imports_in_its_zip_and_layer(
    handler: str, build: Build, runtime: Path, settings_of_any_function: dict[str, str]
) -> None:
    module, _, name = handler.rpartition(".")
    folder = next(f for f in list_function_folders(build.folder))
    own_layers = [build.documents_layer] if module.startswith("make_documents.") else []
    arguments = [*map(str, (folder, build.layer, *own_layers, runtime)), module, name]
    ended = subprocess.run(
        # -I and -S: neither the environment, nor the user's packages, nor this project's.
        [sys.executable, "-I", "-S", "-B", "-c", IMPORT_ONE, *arguments],
        env=settings_of_any_function,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


@pytest.fixture(scope="module")
def settings_of_any_function() -> dict[str, str]:
    """The environment variables of all functions together, with made-up values that have the right form."""
    template = yaml.load((REPOSITORY / "template.yaml").read_text(), Loader=CloudFormationLoader)
    variables: dict[str, str] = {}
    blocks = [template["Globals"]["Function"]]
    blocks += [r["Properties"] for r in template["Resources"].values() if "Properties" in r]
    for block in blocks:
        environment = block.get("Environment", {})
        variables |= {name: invent_setting(name) for name in environment.get("Variables", {})}
    return variables | {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def invent_setting(name: str) -> str:
    """A value of the form that the name promises."""
    endings = {
        "_URL": "https://example.com/1",
        "_ARN": "arn:aws:sqs:eu-west-1:000000000000:queue.fifo",
        "_SECONDS": "900",
        "_DAY": "86400",
        "_VERSION": "v24.0",
        "_LEVEL": "INFO",
        "STAGE": "prod",
    }
    return next((value for ending, value in endings.items() if name.endswith(ending)), name.lower())


def test_the_build_with_its_bytecode_is_within_the_size_budget(build: Build) -> None:
    assert 20_000_000 < build.functions_bytes + build.layer_bytes < BUDGET_BYTES


def test_the_layer_for_documents_has_the_fonts_that_papers_name_with_their_licences_and_no_others(build: Build) -> None:
    fonts = {
        p.relative_to(build.documents_layer) for kind in ("*.ttf", "*.otf") for p in build.documents_layer.rglob(kind)
    }
    assert {path.parts[0] for path in fonts} == set(FONT_PACKAGES)
    assert not [path.name for path in fonts if re.search("Italic|Thin|Light|Medium", path.name)]
    licences = {path.parent.parent.name.split("-")[0] for path in build.documents_layer.rglob("licenses/LICENSE")}
    assert set(FONT_PACKAGES) <= licences
    assert build.functions_bytes + build.layer_bytes + build.documents_bytes < MOST_BYTES


def test_each_source_is_shipped_with_bytecode_that_is_never_checked_against_it(build: Build) -> None:
    functions = list_function_folders(build.folder)[0]
    sources = [*functions.rglob("*.py"), *build.layer.rglob("*.py"), *build.documents_layer.rglob("*.py")]
    for source in sources:
        bytecode = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        # PEP 552: 1 in the second word is hash-based, without the bit that has the source checked at import.
        assert bytecode.read_bytes()[4:8] == b"\x01\x00\x00\x00", source


def test_all_functions_share_one_zip_byte_for_byte(build: Build) -> None:
    first, *others = list_function_folders(build.folder)
    content = read_folder(first)
    assert others and all(read_folder(other) == content for other in others)


def read_folder(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_layer_speaks_only_the_languages_that_okaeri_speaks(build: Build) -> None:
    locales = {path.stem for path in (build.layer / "babel" / "locale-data").glob("*.dat")}
    assert {"root", "en_GB", "ja_JP", "hi_IN", "pt_BR", "es_419", "ar_EG", "ms_MY", "de_AT"} <= locales
    assert not {"fr", "zh", "en_Shaw", "ms_Arab"} & locales


def test_an_unchanged_build_is_not_made_again(build: Build) -> None:
    assert build_lambdas(find_host_architecture()).was_cached


def test_a_layer_for_another_processor_is_refused(build: Build) -> None:
    other = "arm64" if find_host_architecture() == "x86_64" else "x86_64"
    assert platform.machine()
    with pytest.raises(BuildFailed, match=f"not for {other}"):
        check_architecture(build.layer, "arm64" if other == "arm64" else "x86_64")


def test_the_layers_requirements_are_those_of_the_lock_file(build: Build) -> None:
    # The build has just written them from uv.lock: a difference to what is committed shows in git.
    changed = subprocess.run(
        ["git", "diff", "--exit-code", "--stat", "--", *(str(layer / "requirements.txt") for layer in EXPORTS)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert changed.returncode == 0, f"commit what `make build` made of uv.lock:\n{changed.stdout}"
