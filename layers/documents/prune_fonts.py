"""Takes out of an installed layer the cuts of fonts that no paper uses; their licences stay beside those that do.

Used as `python3.13 prune_fonts.py FOLDER`, where FOLDER is the layer's `python` folder. It keeps to the standard
library, since it runs in the copy of this folder that `sam build` makes.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

# A paper is set upright in two weights.
UNUSED_CUTS = ("*Italic*", "*-Thin.ttf", "*-ExtraLight.ttf", "*-Light.ttf", "*-Medium.ttf", "*-SemiBold.ttf")
UNUSED_KINDS = ("*.pyi", "*.pyc", "py.typed", ".lock")
KEPT_METADATA = frozenset({"METADATA", "licenses"})


def list_unused_paths(layer: Path) -> Iterator[Path]:
    """Yields the files and folders to delete; a path may come after the folder that holds it."""
    for pattern in (*UNUSED_CUTS, *UNUSED_KINDS, "__pycache__"):
        yield from layer.rglob(pattern)
    yield from (layer / "bin", layer / "fontpkg")  # a command, and what it works with
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
