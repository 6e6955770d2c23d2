"""The worker's side of the conversation, without a process."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Code, RpcError
from proxy.joining import worker
from proxy.joining.frames import END, LENGTH, Job, answer_frame, frame, job_frame, read_answer, read_job
from proxy.profile import FunctionUse, Joined, Question, Value, Version
from tests.joining.large import QUESTION, large

JOB = Job(QUESTION, wrapped=False, encoding="", limit=2**20)
JOINED = Joined(
    (
        FunctionUse(
            "main.go",
            2,
            Version("r", "v1", "p", "b"),
            Value(-1, 2**63 - 1),
            {3: Value(0, 1), -4: Value(1, 1)},
        ),
    ),
    "nanoseconds",
    7,
    cut=True,
)


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own process keeps its memory."""
    monkeypatch.setattr(worker, "_limit_memory", lambda _: None)


def served(*sent: bytes) -> list[Any]:
    """What the worker answers, one by one: a join, nothing, or an error."""
    sink = io.BytesIO()
    with pytest.raises(EOFError):
        worker.serve(io.BytesIO(b"".join(sent)), sink)
    answers: list[Any] = []
    data = sink.getvalue()
    while data:
        (size,) = LENGTH.unpack(data[: LENGTH.size])
        content, data = data[LENGTH.size : LENGTH.size + size], data[LENGTH.size + size :]
        try:
            answers.append(read_answer(content))
        except RpcError as error:
            answers.append(error)
    return answers


def test_jobs_are_answered_in_order() -> None:
    data = large(2000)
    first, second = served(
        *(job_frame(JOB), frame(data[:5000]), frame(data[5000:]), END),
        *(job_frame(Job(QUESTION, wrapped=True, encoding="", limit=2**20)), END),
    )
    assert first.samples == 2000
    assert second is None


def test_a_job_that_is_refused_is_read_to_its_end() -> None:
    small = Job(QUESTION, wrapped=False, encoding="", limit=10)
    refused, garbled, unknown, fine = served(
        *(job_frame(small), frame(b"x" * 11), frame(b"y" * 11), END),
        *(job_frame(Job(QUESTION, wrapped=False, encoding="gzip", limit=2**20)), frame(b"zzz"), END),
        *(
            job_frame(Job(QUESTION, wrapped=False, encoding="br", limit=2**20)),
            frame(b"zzz"),
            frame(b"z"),
            END,
        ),
        *(job_frame(JOB), frame(large(1000)), END),
    )
    codes = [error.code for error in (refused, garbled, unknown)]
    assert codes == [Code.RESOURCE_EXHAUSTED, Code.INTERNAL, Code.INTERNAL]
    assert fine.samples == 1000


@pytest.mark.parametrize(
    ("problem", "code"),
    [(MemoryError(), Code.RESOURCE_EXHAUSTED), (ZeroDivisionError("f.go"), Code.INTERNAL)],
)
def test_whatever_happens_is_an_answer(
    problem: Exception, code: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise problem

    monkeypatch.setattr(worker, "do", fail)
    (error,) = served(job_frame(JOB), frame(large(1000)), END)
    assert error.code is code
    assert "f.go" not in error.message


def test_an_input_that_ends_in_the_middle_ends_the_worker() -> None:
    whole = job_frame(JOB) + frame(b"abc")
    for size in range(1, len(whole)):
        assert served(whole[:size]) == []


@pytest.mark.parametrize("answer", [JOINED, Joined(), None])
def test_answers_arrive_as_they_were_sent(answer: Joined | None) -> None:
    assert read_answer(answer_frame(answer)[LENGTH.size :]) == answer


def test_errors_arrive_as_they_were_sent() -> None:
    sent = RpcError(Code.RESOURCE_EXHAUSTED, "too large")
    with pytest.raises(RpcError, match="too large") as caught:
        read_answer(answer_frame(sent)[LENGTH.size :])
    assert caught.value.code is Code.RESOURCE_EXHAUSTED


@given(
    name=st.text(), path=st.lists(st.text(), max_size=3), encoding=st.text(max_size=5), wrapped=st.booleans()
)
def test_jobs_arrive_as_they_were_sent(name: str, path: list[str], encoding: str, wrapped: bool) -> None:
    job = Job(Question(name, "a:b:c:d:e", tuple(path)), wrapped, encoding, 5)
    assert read_job(job_frame(job)[LENGTH.size :]) == job
