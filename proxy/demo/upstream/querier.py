"""The methods of ``querier.v1.QuerierService``, answered from recordings. Pure but for the clock it is given.

https://github.com/grafana/pyroscope/blob/main/api/querier/v1/querier.proto
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.demo.upstream import replay, timeline
from proxy.demo.upstream.flamegraph import flame_graph, tree_bytes
from proxy.demo.upstream.merge import Merger
from proxy.demo.upstream.selector import Selector, parse
from proxy.demo.upstream.series import (
    Series,
    all_series,
    check_profile_type,
    chosen,
    described,
    label_pairs,
)
from proxy.demo.upstream.tree import Node
from proxy.errors import Code, RpcError
from proxy.proto import profile_pb2, querier_pb2, types_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from proxy.demo.upstream.recordings import Recording
    from proxy.demo.upstream.stacks import Stack

DEFAULT_MAX_NODES = 8192
"""Nodes that a flame graph has when nothing else is asked for, as in Pyroscope."""

_LAST_MS = 2**63 // 1_000_000 - 1


class Querier:
    """Answers requests; ``clock`` gives seconds since the epoch."""

    def __init__(self, recordings: Sequence[Recording], clock: Callable[[], float]) -> None:
        self._recordings = tuple(recordings)
        self._series = tuple(all_series(recordings))
        self._clock = clock

    def profile_types(self, request: querier_pb2.ProfileTypesRequest) -> querier_pb2.ProfileTypesResponse:
        """Which profile types there are in a time range."""
        ids = {series.profile_type for series in self._within(request.start, request.end, ())}
        return querier_pb2.ProfileTypesResponse(profile_types=[described(each) for each in sorted(ids)])

    def label_names(self, request: types_pb2.LabelNamesRequest) -> types_pb2.LabelNamesResponse:
        """Which labels the series have that matchers select."""
        found = self._within(request.start, request.end, request.matchers)
        return types_pb2.LabelNamesResponse(
            names=sorted({name for series in found for name in series.labels})
        )

    def label_values(self, request: types_pb2.LabelValuesRequest) -> types_pb2.LabelValuesResponse:
        """Which values a label has."""
        if not request.name:
            raise RpcError(Code.INVALID_ARGUMENT, "name is missing: which label's values are asked for?")
        found = self._within(request.start, request.end, request.matchers)
        values = {series.labels.get(request.name, "") for series in found} - {""}
        return types_pb2.LabelValuesResponse(names=sorted(values))

    def series(self, request: querier_pb2.SeriesRequest) -> querier_pb2.SeriesResponse:
        """The label sets of series, each once, reduced to the labels asked for."""
        wanted = set(request.label_names)
        sets = {
            tuple(
                sorted((name, value) for name, value in series.labels.items() if not wanted or name in wanted)
            )
            for series in self._within(request.start, request.end, request.matchers)
        }
        return querier_pb2.SeriesResponse(
            labels_set=[types_pb2.Labels(labels=label_pairs(dict(pairs))) for pairs in sorted(sets) if pairs]
        )

    def select_series(self, request: querier_pb2.SelectSeriesRequest) -> querier_pb2.SelectSeriesResponse:
        """What a profile type adds up to over time."""
        window = self._window(request.start, request.end)
        step = timeline.step_ms(request.step, request.start, request.end)
        call_site = _call_site(request.stack_trace_selector)
        average = request.aggregation == types_pb2.TIME_SERIES_AGGREGATION_TYPE_AVERAGE
        groups = timeline.grouped(
            self._selected(request.profile_typeID, request.label_selector), request.group_by
        )
        lines = [
            timeline.graph(
                labels,
                [(series, _total(series, call_site)) for series in members],
                window,
                start=request.start,
                step=step,
                average=average,
            )
            for labels, members in sorted(groups.items())
        ]
        return querier_pb2.SelectSeriesResponse(
            series=timeline.largest((line for line in lines if line.points), request.limit)
        )

    def select_merge_stacktraces(
        self, request: querier_pb2.SelectMergeStacktracesRequest
    ) -> querier_pb2.SelectMergeStacktracesResponse:
        """Everything that a selector selects in one flame graph, tree or pprof."""
        call_site = _call_site(request.stack_trace_selector)
        answer = querier_pb2.SelectMergeStacktracesResponse()
        if request.format == querier_pb2.PROFILE_FORMAT_PPROF:
            answer.pprof.profile.CopyFrom(self._merged(request, call_site))
            return answer
        root: Node[str] = Node()
        for series, weight in self._weighted(request):
            for stack, value in _samples(series, weight, call_site):
                root.add(stack.names, value)
        max_nodes = request.max_nodes if request.HasField("max_nodes") else DEFAULT_MAX_NODES
        if request.format == querier_pb2.PROFILE_FORMAT_TREE:
            answer.tree = tree_bytes(root, max_nodes)
        elif request.format in (
            querier_pb2.PROFILE_FORMAT_UNSPECIFIED,
            querier_pb2.PROFILE_FORMAT_FLAMEGRAPH,
        ):
            answer.flamegraph.CopyFrom(flame_graph(root, max_nodes))
        else:
            raise RpcError(
                Code.UNIMPLEMENTED,
                "The sample upstream has flame graphs (1), trees (2) and pprof (4), no other format.",
            )
        return answer

    def select_merge_profile(self, request: querier_pb2.SelectMergeProfileRequest) -> profile_pb2.Profile:
        """Everything that a selector selects in one pprof."""
        return self._merged(request, _call_site(request.stack_trace_selector))

    def select_merge_span_profile(
        self, request: querier_pb2.SelectMergeSpanProfileRequest
    ) -> querier_pb2.SelectMergeSpanProfileResponse:
        """The profile of some spans: always empty, as nothing recorded carries spans."""
        self._window(request.start, request.end)
        self._selected(request.profile_typeID, request.label_selector)
        return querier_pb2.SelectMergeSpanProfileResponse(flamegraph=querier_pb2.FlameGraph())

    def select_heatmap(self, request: querier_pb2.SelectHeatmapRequest) -> querier_pb2.SelectHeatmapResponse:
        """A heatmap of spans or single profiles: always empty, as neither was recorded."""
        self._window(request.start, request.end)
        timeline.step_ms(request.step, request.start, request.end)
        self._selected(request.profile_typeID, request.label_selector)
        return querier_pb2.SelectHeatmapResponse()

    def get_profile_stats(self, _: types_pb2.GetProfileStatsRequest) -> types_pb2.GetProfileStatsResponse:
        """Since when, and until when, there are profiles."""
        if not self._recordings:
            return types_pb2.GetProfileStatsResponse()
        times = self._replayed(0, self._now()).times
        return types_pb2.GetProfileStatsResponse(
            data_ingested=True, oldest_profile_time=times[0], newest_profile_time=times[-1]
        )

    def analyze_query(self, request: querier_pb2.AnalyzeQueryRequest) -> querier_pb2.AnalyzeQueryResponse:
        """How much a query has to read."""
        window = self._window(request.start, request.end)
        found = chosen(self._series, [_query(request.query)]) if window else []
        recordings = {series.recording.name: series.recording for series in found}.values()
        times = len(window.times)
        size = times * sum(recording.profile.ByteSize() for recording in recordings)
        scope = querier_pb2.QueryScope(
            component_type="Sample upstream",
            component_count=1,
            series_count=len(found),
            profile_count=times * len(found),
            sample_count=times * sum(len(series.recording.stacks) for series in found),
            profile_bytes=size,
        )
        impact = querier_pb2.QueryImpact(total_bytes_in_time_range=size, total_queried_series=len(found))
        return querier_pb2.AnalyzeQueryResponse(query_scopes=[scope], query_impact=impact)

    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _replayed(self, start: int, end: int) -> replay.Window:
        return replay.window(start, end, self._now())

    def _window(self, start: int, end: int) -> replay.Window:
        if not start and not end:
            raise RpcError(
                Code.INVALID_ARGUMENT, "The time range is missing: give start and end in milliseconds."
            )
        if not 0 <= start <= end <= _LAST_MS:
            raise RpcError(
                Code.INVALID_ARGUMENT,
                "The time range is none: start must not be after end, both in milliseconds.",
            )
        return self._replayed(start, end)

    def _within(self, start: int, end: int, matchers: Sequence[str]) -> list[Series]:
        """The series that one of the matchers selects; without a time range, at any time."""
        selectors = [parse(matcher) for matcher in matchers]
        if (start or end) and not self._window(start, end):
            return []
        return chosen(self._series, selectors)

    def _selected(self, profile_type: str, label_selector: str) -> list[Series]:
        check_profile_type(profile_type)
        found = chosen(self._series, [parse(label_selector)])
        return [series for series in found if series.profile_type == profile_type]

    def _weighted(
        self, request: querier_pb2.SelectMergeStacktracesRequest | querier_pb2.SelectMergeProfileRequest
    ) -> Iterator[tuple[Series, int]]:
        window = self._window(request.start, request.end)
        selected = self._selected(request.profile_typeID, request.label_selector)
        # No single profile was recorded with an id, so asking for some finds none.
        for series in () if request.profile_id_selector else selected:
            yield series, window.weight(series.recording.name, series.recording.duration_ms)

    def _merged(
        self,
        request: querier_pb2.SelectMergeStacktracesRequest | querier_pb2.SelectMergeProfileRequest,
        call_site: Sequence[str],
    ) -> profile_pb2.Profile:
        merger = Merger()
        period = 0
        for series, weight in self._weighted(request):
            merger.add(series.recording.profile, _samples(series, weight, call_site))
            period = period or series.recording.profile.period
        return merger.finish(
            request.profile_typeID,
            start_ms=request.start,
            end_ms=request.end,
            period=period,
            max_nodes=request.max_nodes,
        )


def _call_site(selector: types_pb2.StackTraceSelector) -> tuple[str, ...]:
    return tuple(location.name for location in selector.call_site)


def _samples(series: Series, weight: int, call_site: Sequence[str]) -> Iterator[tuple[Stack, int]]:
    for stack in series.recording.stacks:
        value = replay.scaled(stack.values[series.index], weight)
        if value > 0 and stack.is_below(call_site):
            yield stack, value


def _total(series: Series, call_site: Sequence[str]) -> int:
    return sum(stack.values[series.index] for stack in series.recording.stacks if stack.is_below(call_site))


def _query(text: str) -> Selector:
    """A selector whose name, before the braces, may be a whole profile type."""
    selector = parse(text)
    return Selector(
        tuple(
            type(matcher)("__profile_type__", matcher.value)
            if matcher.name == "__name__" and ":" in matcher.value
            else matcher
            for matcher in selector.matchers
        )
    )
