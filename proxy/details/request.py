"""What a request asks of Pyroscope, and which part of its answer it asks for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.details.excerpt import MOST_CONTEXT
from proxy.details.versions import VALUES, VERSIONS, missed
from proxy.errors import Code, RpcError
from proxy.profile import Question
from proxy.querier.model import Asked

if TYPE_CHECKING:
    from proxy.profile import FunctionUse, Joined
    from proxy.proto import source_pb2

MOST_VERSIONS = 100
"""Versions, largest first, that an answer has."""
_LONGEST_NAME = 16 * 1024
_LONGEST_PATH = 10_000


def asked_of(request: source_pb2.GetFunctionDetailsRequest) -> Asked:
    """What Pyroscope has to be asked.

    Raises:
        RpcError: ``invalid_argument``, naming what is missing.
    """
    path = tuple(request.callPath)
    wrong = ""
    if not request.functionName:
        wrong = "functionName is missing: give the function's name as the profile has it"
    elif not request.profileTypeID:
        wrong = "profileTypeID is missing, such as process_cpu:cpu:nanoseconds:cpu:nanoseconds"
    elif max(len(request.functionName), *(len(name) for name in path), 0) > _LONGEST_NAME:
        wrong = f"a function's name has more than {_LONGEST_NAME} characters"
    elif len(path) > _LONGEST_PATH:
        wrong = f"callPath has more than {_LONGEST_PATH} functions"
    elif not 0 <= request.contextLines <= MOST_CONTEXT:
        wrong = f"contextLines must be from 0 to {MOST_CONTEXT}; wholeFile gives all lines"
    elif request.start >= request.end:
        wrong = "start must be before end, both in milliseconds since 1970"
    if wrong:
        raise RpcError(Code.INVALID_ARGUMENT, wrong)
    question = Question(request.functionName, request.profileTypeID, path)
    return Asked(request.labelSelector or "{}", request.start, request.end, question)


def chosen(joined: Joined, request: source_pb2.GetFunctionDetailsRequest) -> list[FunctionUse]:
    """The versions that were asked for.

    Raises:
        RpcError: ``not_found`` when there is none, with what is there instead.
    """
    found = [
        use for use in joined.uses if request.file in ("", use.file) and request.ref in ("", use.version.ref)
    ]
    if found:
        return found
    if not joined.samples:
        why = "Pyroscope has no samples for this profile type, label selector and time range"
    elif joined.uses:
        why = f"the function is in the profile {len(joined.uses)} times, but not with this file and ref"
    elif request.callPath:
        why = "no stack that begins with this callPath has the function"
    else:
        why = "the function was not sampled for this profile type, label selector and time range"
    raise RpcError(Code.NOT_FOUND, f"{why}; names are compared as the profile has them")


def left_out(joined: Joined, count: int) -> list[source_pb2.Missing]:
    """What the values themselves lack."""
    found = []
    if joined.cut:
        why = (
            "Pyroscope left small nodes out of the profile (the tenant's limit "
            "max_flamegraph_nodes_on_select_merge_profile), so values may be too low; "
            "choose a shorter time range or a narrower label selector."
        )
        found.append(missed(VALUES, RpcError(Code.DATA_LOSS, why)))
    if count > MOST_VERSIONS:
        why = f"{count} versions of the function ran; the {MOST_VERSIONS} with the largest totals are shown."
        found.append(missed(VERSIONS, RpcError(Code.RESOURCE_EXHAUSTED, why)))
    return found
