"""Three small recordings, a querier over them, and what adding them up by hand gives."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from proxy.demo.upstream.querier import Querier
from proxy.demo.upstream.replay import WHOLE, window
from proxy.proto import querier_pb2, types_pb2

from .profiles import CPU, SAMPLES, recorded

if TYPE_CHECKING:
    from proxy.demo.upstream.recordings import Recording

NOW = 1_790_000_000
NOW_MS = NOW * 1000
HOUR: dict[str, Any] = {"start": NOW_MS - 3_600_000, "end": NOW_MS}
FUTURE: dict[str, Any] = {"start": NOW_MS + 1, "end": NOW_MS + 3_600_000}
SPACE = "memory:alloc_space:bytes:space:bytes"


def labels(service: str, ref: str, region: str) -> dict[str, str]:
    return {"service_name": service, "service_git_ref": ref, "region": region}


OLD = recorded(
    "old", [("main;work;slow", [3, 300]), ("main;idle", [1, 100])], labels("shop", "v1", "eu"), (SAMPLES, CPU)
)
NEW = recorded(
    "new", [("main;work", [1, 100]), ("main;idle", [2, 200])], labels("shop", "v2", "us"), (SAMPLES, CPU)
)
HEAP = recorded("heap", [("main;fill", [4096])], labels("store", "v1", "eu"), (SPACE,))


def querier(*recordings: Recording) -> Querier:
    return Querier(recordings or (OLD, NEW, HEAP), lambda: NOW)


def weight(recording: Recording) -> int:
    return window(HOUR["start"], HOUR["end"], NOW_MS).weight(recording.name, recording.duration_ms)


def expected(*recordings: Recording, index: int = 1) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for recording in recordings:
        for stack in recording.stacks:
            found[stack.names] += stack.values[index] * weight(recording) // WHOLE
    return found


def call_site(*names: str) -> types_pb2.StackTraceSelector:
    return types_pb2.StackTraceSelector(call_site=[types_pb2.Location(name=name) for name in names])


def flame_graph(**fields: Any) -> querier_pb2.SelectMergeStacktracesResponse:
    request = querier_pb2.SelectMergeStacktracesRequest(
        **{"profile_typeID": CPU, "label_selector": "{}", **HOUR, **fields}
    )
    return querier().select_merge_stacktraces(request)
