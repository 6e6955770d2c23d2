"""Of the frames of real programs, 99 in 100 lead to the right file at the right version, the others say why.

``data/`` is what real programs' profiles named, with expectations that do not come from the resolver:
see ``recording/README.md``.
"""

from __future__ import annotations

import re

import pytest

from tests.frames.corpus import ANY_REF, Tally, cases, outcome
from tests.frames.worlds import DATA, Commit, World

LANGUAGES = ("go", "java", "javascript", "python")
SHARE = 0.99


@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_every_frame_leads_to_its_source_and_the_others_say_why(language: str) -> None:
    world, tally = World(language), Tally()
    for case in cases(language):
        tally.add(outcome(world, case))
    report = "\n".join([language, *tally.lines()])
    print(report)  # noqa: T201 - the figures are what a person runs this for (pytest -s)
    assert tally.share >= SHARE, report
    assert not [end for end in tally.faults if not end.case.has_source], report


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_expected_is_in_the_listed_repositories(language: str) -> None:
    world = World(language)
    for case in cases(language):
        if case.has_source:
            ref = case.expected["ref"] if case.expected["ref"] != ANY_REF else "main"
            commit = world.commit(case.expected["repository"], ref)
            assert isinstance(commit, Commit), case
            assert case.expected["path"] in commit.paths, case


@pytest.mark.parametrize("file", sorted(DATA.iterdir()), ids=lambda file: file.name)
def test_the_data_name_no_place_of_the_machine_that_recorded_them(file: object) -> None:
    text = (DATA / str(file)).read_text(encoding="utf-8")
    assert not re.search(r"/(?:root|work|tmp)/|/home/(?!app/)", text)
    assert len(text) < 1_200_000
