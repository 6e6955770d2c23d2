"""Work for a while: ``python -m catalog SECONDS``."""

import sys
import time

from catalog import pages, shelves


def main(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for task in (*pages.TASKS, *shelves.TASKS):
            task()


if __name__ == "__main__":
    main(float(sys.argv[1]))
