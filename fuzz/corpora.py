"""Where inputs are kept: a folder for each target, files named by what is in them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz.targets import TARGETS
from fuzz.work import observed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CORPUS = Path(__file__).parent / "corpus"
FINDINGS = Path(__file__).parent / "findings"
MOST_BYTES = 2 * 1024 * 1024
"""What all corpora may have together."""


def inputs(target: str) -> list[Path]:
    """The files of a target, in order."""
    return sorted(path for path in (CORPUS / target).iterdir() if path.is_file())


def keep(target: str, data: Iterable[bytes], *, name: str = "") -> None:
    """Add inputs; one that is there already stays one."""
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for each in data:
        digest = hashlib.sha1(each, usedforsecurity=False).hexdigest()
        (folder / (f"{name}-{digest[:8]}" if name else digest)).write_bytes(each)


def merge(target: str, candidates: Iterable[bytes]) -> int:
    """Add those inputs that take a way through the code which no input of the corpus takes.

    The smallest come first, so that few and small ones are enough.

    Returns:
        How many were added.
    """
    check = TARGETS[target].check
    known = {step for path in inputs(target) for step in _steps(check, path.read_bytes())}
    added = 0
    for data in sorted(candidates, key=lambda each: (len(each), each)):
        steps = _steps(check, data)
        if not steps <= known:
            known |= steps
            keep(target, [data])
            added += 1
    return added


def _steps(check: Callable[[bytes], None], data: bytes) -> set[tuple[str, int, int]]:
    return observed(lambda: check(data)).steps
