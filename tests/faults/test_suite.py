"""The suite itself against the real process: it sees what breaks, and would see a lie."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from faults import playing
from faults.playing import Player
from faults.scenario import Scenario
from faults.scenarios import EVERY, SHORT
from faults.stage import running
from tests.fakes.programs import require_redis

if TYPE_CHECKING:
    from pathlib import Path

    from faults.stage import Stage

SEED, RATE = "tests", 25.0


@pytest.fixture(autouse=True)
def _needs_redis() -> None:
    require_redis()


async def _endless(_: Stage, __: float) -> None:
    await asyncio.Event().wait()


async def test_a_fault_is_seen_judged_and_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = replace(EVERY[0], seconds=1.0)
    async with running(tmp_path, SEED, RATE) as stage:
        player = Player(stage)
        await player.warm_up(1.0)
        row = await player.play(scenario)
        assert stage.verdicts.violations == []
        assert row.unusual["unavailable"] > 0
        # The same without saying that Pyroscope is gone: every answer that says so is a violation now.
        row = await player.play(replace(scenario, faults=()))
        assert row.violations >= row.unusual["unavailable"] > 0
        # What does not come to its end by itself is ended.
        monkeypatch.setattr(playing, "MORE_SECONDS", 0.0)
        await player.play(Scenario("endless", scenario.faults, _endless, seconds=0.0))
        assert "not broken and mended" in stage.verdicts.violations[-1]
        assert await stage.subject.end() == 0


def test_every_scenario_has_a_name_of_its_own_and_something_to_show() -> None:
    names = [scenario.name for scenario in EVERY]
    assert len(set(names)) == len(names)
    assert {scenario.name for scenario in SHORT} < set(names)
    for scenario in EVERY:
        assert scenario.faults
        assert scenario.shows or scenario.counts or "clients" in scenario.name
