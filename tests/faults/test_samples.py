from __future__ import annotations

from dataclasses import replace

from faults.judging.samples import BOUNDS, Sample, figures

LEVEL = [Sample(at * 5.0, 100, 70.0, 2.0, 30, 12, 1.0, 5.0, 0.5) for at in range(20)]


def test_figures_of_a_soak_tell_what_grew() -> None:
    lines, grown = figures(LEVEL)
    assert grown == []
    assert [line.split()[0] for line in lines[1:]][: len(BOUNDS)] == [bound.name for bound in BOUNDS]
    growing = [replace(sample, memory=70.0 + at, tasks=12 + 2 * at) for at, sample in enumerate(LEVEL)]
    assert [each.split(" ", 1)[0] for each in figures(growing)[1]] == ["memory", "rest", "tasks"]


def test_figures_of_a_soak_tell_a_cache_that_fills_from_a_leak() -> None:
    leaking = [replace(sample, memory=90.0 - at, cache=22.0 - 2.0 * at) for at, sample in enumerate(LEVEL)]
    assert [each.split(" ", 1)[0] for each in figures(leaking)[1]] == ["rest"]


def test_figures_of_a_soak_judge_what_was_measured_while_nothing_was_broken() -> None:
    broken = [
        replace(sample, at=sample.at + 1, memory=70.0 + at, during="x") for at, sample in enumerate(LEVEL)
    ]
    together = sorted([*LEVEL, *broken], key=lambda sample: sample.at)
    lines, grown = figures(together)
    assert grown == []
    assert "highest memory, also while something was broken: 89.0 MiB" in lines
    assert "longest time between two samples: 4 s" in lines
