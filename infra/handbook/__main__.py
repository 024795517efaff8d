"""`python -m handbook FOLDER`: writes the pages of all shipped journeys."""

import sys
from pathlib import Path

from handbook.pages import write_pages

if __name__ == "__main__":
    written = list(write_pages(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/journeys")))
    print(f"✓ {len(written)} files")
