"""Runs MiniStack, the local AWS, with a scheduler that looks every second instead of every ten.

Run as a file, not as a module: Lambdas inherit this process's environment, so our packages must not be on its
path, or a file missing from the zip would be found in the repository.
"""

from ministack.app import main
from ministack.services import scheduler

# Days may pass in seconds here; ten seconds' lateness would be days.
scheduler._SCHEDULE_TICK_INTERVAL = 1

if __name__ == "__main__":
    main()
