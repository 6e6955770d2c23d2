"""What the proxy and its worker say to each other. Pure.

A frame is its length in four bytes, and so many bytes. A job is a frame that says what to do, in JSON,
frames with the body as it comes from Pyroscope, and an empty frame. Its answer is one frame, in JSON.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from struct import Struct
from typing import Any

from proxy.errors import Code, RpcError
from proxy.profile import FunctionUse, Joined, Question, Value, Version, join, profile_of

LENGTH = Struct("!I")
END = LENGTH.pack(0)
_CODES = {code.value: code for code in Code}


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with a body.

    Attributes:
        question: which function is asked about.
        wrapped: whether the body is an answer of ``SelectMergeStacktraces``, else it is a profile.
        encoding: the ``Content-Encoding`` of the body.
        limit: bytes that it may have, compressed or not.
    """

    question: Question
    wrapped: bool
    encoding: str
    limit: int


def do(job: Job, body: bytes | bytearray) -> Joined | None:
    """Join a body, uncompressed; ``None`` when it holds no profile, because the format is not known.

    Raises:
        RpcError: as ``profile.join``.
    """
    profile = profile_of(body) if job.wrapped else body
    return None if profile is None else join(profile, job.question)


def frame(content: bytes | bytearray) -> bytes:
    """A frame of its own; an empty one ends a job."""
    return LENGTH.pack(len(content)) + content


def job_frame(job: Job) -> bytes:
    """The frame that starts a job."""
    return frame(json.dumps(asdict(job)).encode())


def read_job(content: bytes) -> Job:
    """The job that such a frame starts."""
    fields = json.loads(content)
    asked = fields.pop("question")
    question = Question(asked["name"], asked["profile_type"], tuple(asked["call_path"]))
    return Job(question, **fields)


def answer_frame(answer: Joined | RpcError | None) -> bytes:
    """The frame that answers a job."""
    said: dict[str, Any]
    match answer:
        case RpcError(code=code, message=message):
            said = {"code": code.value, "message": message}
        case None:
            said = {}
        case _:
            said = {"joined": asdict(answer)}
    return frame(json.dumps(said).encode())


def read_answer(content: bytes) -> Joined | None:
    """The answer that such a frame holds.

    Raises:
        RpcError: the one that was answered.
    """
    said = json.loads(content)
    if "code" in said:
        raise RpcError(_CODES[said["code"]], said["message"])
    if "joined" not in said:
        return None
    fields = said["joined"]
    return Joined(tuple(map(_use, fields.pop("uses"))), **fields)


def _use(fields: dict[str, Any]) -> FunctionUse:
    return FunctionUse(
        file=fields["file"],
        start_line=fields["start_line"],
        version=Version(*fields["version"]),
        value=Value(*fields["value"]),
        lines={int(line): Value(*value) for line, value in fields["lines"].items()},
    )
