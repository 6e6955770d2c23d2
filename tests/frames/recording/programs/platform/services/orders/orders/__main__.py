"""Work for a while: ``python -m orders SECONDS``."""

import sys
import time

from orders import api, storage


def main(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for task in (*api.TASKS, *storage.TASKS):
            task()


if __name__ == "__main__":
    main(float(sys.argv[1]))
