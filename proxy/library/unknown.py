"""What stands for "not known", where ``None`` says that something is known to be absent."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Unknown(Enum):
    """Marks what is not known."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
