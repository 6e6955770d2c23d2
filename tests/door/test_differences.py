"""What the corpus and the document say of nginx and haproxy is what these do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.door import corpus, servers
from tests.door.differences import DOCUMENT, MARK, VERSIONS, rendered
from tests.door.recording import recording
from tests.door.test_smuggling import become

if TYPE_CHECKING:
    from pathlib import Path

    from tests.door.recording import Recording

CASES = [case for group in corpus.GROUPS for case in corpus.cases(group)]


def test_the_document_shows_what_the_corpus_says() -> None:
    """Written anew with ``python -m tests.door.differences``."""
    assert DOCUMENT.read_text("utf-8").partition(MARK)[2] == rendered().partition(MARK)[2]


def test_every_difference_has_its_reason_and_nothing_else_has() -> None:
    for case in CASES:
        assert bool(case.why) is (len(set(case.outcomes.values())) > 1), case.name
        assert case.outcomes.keys() == set(corpus.SERVERS)
    reasons = yaml.safe_load((DOCUMENT.parent.parent / "tests/door/corpus/reasons.yaml").read_text("utf-8"))
    assert {case.why for case in CASES} - {""} == reasons.keys()


def test_names_are_not_used_twice() -> None:
    for group in corpus.GROUPS:
        names = [case.name for case in corpus.cases(group)]
        assert len(set(names)) == len(names)


async def told(upstream: Recording, port: int) -> list[str]:
    return [await become(upstream, port, case.data + corpus.LAST) for case in CASES]


@pytest.mark.parametrize("name", servers.NAMES)
async def test_what_others_make_of_the_corpus(name: str, tmp_path: Path) -> None:
    if servers.find(name) is None:
        pytest.skip(f"{name} is not installed")
    if servers.version(name) != VERSIONS[name]:
        pytest.skip(f"the corpus tells of {name} {VERSIONS[name]}")
    async with recording() as upstream:
        with servers.running(name, upstream.port, tmp_path) as port:
            outcomes = await told(upstream, port)
    for case, got in zip(CASES, outcomes, strict=True):
        assert got in case.outcomes[name].split(" or "), case.name
