"""Where things lie on the laptop."""

import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

# The programs of the environment (sam, uv, pytest …), whether it was activated or not.
PROGRAMS = Path(sys.executable).parent

# What the laptop deploys; `make build` makes `.aws-sam/build`, which `make deploy` uploads.
LAPTOP_BUILD = REPOSITORY / ".aws-sam" / "laptop" / "build"


def find_state_folder() -> Path:
    """The folder of a running stack's pids, logs and `stack.json`: `.local`, or OKAERI_STATE_DIR."""
    return Path(os.environ.get("OKAERI_STATE_DIR") or REPOSITORY / ".local").resolve()
