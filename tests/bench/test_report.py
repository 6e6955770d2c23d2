from __future__ import annotations

import math

import pytest

from bench.report import Sample, aligned, figure, ratio, table


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0], "1.0 (1.0-1.0)"),
        ([3, 1, 2], "2.0 (1.0-3.0)"),
        ([1, 2], "1.5 (1.0-2.0)"),
        ([99.94, 100, 123456], "100 (99.9-123,456)"),
    ],
)
def test_a_figure_is_the_median_with_its_spread(values: list[float], expected: str) -> None:
    assert figure(values) == expected


@pytest.mark.parametrize(
    ("values", "baseline", "expected"), [([4, 6, 5], [2], "2.50x"), ([1], [0], "-"), ([0], [3], "0.00x")]
)
def test_a_ratio_is_of_medians(values: list[float], baseline: list[float], expected: str) -> None:
    assert ratio(values, baseline) == expected


def test_a_table_compares_each_target_with_the_baseline() -> None:
    ours = [Sample(10, 20, 1000, 30, 1), Sample(10, 20, 1000, 30, 2)]
    theirs = [Sample(5, 5, 2000, 15, 0)]
    lines = table({"nginx": theirs, "ours": ours}, "nginx")
    assert [line.split("  ")[0].strip() for line in lines[1:]] == ["nginx", "ours", "ours / nginx"]
    assert lines[2].endswith("3")
    assert lines[3].split()[3:] == ["2.00x", "4.00x", "0.50x", "2.00x"]


def test_without_the_baseline_there_are_no_ratios() -> None:
    assert not any("x" in line for line in table({"ours": [Sample(1, 1, 1, 1, 0)]}, "nginx")[1:])


def test_a_figure_that_is_unknown_is_shown_as_such() -> None:
    assert "nan" in figure([math.nan])


def test_columns_line_up() -> None:
    assert aligned([["a", "1"], ["long", "100"]]) == ["a       1", "long  100"]
