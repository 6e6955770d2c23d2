from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from proxy.demo.upstream.querier import Querier
from proxy.demo.upstream.replay import PERIOD_MS, RETENTION_MS
from proxy.demo.upstream.stacks import stacks
from proxy.errors import Code, RpcError
from proxy.proto import querier_pb2, types_pb2

from .profiles import CPU, SAMPLES
from .test_flamegraph import read, read_tree
from .world import (
    FUTURE,
    HEAP,
    HOUR,
    NEW,
    NOW,
    NOW_MS,
    OLD,
    SPACE,
    call_site,
    expected,
    flame_graph,
    querier,
)


def test_profile_types_are_listed_once_with_their_parts() -> None:
    found = querier().profile_types(querier_pb2.ProfileTypesRequest(**HOUR)).profile_types
    assert [each.ID for each in found] == [SPACE, CPU, SAMPLES]
    cpu = found[1]
    assert (cpu.name, cpu.sample_type, cpu.sample_unit) == ("process_cpu", "cpu", "nanoseconds")
    assert (cpu.period_type, cpu.period_unit) == ("cpu", "nanoseconds")


@pytest.mark.parametrize(("times", "count"), [({}, 3), (HOUR, 3), (FUTURE, 0)])
def test_what_there_is_depends_on_the_time(times: dict[str, Any], count: int) -> None:
    asked = querier()
    assert len(asked.profile_types(querier_pb2.ProfileTypesRequest(**times)).profile_types) == count
    assert bool(asked.label_names(types_pb2.LabelNamesRequest(**times)).names) is bool(count)
    values = asked.label_values(types_pb2.LabelValuesRequest(name="__profile_type__", **times)).names
    assert len(values) == count
    assert bool(asked.series(querier_pb2.SeriesRequest(**times)).labels_set) is bool(count)


def test_label_names_are_those_of_the_series_selected() -> None:
    names = (
        querier().label_names(types_pb2.LabelNamesRequest(matchers=['{service_name="store"}'], **HOUR)).names
    )
    assert names == sorted(
        [
            "__name__",
            "__period_type__",
            "__period_unit__",
            "__profile_type__",
            "__type__",
            "__unit__",
            "region",
            "service_git_ref",
            "service_name",
        ]
    )


@pytest.mark.parametrize(
    ("name", "matchers", "values"),
    [
        ("service_name", [], ["shop", "store"]),
        ("region", ['{service_name="shop"}'], ["eu", "us"]),
        ("region", ['{service_name="shop",service_git_ref="v1"}'], ["eu"]),
        ("service_git_ref", ['{region="us"}', '{service_name="store"}'], ["v1", "v2"]),
        ("__profile_type__", ['{service_name="store"}'], [SPACE]),
        ("__type__", [], ["alloc_space", "cpu", "samples"]),
        ("nothing", [], []),
    ],
)
def test_label_values(name: str, matchers: list[str], values: list[str]) -> None:
    request = types_pb2.LabelValuesRequest(name=name, matchers=matchers, **HOUR)
    assert querier().label_values(request).names == values


def test_series_are_reduced_to_the_labels_asked_for_each_once() -> None:
    request = querier_pb2.SeriesRequest(label_names=["service_name", "region", "nothing"], **HOUR)
    found = querier().series(request).labels_set
    assert [[(pair.name, pair.value) for pair in each.labels] for each in found] == [
        [("region", "eu"), ("service_name", "shop")],
        [("region", "eu"), ("service_name", "store")],
        [("region", "us"), ("service_name", "shop")],
    ]
    assert not querier().series(querier_pb2.SeriesRequest(label_names=["nothing"], **HOUR)).labels_set


def test_every_series_is_there_when_no_label_is_named() -> None:
    found = querier().series(querier_pb2.SeriesRequest(matchers=['{service_name="shop"}'], **HOUR)).labels_set
    assert len(found) == 4
    assert all(len(each.labels) == 9 for each in found)


def test_a_flame_graph_adds_up_what_is_selected() -> None:
    assert read(flame_graph().flamegraph) == expected(OLD, NEW)
    assert read(flame_graph(label_selector='{region="eu"}').flamegraph) == expected(OLD)
    assert read(flame_graph(profile_typeID=SAMPLES).flamegraph) == expected(OLD, NEW, index=0)
    assert read(flame_graph(profile_typeID=SPACE).flamegraph) == expected(HEAP, index=0)


@pytest.mark.parametrize(
    "fields", [FUTURE, {"label_selector": '{region="none"}'}, {"profile_id_selector": ["x"]}]
)
def test_nothing_selected_is_an_empty_flame_graph(fields: dict[str, Any]) -> None:
    assert flame_graph(**fields).flamegraph == querier_pb2.FlameGraph()


def test_a_call_site_narrows() -> None:
    found = read(flame_graph(stack_trace_selector=call_site("main", "work")).flamegraph)
    assert set(found) == {("main", "work", "slow"), ("main", "work")}
    assert not read(flame_graph(stack_trace_selector=call_site("work")).flamegraph)


def test_max_nodes_limits_a_flame_graph() -> None:
    found = read(flame_graph(max_nodes=2).flamegraph)
    assert sum(found.values()) == sum(expected(OLD, NEW).values())
    assert ("main", "other") in found


def test_a_tree_says_the_same() -> None:
    answer = flame_graph(format=querier_pb2.PROFILE_FORMAT_TREE)
    assert read_tree(answer.tree) == expected(OLD, NEW)
    assert not answer.HasField("flamegraph")


def test_a_pprof_says_the_same_and_keeps_versions_apart() -> None:
    answer = flame_graph(format=querier_pb2.PROFILE_FORMAT_PPROF)
    profile = answer.pprof.profile
    found: Counter[tuple[str, ...]] = Counter()
    for stack in stacks(profile):
        found[stack.names] += stack.values[0]
    assert found == expected(OLD, NEW)
    refs = [json.loads(profile.string_table[mapping.build_id])["git_ref"] for mapping in profile.mapping]
    assert refs == ["v1", "v2"]
    request = querier_pb2.SelectMergeProfileRequest(profile_typeID=CPU, label_selector="{}", **HOUR)
    assert querier().select_merge_profile(request) == profile


def test_a_profile_is_narrowed_as_a_flame_graph_is() -> None:
    request = querier_pb2.SelectMergeProfileRequest(
        profile_typeID=CPU, label_selector="{}", stack_trace_selector=call_site("main", "work"), **HOUR
    )
    found = stacks(querier().select_merge_profile(request))
    assert {stack.names for stack in found} == {("main", "work", "slow"), ("main", "work")}


def test_other_formats_are_not_known() -> None:
    with pytest.raises(RpcError) as caught:
        flame_graph(format=querier_pb2.PROFILE_FORMAT_DOT)
    assert caught.value.code is Code.UNIMPLEMENTED


def test_label_values_of_no_label_are_refused() -> None:
    with pytest.raises(RpcError) as caught:
        querier().label_values(types_pb2.LabelValuesRequest())
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_nothing_recorded_has_spans() -> None:
    asked = querier()
    span = querier_pb2.SelectMergeSpanProfileRequest(
        profile_typeID=CPU, label_selector="{}", span_selector=["9a517183f26a089d"], **HOUR
    )
    assert not asked.select_merge_span_profile(span).flamegraph.levels
    heatmap = querier_pb2.SelectHeatmapRequest(profile_typeID=CPU, label_selector="{}", step=15, **HOUR)
    assert not asked.select_heatmap(heatmap).series
    with pytest.raises(RpcError):
        asked.select_heatmap(
            querier_pb2.SelectHeatmapRequest(profile_typeID=CPU, label_selector="{", step=15, **HOUR)
        )
    with pytest.raises(RpcError):
        asked.select_merge_span_profile(querier_pb2.SelectMergeSpanProfileRequest(profile_typeID=CPU))


def test_stats_reach_back_a_week() -> None:
    found = querier().get_profile_stats(types_pb2.GetProfileStatsRequest())
    assert found.data_ingested
    assert NOW_MS - PERIOD_MS < found.newest_profile_time <= NOW_MS
    assert 0 <= found.oldest_profile_time - (NOW_MS - RETENTION_MS) < PERIOD_MS
    empty = Querier((), lambda: NOW).get_profile_stats(types_pb2.GetProfileStatsRequest())
    assert not empty.data_ingested


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("{}", 5),
        (CPU + "{}", 2),
        (CPU + '{region="eu"}', 1),
        ('{service_name="store"}', 1),
        ("memory{}", 1),
        ('{service_name="none"}', 0),
    ],
)
def test_a_query_is_analysed(query: str, count: int) -> None:
    found = querier().analyze_query(querier_pb2.AnalyzeQueryRequest(query=query, **HOUR))
    assert found.query_impact.total_queried_series == count
    assert found.query_scopes[0].profile_count == 240 * count
    assert bool(found.query_impact.total_bytes_in_time_range) is bool(count)
