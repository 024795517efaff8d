"""A build notices what changed, and refuses what can't be shipped."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rapidfuzz
from babel import localedata
from babel.core import get_global

from local.build import Build, BuildFailed, check_architecture, measure_build
from local.commands import CommandFailed, run_command
from local.fingerprint import take_fingerprint
from local.paths import REPOSITORY


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "handler.py").write_text("answer = 42\n")
    return tmp_path


def fingerprint(root: Path, *facts: str) -> str:
    return take_fingerprint(root, [root / "functions"], *facts)


def test_the_same_sources_have_the_same_fingerprint(sources: Path) -> None:
    assert fingerprint(sources, "arm64") == fingerprint(sources, "arm64")


def test_a_changed_line_a_new_name_or_another_fact_changes_the_fingerprint(sources: Path) -> None:
    before = fingerprint(sources, "arm64")
    assert fingerprint(sources, "x86_64") != before
    handler = sources / "functions" / "handler.py"
    handler.write_text("answer = 43\n")
    changed = fingerprint(sources, "arm64")
    assert changed != before
    handler.rename(handler.with_name("other.py"))
    assert fingerprint(sources, "arm64") != changed


def test_bytecode_beside_the_sources_does_not_count(sources: Path) -> None:
    before = fingerprint(sources)
    (sources / "functions" / "__pycache__").mkdir()
    (sources / "functions" / "__pycache__" / "handler.cpython-313.pyc").write_bytes(b"\0")
    assert fingerprint(sources) == before


def make_module(folder: Path, machine: bytes) -> None:
    (folder / "fast.so").write_bytes(b"\x7fELF" + b"\0" * 14 + machine + b"\0" * 12)


def test_an_extension_for_the_wrong_processor_is_refused_by_name(tmp_path: Path) -> None:
    make_module(tmp_path, b"\x3e\x00")
    check_architecture(tmp_path, "x86_64")
    with pytest.raises(BuildFailed, match=r"fast\.so.*ARCHITECTURE=arm64"):
        check_architecture(tmp_path, "arm64")


def test_a_build_over_its_budget_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "SendEmail" / "okaeri").mkdir(parents=True)
    (tmp_path / "SendEmail" / "okaeri" / "errors.py").write_bytes(b"#" * 600)
    (tmp_path / "DocumentsLayer").mkdir()
    (tmp_path / "Dependencies").mkdir()
    (tmp_path / "Dependencies" / "big.so").write_bytes(b"\0" * 500)
    assert measure_build(tmp_path, was_cached=True) == Build(tmp_path, 600, 500, 0, was_cached=True)
    monkeypatch.setattr("local.build.BUDGET_BYTES", 1000)
    with pytest.raises(BuildFailed, match="over its budget"):
        measure_build(tmp_path, was_cached=True)


def load_prune() -> Any:
    """The script of the layer, which no package of ours holds."""
    spec = importlib.util.spec_from_file_location("prune", REPOSITORY / "layers/dependencies/prune.py")
    assert spec and spec.loader
    prune = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(prune)
    return prune


def test_pruning_keeps_the_shipped_languages_with_their_territories() -> None:
    prune = load_prune()
    kept = ["root", "en", "en_GB", "es_419", "pt_BR", "ar_001", "hi_IN"]
    dropped = ["fr", "en_Shaw", "en_Shaw_GB", "hi_Latn_IN", "ms_Arab"]
    assert [name for name in kept + dropped if prune.is_shipped_locale(name)] == kept


def test_every_language_of_the_catalogue_keeps_its_formats_as_each_region_writes_them() -> None:
    prune = load_prune()
    spoken = {path.stem.split("_")[0] for path in (REPOSITORY / "functions/okaeri/catalogue/words").glob("*.json")}
    assert spoken == prune.LANGUAGES
    kept = {name for name in localedata.locale_identifiers() if prune.is_shipped_locale(name)}
    assert kept >= {"ar_SA", "ar_AE", "ar_EG", "ar_MA", "de_AT", "de_CH", "en_GB", "en_IN", "es_MX", "es_419", "hi_IN"}
    assert kept >= {"ja_JP", "ms_MY", "ms_SG", "pt_BR", "pt_PT"}
    # A regional file holds only what differs from its parent: each needs the whole line up to babel's root.
    assert {get_global("parent_exceptions").get(name, name.rpartition("_")[0] or "root") for name in kept} <= kept | {
        "root"
    }


def test_the_formats_kept_take_little_room() -> None:
    prune = load_prune()
    folder = Path(localedata.__file__).parent / "locale-data"
    size = sum(path.stat().st_size for path in folder.glob("*.dat") if prune.is_shipped_locale(path.stem))
    assert size < 2_500_000


def test_edit_distances_still_work_in_what_is_left_of_rapidfuzz(tmp_path: Path) -> None:
    """As compiled code: what falls back to Python would be fifty times as slow."""
    shutil.copytree(Path(rapidfuzz.__file__).parent, tmp_path / "rapidfuzz")
    load_prune().prune_layer(tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 5_000_000
    script = (
        "from rapidfuzz import process; from rapidfuzz.distance import OSA;"
        "print(process.extractOne('recieve', ['recipe', 'receive'], scorer=OSA.distance, score_cutoff=1)[0],"
        " OSA.distance.__module__, process.extractOne.__module__)"
    )
    # Without the environment's own packages (-S), so that nothing stands in for what was deleted.
    command = [sys.executable, "-S", "-c", script]
    found = subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["receive", "rapidfuzz.distance.metrics_cpp", "rapidfuzz.process_cpp_impl"]


def test_a_failed_command_shows_the_end_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "build.log"
    with pytest.raises(CommandFailed, match=r"(?s)sh ended with 3.*build\.log.*line 99\Z"):
        run_command(["sh", "-c", "seq -f 'line %g' 99; exit 3"], log)
    assert log.read_text().startswith("line 1\n")


def test_a_command_that_is_not_there_is_a_failure_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="could not start"):
        run_command([str(tmp_path / "no-such-program")], tmp_path / "x.log")
