"""What hangs in a thread does not keep the program from ending."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import pytest

from proxy.doctor.loop import UnwaitingLoop

HANGS = """
import asyncio, threading
from proxy.doctor.loop import UnwaitingLoop

async def main():
    try:
        async with asyncio.timeout(0.05):
            await asyncio.to_thread(threading.Event().wait)
    except TimeoutError:
        print("gave up")

with asyncio.Runner(loop_factory=UnwaitingLoop) as runner:
    runner.run(main())
"""


def test_the_program_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "gave up\n", "")


def test_results_and_errors_come_back() -> None:
    def fail() -> NoReturn:
        raise ValueError("no")

    async def main() -> None:
        assert await asyncio.to_thread(sum, [1, 2, 3]) == 6
        with pytest.raises(ValueError, match="no"):
            await asyncio.to_thread(fail)
        assert await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80)
        with ThreadPoolExecutor() as executor:
            assert await asyncio.get_running_loop().run_in_executor(executor, sum, [1]) == 1

    with asyncio.Runner(loop_factory=UnwaitingLoop) as runner:
        runner.run(main())


def test_a_result_that_nobody_waits_for_any_more_is_dropped() -> None:
    async def main() -> None:
        waiting = asyncio.get_running_loop().run_in_executor(None, sum, [1])
        waiting.cancel()
        assert await asyncio.to_thread(sum, [2]) == 2

    with asyncio.Runner(loop_factory=UnwaitingLoop) as runner:
        runner.run(main())
