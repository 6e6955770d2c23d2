"""The process that joins large profiles: reads jobs from standard input, answers on standard output.

``python -m proxy.joining.worker``; started and ended by ``joiner``. It ends with its input.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import IO, TYPE_CHECKING

from proxy.errors import Code, RpcError
from proxy.joining.body import Body, too_large
from proxy.joining.frames import LENGTH, Job, answer_frame, do, read_job

if TYPE_CHECKING:
    from proxy.profile import Joined

_GIVE_WAY = 5
_BESIDES = 256 * 2**20


def main() -> int:
    """Answer jobs until the input ends."""
    # Who waits for a page to load goes before who waits for a million samples.
    with contextlib.suppress(OSError):
        os.nice(_GIVE_WAY)
    with contextlib.suppress(BrokenPipeError, EOFError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
    return 0


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer jobs.

    Args:
        source: frames come from here.
        sink: answers go here.

    Raises:
        EOFError: the input ended.
    """
    while True:
        job = read_job(_read(source))
        _limit_memory(job.limit)
        sink.write(answer_frame(_answer(job, source)))
        sink.flush()


def _answer(job: Job, source: IO[bytes]) -> Joined | RpcError | None:
    try:
        collected = _collect(job, source)
        return collected if isinstance(collected, RpcError) else do(job, collected)
    except RpcError as error:
        return error
    except MemoryError:
        return too_large(job.limit)
    except EOFError:
        raise
    except Exception as error:  # noqa: BLE001 - the proxy tells what became of the job, whatever it was
        return RpcError(Code.INTERNAL, f"The profile could not be joined ({type(error).__name__}).")


def _collect(job: Job, source: IO[bytes]) -> bytearray | RpcError:
    """The body of a job; one that is refused is read to its end nevertheless, as the next job follows it."""
    refusal: RpcError | None = None
    body: Body | None = None
    try:
        body = Body(job.encoding, job.limit)
    except RpcError as error:
        refusal = error
    while content := _read(source):
        if body is not None:
            try:
                body.feed(content)
            except RpcError as error:
                refusal, body = error, None
            except MemoryError:
                refusal, body = too_large(job.limit), None
    if body is None:
        return refusal or too_large(job.limit)
    return body.finish()


def _read(source: IO[bytes]) -> bytes:
    (size,) = LENGTH.unpack(_exactly(source, LENGTH.size))
    return _exactly(source, size)


def _exactly(source: IO[bytes], size: int) -> bytes:
    content = source.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _limit_memory(limit: int) -> None:
    """Take no more memory than a profile of this size needs at most, where the platform can hold to it."""
    try:
        import resource  # noqa: PLC0415 - not every platform has it
    except ImportError:
        return
    with contextlib.suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (2 * limit + _BESIDES, most))


if __name__ == "__main__":
    sys.exit(main())
