"""``source.v1.SourceService``: what this proxy answers beyond Pyroscope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proxy.connect.edge import Method
from proxy.explanation import explanation
from proxy.proto import source_pb2
from proxy.source.model import Frame, Service
from proxy.vcs import STALE_HEADER, require_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.callers import Callers
    from proxy.connect.edge import Call
    from proxy.details import Details
    from proxy.library import Resolver

SERVICE = "source.v1.SourceService"


class SourceService:
    """Answers what Grafana's app does not ask.

    Args:
        callers: tells who calls and which repository a label means.
        resolver: finds files.
        details: joins profiles, source and commits.
    """

    def __init__(self, callers: Callers, resolver: Resolver, details: Details) -> None:
        self._callers = callers
        self._resolver = resolver
        self._details = details

    def methods(self) -> Sequence[Method[Any]]:
        """The methods, for ``connect.routes``."""
        return [
            Method("ExplainFile", source_pb2.ExplainFileRequest, self.explain_file),
            Method("GetFunctionDetails", source_pb2.GetFunctionDetailsRequest, self.get_function_details),
        ]

    async def explain_file(
        self, request: source_pb2.ExplainFileRequest, call: Call
    ) -> source_pb2.ExplainFileResponse:
        """Tell how the file of a frame was found, or why not.

        A refusal of GitHub on the way is part of the explanation; one of the session is an error.
        """
        viewer = self._callers.viewer(call)
        service = Service(self._callers.repository(request.repositoryURL), request.ref, request.rootPath)
        frame = require_frame(Frame(request.localPath, request.functionName))
        outcome = await self._resolver.resolve(viewer, frame, service)
        if outcome.stale:
            call.response_headers[STALE_HEADER] = "true"
        return explanation(outcome, frame, request.startLine, self._callers.page)

    async def get_function_details(
        self, request: source_pb2.GetFunctionDetailsRequest, call: Call
    ) -> source_pb2.GetFunctionDetailsResponse:
        """Tell what was spent in a function, line by line, with the source that ran and its commit.

        Without a session, or where GitHub refuses, the answer names what it lacks and is no error.
        """
        return await self._details.get(request, call)
