from __future__ import annotations

import asyncio
import ctypes
import errno
import subprocess
import sys

import pytest

from proxy import memory
from proxy.memory import WORTH, Keeper, Levels

LOW = 64 * 1024 * 1024


def test_what_rises_is_left_alone_until_it_rises_no_more() -> None:
    levels = Levels(LOW)
    assert [levels.worth_trimming(LOW + step * WORTH) for step in (1, 2, 3, 3)] == [False, False, False, True]


def test_little_is_not_worth_it() -> None:
    levels = Levels(LOW)
    assert [levels.worth_trimming(LOW + WORTH - 1) for _ in range(3)] == [False] * 3


def test_what_is_needed_is_not_asked_back_again_and_again() -> None:
    levels = Levels(LOW)
    levels.worth_trimming(LOW + 2 * WORTH)
    assert levels.worth_trimming(LOW + 2 * WORTH)
    tries = 0
    for _ in range(1000):
        levels.trimmed(LOW + 2 * WORTH)
        for _ in range(50):
            if levels.worth_trimming(LOW + 2 * WORTH):
                tries += 1
                break
    assert tries < 10
    assert not levels.worth_trimming(LOW + 3 * WORTH)
    assert levels.worth_trimming(LOW + 3 * WORTH)


def test_what_is_let_go_of_later_is_asked_back_later() -> None:
    levels = Levels(LOW)
    levels.worth_trimming(LOW + 9 * WORTH)
    assert levels.worth_trimming(LOW + 9 * WORTH)
    waits = []
    for _ in range(3):
        levels.trimmed(LOW + 3 * WORTH)
        waits.append([levels.worth_trimming(LOW + 3 * WORTH) for _ in range(16)].index(True) + 1)
    assert waits == [2, 4, 8]
    levels.trimmed(LOW)
    assert not any(levels.worth_trimming(LOW) for _ in range(100))


def test_a_lower_level_counts_from_then_on() -> None:
    levels = Levels(LOW + 4 * WORTH)
    assert not levels.worth_trimming(LOW)
    assert not levels.worth_trimming(LOW + WORTH)
    assert levels.worth_trimming(LOW + WORTH)


async def test_the_keeper_trims_once_and_can_be_stopped() -> None:
    held = [LOW, LOW + WORTH, LOW + WORTH, LOW, LOW]
    trimmed: list[int] = []
    keeper = Keeper(asyncio.get_running_loop(), lambda: trimmed.append(1), lambda: held.pop(0))
    for _ in range(3):
        keeper.look()
        keeper.stop()
    assert trimmed == [1]
    assert not held


async def test_not_being_able_to_look_is_borne() -> None:
    held = [LOW]
    keeper = Keeper(asyncio.get_running_loop(), lambda: None, lambda: held.pop() if held else _fail())
    keeper.look()
    keeper.stop()


def _fail() -> int:
    raise OSError(errno.EMFILE, "Too many open files")


def test_it_works_on_this_machine() -> None:
    loop = asyncio.new_event_loop()
    memory.keep_low(loop)()
    loop.close()


THREADS = """
import asyncio, ctypes, threading
from proxy import memory
loop = asyncio.new_event_loop()
if KEPT:
    memory.keep_low(loop)
everybody = threading.Barrier(4)
def work():
    bytearray(10_000)
    everybody.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="this is not glibc")
@pytest.mark.parametrize(("kept", "arenas"), [(True, {1}), (False, {2, 3, 4, 5})])
def test_threads_share_one_pool(kept: bool, arenas: set[int]) -> None:
    code = THREADS.replace("KEPT", str(kept))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("<heap nr=") in arenas
