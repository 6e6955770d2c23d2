"""An explanation of a resolution as a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.errors import RpcError
from proxy.proto import source_pb2
from proxy.source.check import mismatch
from proxy.source.explain import Kind, failure_words, question_text, words_of
from proxy.source.model import Found, Note, NotFound
from proxy.source.rooms import language_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.library import Outcome
    from proxy.library.resolving import Step
    from proxy.source.model import File, Frame

_OUTCOMES = {
    Kind.FOUND: source_pb2.OUTCOME_FOUND,
    Kind.ABSENT: source_pb2.OUTCOME_ABSENT,
    Kind.UNKNOWN: source_pb2.OUTCOME_UNKNOWN,
    Kind.NOTE: source_pb2.OUTCOME_NOTE,
    Kind.FAILED: source_pb2.OUTCOME_FAILED,
}


def explanation(
    outcome: Outcome, frame: Frame, start_line: int, page: Callable[[File], str]
) -> source_pb2.ExplainFileResponse:
    """Put an outcome into words.

    Args:
        outcome: of resolving ``frame``.
        frame: as the profile has it.
        start_line: of the function's definition as the profile has it, from 1; 0: not known.
        page: gives a file's page on GitHub.
    """
    answer = source_pb2.ExplainFileResponse(
        language=language_of(frame).value,
        steps=[_step(step) for step in outcome.steps],
        notes=[step.question.text for step in outcome.steps if isinstance(step.question, Note)],
        githubCalls=outcome.github_calls,
        milliseconds=outcome.seconds * 1000,
    )
    match outcome.resolution:
        case Found(language=language, rule=rule, file=file):
            answer.found, answer.language, answer.rule = True, language.value, rule
            answer.file.CopyFrom(_file(file, page))
            answer.mismatch = mismatch(language, frame, start_line, file.path, file.content)
        case NotFound(language=language, reason=reason):
            answer.language, answer.reason = language.value, reason
        case RpcError() as error:
            answer.error.code, answer.error.message = error.code.value, error.message
    return answer


def _file(file: File, page: Callable[[File], str]) -> source_pb2.SourceFile:
    snapshot = file.snapshot
    return source_pb2.SourceFile(
        repository=str(snapshot.repository),
        ref=snapshot.ref,
        commit=snapshot.commit,
        path=file.path,
        URL=page(file),
        size=len(file.content),
    )


def _step(step: Step) -> source_pb2.Step:
    failed = isinstance(step.answer, RpcError)
    words = failure_words(step.answer) if failed else words_of(step.question, step.answer)
    return source_pb2.Step(
        rule=step.question.rule,
        question=question_text(step.question),
        answer=words.text,
        outcome=_OUTCOMES[words.kind],
        milliseconds=step.seconds * 1000,
        githubCalls=step.github_calls,
    )
