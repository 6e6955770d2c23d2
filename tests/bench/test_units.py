"""What one of each thing costs is counted as the cache counts it, and never less than it is."""

from __future__ import annotations

import pytest

from bench import units


@pytest.mark.parametrize(
    ("what", "least"),
    [
        (units.ACCESS, 500),
        ("ref and commit", 500),
        ("path", 500),
        ("file of 12 KiB", units.FILE_SIZE),
        ("answer with it (JSON)", units.FILE_SIZE * 4 // 3),
        ("tree of 5,000 files", 200_000),
    ],
)
def test_what_is_kept_is_counted(what: str, least: int) -> None:
    many = 2 if "tree" in what else 20
    counted, spent = units.measure_memory(what, many)
    assert counted >= least
    # The interpreter's allocator rounds up, a little of what it took was there before.
    assert counted > spent * 0.7


def test_the_tables_are_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(units, "ROUNDS", 10)
    monkeypatch.setattr(units, "MANY", 10)
    units.show_redis()
    units.show_times()
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    figures = [line for line in lines if line[-1].isdigit()]
    assert len(figures) == 13
    assert all(float(line.split()[-1].replace(",", "")) > 0 for line in figures)
