from __future__ import annotations

from typing import Any

import pytest

from proxy.errors import Code, RpcError
from proxy.proto import querier_pb2, types_pb2

from .profiles import CPU
from .world import FUTURE, HOUR, NEW, NOW_MS, OLD, call_site, expected, flame_graph, querier


def select_series(**fields: Any) -> list[types_pb2.Series]:
    request = querier_pb2.SelectSeriesRequest(
        **{"profile_typeID": CPU, "label_selector": "{}", "step": 15, **HOUR, **fields}
    )
    return list(querier().select_series(request).series)


def names_of(series: types_pb2.Series) -> list[tuple[str, str]]:
    return [(pair.name, pair.value) for pair in series.labels]


def test_a_graph_moves_and_adds_up_to_the_flame_graph() -> None:
    (line,) = select_series()
    values = [point.value for point in line.points]
    assert len(set(values)) > len(values) // 2
    assert sum(values) == pytest.approx(sum(expected(OLD, NEW).values()), abs=4)
    times = [point.timestamp for point in line.points]
    assert times == sorted(times)
    assert all((time - HOUR["start"]) % 15_000 == 0 for time in times)
    assert all(HOUR["start"] <= time < NOW_MS + 15_000 for time in times)


def test_steps_gather_what_happened_in_them() -> None:
    (fine,), (coarse,) = select_series(), select_series(step=600)
    assert len(coarse.points) in (6, 7)
    assert sum(p.value for p in coarse.points) == pytest.approx(sum(p.value for p in fine.points))
    (average,) = select_series(step=600, aggregation=types_pb2.TIME_SERIES_AGGREGATION_TYPE_AVERAGE)
    assert all(
        0 < mean.value < total.value / 10 for mean, total in zip(average.points, coarse.points, strict=True)
    )


def test_lines_are_grouped_by_labels() -> None:
    found = select_series(group_by=["region", "service_name", "nothing"])
    assert [names_of(line) for line in found] == [
        [("region", "eu"), ("service_name", "shop")],
        [("region", "us"), ("service_name", "shop")],
    ]
    assert [names_of(line) for line in select_series()] == [[]]


def test_a_limit_keeps_the_largest() -> None:
    (largest,) = select_series(group_by=["region"], limit=1)
    assert names_of(largest) == [("region", "eu")]


def test_a_graph_is_narrowed_by_a_call_site() -> None:
    (whole,), (narrow,) = select_series(), select_series(stack_trace_selector=call_site("main", "work"))
    assert 0 < narrow.points[3].value < whole.points[3].value


def test_a_graph_of_the_future_has_no_lines() -> None:
    assert not select_series(**FUTURE)


@pytest.mark.parametrize(
    "fields",
    [
        {"step": 0},
        {"step": -1},
        {"step": float("nan")},
        {"step": float("inf")},
        {"step": 0.001},
        {"start": 0, "end": 0},
        {"start": 2, "end": 1},
        {"start": -1},
        {"end": 2**63 - 1},
        {"profile_typeID": ""},
        {"profile_typeID": "cpu"},
        {"profile_typeID": "a:b:c:d:"},
        {"profile_typeID": "a:b:c:d:e:f"},
        {"label_selector": "{"},
        {"label_selector": '{a=~"("}'},
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(RpcError) as caught:
        select_series(**fields)
    assert caught.value.code is Code.INVALID_ARGUMENT
    if "step" not in fields:
        with pytest.raises(RpcError):
            flame_graph(**fields)
