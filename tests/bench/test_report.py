from __future__ import annotations

import math

import pytest

from bench.report import FIGURES, Sample, aligned, figure, ratio, table


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
    ("values", "baseline", "expected"),
    [
        ([4, 6, 20], [2, 6, 4], "2.00x (1.00x-5.00x)"),
        ([1, 3], [0, 2], "1.50x (1.50x-1.50x)"),
        ([1], [0], "-"),
        ([0], [3], "0.00x (0.00x-0.00x)"),
    ],
)
def test_a_ratio_is_of_like_rounds(values: list[float], baseline: list[float], expected: str) -> None:
    assert ratio(values, baseline) == expected


def test_a_table_compares_each_target_with_the_baseline() -> None:
    ours = [Sample(10, 20, 12, 30, 1000, 30, 50, 1), Sample(10, 20, 12, 30, 1000, 30, 50, 2)]
    theirs = [Sample(5, 5, 6, 10, 2000, 15, 20, 0)] * 2
    lines = table({"nginx": theirs, "ours": ours}, "nginx")
    assert lines[0].endswith("  ours / nginx")
    assert len(lines) == 1 + len(FIGURES)
    assert [line.split()[-2] for line in lines[1:-1]] == [
        *("2.00x", "4.00x", "2.00x", "3.00x", "0.50x", "2.00x", "2.50x")
    ]
    assert lines[-1].split()[-2:] == ["0", "3"]


def test_without_the_baseline_there_are_no_ratios() -> None:
    assert not any("x (" in line for line in table({"ours": [Sample(1, 1, 1, 1, 1, 1, 1, 0)]}, "nginx")[1:])


def test_a_figure_that_is_unknown_is_shown_as_such() -> None:
    assert "nan" in figure([math.nan])


def test_columns_line_up() -> None:
    assert aligned([["a", "1"], ["long", "100"]]) == ["a       1", "long  100"]
