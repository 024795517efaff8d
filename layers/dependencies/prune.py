"""Takes out of an installed layer what no Lambda of ours reads: two thirds of its size.

Used as `python3.13 prune.py FOLDER`, where FOLDER is the layer's `python` folder. It keeps to the standard
library, since it runs in the copy of this folder that `sam build` makes.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

# The languages that Okaeri speaks, each with all its territories: en_IN and en_GB write dates differently.
LANGUAGES = frozenset({"ar", "de", "en", "es", "hi", "ja", "ms", "pt"})

# What importlib.metadata needs: a version (itsdangerous) and entry points (pydantic's plugins).
KEPT_METADATA = frozenset({"METADATA", "entry_points.txt"})

UNUSED_FOLDERS = (
    "bin",
    # The Lambda runtime brings these.
    "boto3",
    "botocore",
    "s3transfer",
    # We ask phonenumbers to parse, to format and for the time zone, never for a number's city or its carrier.
    "phonenumbers/carrierdata",
    "phonenumbers/geodata",
    "rapidfuzz/__pyinstaller",
    # Of Powertools we use the logger and the context's type.
    "aws_lambda_powertools/event_handler",
    *(
        f"aws_lambda_powertools/utilities/{unused}"
        for unused in (
            *("auth_alpha", "circuit_breaker", "data_masking", "feature_flags", "idempotency", "kafka", "metadata"),
            *("parameters", "parser", "streaming", "validation"),
        )
    ),
)

UNUSED_FILE_KINDS = ("*.pyi", "*.pxd", "*.pyc", "*.c", "*.rs", "py.typed", ".lock")

# Of rapidfuzz we use edit distances. Its ratios and its second copy for AVX2 are found missing, and done without.
UNUSED_EXTENSIONS = ("rapidfuzz/**/*_avx2.*.so", "rapidfuzz/fuzz_cpp.*.so", "rapidfuzz/utils_cpp.*.so")


def is_shipped_locale(name: str) -> bool:
    """True for babel's root, `en` and `en_GB`; false for other languages, and scripts such as `en_Shaw`."""
    language, *rest = name.split("_")
    is_other_script = any(len(part) == 4 and part.isalpha() for part in rest)
    return name == "root" or (language in LANGUAGES and not is_other_script)


def list_unused_paths(layer: Path) -> Iterator[Path]:
    """Yields the files and folders to delete; a path may come after the folder that holds it."""
    yield from (layer / folder for folder in UNUSED_FOLDERS)
    for kind in UNUSED_FILE_KINDS:
        yield from layer.rglob(kind)
    for extension in UNUSED_EXTENSIONS:
        yield from layer.glob(extension)
    for folder in ("__pycache__", "tests"):
        yield from layer.rglob(folder)
    for locale in (layer / "babel" / "locale-data").glob("*.dat"):
        if not is_shipped_locale(locale.stem):
            yield locale
    for metadata in layer.glob("*.dist-info"):
        yield from (path for path in metadata.iterdir() if path.name not in KEPT_METADATA)


def prune_layer(layer: Path) -> None:
    """Deletes the unused paths below `layer`."""
    for path in list(list_unused_paths(layer)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    prune_layer(Path(sys.argv[1]))
