"""Programs that some tests need besides Python: where one is missing, its tests are skipped and say so."""

from __future__ import annotations

import os
import shutil

import pytest

from faults.around import redis


def path_of(program: str) -> str:
    """Where a program is; skips the test, or all that use the fixture, where it is not installed."""
    # Debian keeps servers where only root looks.
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def require_redis() -> None:
    """Skip the test where redis-server is not installed, which the whole check never accepts."""
    try:
        redis.program()
    except redis.RedisMissingError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


def redis_server(*options: str, password: str = "") -> redis.RedisServer:
    """A redis-server of the test's own, not yet started; as ``require_redis``.

    Args:
        options: of its command line.
        password: that it asks for.
    """
    require_redis()
    return redis.RedisServer(*options, password=password)
