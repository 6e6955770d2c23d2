"""Programs that some tests need besides Python: where one is missing, its tests are skipped and say so."""

from __future__ import annotations

import shutil

import pytest


def path_of(program: str) -> str:
    """Where a program is; skips the test, or all that use the fixture, where it is not installed."""
    # Debian keeps servers where only root looks.
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found
