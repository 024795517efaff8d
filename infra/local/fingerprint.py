"""Tells whether anything that a build depends on has changed."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path


def list_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Each file that is named or lies below a named folder, sorted, without bytecode."""
    for path in sorted(paths):
        if path.is_dir():
            inside = (p for p in path.rglob("*") if p.is_file())
            yield from sorted(p for p in inside if "__pycache__" not in p.parts)
        elif path.exists():
            yield path


def take_fingerprint(root: Path, paths: Iterable[Path], *facts: str) -> str:
    """A SHA-256 over the names below `root` and contents of all files, and over `facts` such as a version."""
    digest = hashlib.sha256()
    for fact in facts:
        digest.update(f"{fact}\0".encode())
    for file in list_files(paths):
        digest.update(f"{file.relative_to(root)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
