"""Work for a while: ``python -m reports SECONDS``."""

import sys
import time

from reports.sheets import TASKS


def main(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for task in TASKS:
            task()


if __name__ == "__main__":
    main(float(sys.argv[1]))
