"""What of a changed configuration is taken over while running."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from proxy.config import Config, GitHub, HostPort, Log, Resolver, Secret, Session, Upstream, render
from proxy.config.keys import KEYS
from proxy.reloading.changes import RELOADABLE, bridge, compare

RUNNING = Config(
    github=GitHub(client_id="old", client_secret=Secret("old")), session=Session((Secret("old"),))
)


def with_secrets(*secrets: str) -> Config:
    return replace(RUNNING, session=Session(tuple(map(Secret, secrets))))


def revealed(config: Config) -> list[str]:
    return [secret.reveal() for secret in config.session.secrets]


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("github.client_id", replace(RUNNING, github=replace(RUNNING.github, client_id="new"))),
        ("github.client_secret", replace(RUNNING, github=replace(RUNNING.github, client_secret=Secret("n")))),
        ("github.callback_url", replace(RUNNING, github=replace(RUNNING.github, callback_url="https://c"))),
        ("session.secrets", with_secrets("new", "old")),
        ("resolver.mappings_file", replace(RUNNING, resolver=Resolver(mappings_file="m"))),
        ("log.level", replace(RUNNING, log=Log(level="debug"))),
        ("log.format", replace(RUNNING, log=Log(format="json"))),
    ],
)
def test_what_is_taken_over(path: str, read: Config) -> None:
    changes = compare(RUNNING, read)
    assert (changes.config, changes.applied, changes.waiting) == (read, (path,), ())


def test_these_are_all_that_are_taken_over() -> None:
    cases = test_what_is_taken_over.pytestmark[0].args[1]  # type: ignore[attr-defined]  # the table above
    assert {path for path, _ in cases} == RELOADABLE <= set(KEYS)


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("listen", replace(RUNNING, listen=HostPort("h", 1))),
        ("workers", replace(RUNNING, workers=2)),
        ("upstream.url", replace(RUNNING, upstream=Upstream(URL("http://other")))),
        ("github.url", replace(RUNNING, github=replace(RUNNING.github, url=URL("https://ghe")))),
        ("session.secrets", with_secrets()),
    ],
)
def test_what_waits_for_a_restart(path: str, read: Config) -> None:
    changes = compare(RUNNING, read)
    assert (changes.config, changes.applied, changes.waiting) == (RUNNING, (), (path,))


def test_a_first_secret_waits_as_the_last_one_does() -> None:
    assert compare(with_secrets(), RUNNING).waiting == ("session.secrets",)


def test_one_section_may_have_both() -> None:
    github = replace(RUNNING.github, client_id="new", request_timeout=1.0)
    changes = compare(RUNNING, replace(RUNNING, github=github))
    assert changes.config.github == replace(RUNNING.github, client_id="new")
    assert (changes.applied, changes.waiting) == (("github.client_id",), ("github.request_timeout",))


def test_nothing_changed() -> None:
    changes = compare(RUNNING, replace(RUNNING))
    assert (changes.config, changes.applied, changes.waiting) == (RUNNING, (), ())


LISTS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True)


@given(old=LISTS, new=LISTS)
def test_between_two_lists_of_secrets_all_open_and_the_old_one_seals(old: list[str], new: list[str]) -> None:
    between = revealed(bridge(with_secrets(*old), with_secrets(*new)))
    assert between[0] == old[0]
    assert sorted(between) == sorted({*old, *new})


@given(changed=st.sets(st.sampled_from(sorted(RELOADABLE - {"session.secrets"}))), more=st.booleans())
def test_what_is_in_force_is_the_old_with_what_can_be_taken_over(changed: set[str], more: bool) -> None:
    other: dict[str, Any] = {
        "github": GitHub(client_id="new", client_secret=Secret("new"), callback_url="https://new"),
        "resolver": Resolver(mappings_file="new"),
        "log": Log(level="error", format="json"),
    }
    read = RUNNING
    for path in changed:
        section, _, name = path.partition(".")
        part = replace(getattr(read, section), **{name: getattr(other[section], name)})
        read = replace(read, **{section: part})
    changes = compare(RUNNING, replace(read, shutdown_grace=1.0) if more else read)
    assert set(changes.applied) == changed
    assert changes.waiting == (("shutdown_grace",) if more else ())
    assert render(changes.config) == render(read)
    assert all(attrgetter(path)(changes.config) == attrgetter(path)(read) for path in KEYS)
