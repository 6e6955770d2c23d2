"""The command ``resolve``: one resolution and its explanation, in the terminal."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from google.protobuf.json_format import MessageToJson
from prometheus_client import CollectorRegistry

from proxy import __version__
from proxy.callers import page_of
from proxy.errors import Code, RpcError
from proxy.explanation import explanation
from proxy.library import Viewer
from proxy.live import Live
from proxy.metrics import Metrics
from proxy.parts import open_parts
from proxy.proto import source_pb2
from proxy.settings import read_settings
from proxy.source import paths
from proxy.source.address import parse_repository
from proxy.source.model import Frame, Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.config.model import Config

    Paint = Callable[[str, str], str]

_MARKS = {
    source_pb2.OUTCOME_FOUND: ("✓", "32"),
    source_pb2.OUTCOME_ABSENT: ("✗", "33"),
    source_pb2.OUTCOME_UNKNOWN: ("?", "35"),
    source_pb2.OUTCOME_NOTE: ("!", "36"),
    source_pb2.OUTCOME_FAILED: ("✗", "31"),
}
_BOLD, _DIM, _GREEN, _RED, _CYAN = "1", "2", "32", "31", "36"


def explain(
    config: Config, token: str, request: source_pb2.ExplainFileRequest
) -> source_pb2.ExplainFileResponse:
    """Resolve one frame with a person's token.

    Args:
        config: where GitHub and the package look-ups are.
        token: a GitHub token that may read the repository.
        request: what to resolve.

    Raises:
        RpcError: ``invalid_argument`` when the request cannot be one.
    """
    if not request.localPath and not request.functionName:
        raise RpcError(Code.INVALID_ARGUMENT, "--path or --function is needed to find a file")
    return asyncio.run(_explain(config, token, request))


async def _explain(
    config: Config, token: str, request: source_pb2.ExplainFileRequest
) -> source_pb2.ExplainFileResponse:
    repository = parse_repository(request.repositoryURL, config.github.url.host or "")
    frame = Frame(request.localPath, request.functionName)
    viewer = Viewer(token, hashlib.sha256(token.encode()).digest())
    metrics = Metrics(CollectorRegistry(), version=__version__, revision="")
    async with open_parts(Live(read_settings(config)), metrics) as parts:
        service = Service(repository, request.ref, request.rootPath)
        outcome = await parts.resolver.resolve(viewer, frame, service)
    return explanation(outcome, frame, request.startLine, page_of(config.github.url))


def as_json(answer: source_pb2.ExplainFileResponse) -> str:
    """The explanation as JSON, in the form in which ``ExplainFile`` answers it."""
    return MessageToJson(answer, indent=2)


def as_tree(
    request: source_pb2.ExplainFileRequest, answer: source_pb2.ExplainFileResponse, *, colour: bool
) -> str:
    """The explanation for a person at a terminal."""

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour and text else text

    lines = [paint(paths.shortened(request.localPath or request.functionName), _BOLD)]
    width = max((len(step.rule) for step in answer.steps), default=0)
    for step in answer.steps:
        last = step is answer.steps[-1]
        mark, code = _MARKS.get(step.outcome, ("·", _DIM))
        told = f"  {paint(step.answer, code)}" if step.answer else ""
        cost = paint(_cost(step.milliseconds, step.githubCalls), _DIM) if step.githubCalls else ""
        branch = "└─" if last else "├─"
        lines.append(f"{branch} {paint(mark, code)} {step.rule:<{width}}  {step.question}{told}{cost}")
    lines += ["", *_verdict(answer, paint)]
    lines.append(paint(f"in {_cost(answer.milliseconds, answer.githubCalls).strip()}", _DIM))
    return "\n".join(lines) + "\n"


def _verdict(answer: source_pb2.ExplainFileResponse, paint: Paint) -> list[str]:
    if answer.found:
        file = answer.file
        where = f"{file.repository} at {file.ref}: {file.path}"
        lines = [f"{paint('found', _GREEN)} by the rule {paint(answer.rule, _BOLD)}: {where}", file.URL]
        if answer.mismatch:
            lines.append(f"{paint('does not fit', _RED)}: {answer.mismatch}")
        return lines
    if answer.HasField("error"):
        return [f"{paint('failed', _RED)} ({answer.error.code}): {answer.error.message}"]
    return [f"{paint('not found', _RED)}: {answer.reason}"]


def _cost(milliseconds: float, calls: int) -> str:
    return f"  {milliseconds:.0f} ms, {calls} call{'' if calls == 1 else 's'} to GitHub"
