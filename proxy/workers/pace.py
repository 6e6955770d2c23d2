"""How soon a worker that ended is started again."""

from __future__ import annotations

from typing import Final

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 10.0
_WELL_AFTER: Final = 60.0


class Pace:
    """Twice the pause after each end in a row, up to a limit; after a minute without one, the first."""

    def __init__(self) -> None:
        self._pause = FIRST_PAUSE

    def pause(self, lived: float) -> float:
        """Seconds to wait before the next start.

        Args:
            lived: seconds that the last worker ran.
        """
        if lived >= _WELL_AFTER:
            self._pause = FIRST_PAUSE
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        return pause
