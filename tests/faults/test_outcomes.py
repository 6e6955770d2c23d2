"""The table of what answers may be: nothing in it may turn a failure into a lie."""

from __future__ import annotations

import pytest

from faults.judging.outcomes import (
    ABSENT,
    ALSO,
    BROKEN,
    LATE,
    NOT_FOUND,
    PASSED,
    READ,
    REFUSED,
    RIGHT,
    STALE,
    UNAVAILABLE,
    USUAL,
    WRONG,
    Fault,
    Group,
    allowed,
)

ON_ITS_OWN_SIDE = {Fault.STOPPING, Fault.KILLED, Fault.NO_FILES, Fault.NO_MEMORY}
UNSEEN = [Fault.REDIS, Fault.CLIENTS, Fault.NO_LOG, Fault.RELOADING, Fault.UPSTREAM_SLOW]


def test_every_fault_and_every_group_has_its_place() -> None:
    assert set(ALSO) == set(Fault)
    assert set(USUAL) == set(Group)


def test_without_a_fault_there_is_one_right_outcome() -> None:
    for group in Group:
        assert allowed(group, frozenset()) == {NOT_FOUND if group in ABSENT else RIGHT}


@pytest.mark.parametrize("group", Group)
def test_a_lie_and_no_answer_are_never_allowed(group: Group) -> None:
    assert not allowed(group, frozenset(Fault)) & {WRONG, LATE}


@pytest.mark.parametrize("fault", sorted(set(Fault) - {Fault.GITHUB_DENIES}, key=str))
def test_only_github_s_own_word_makes_what_is_there_not_found(fault: Fault) -> None:
    for group in set(Group) - ABSENT:
        assert NOT_FOUND not in allowed(group, frozenset({fault}))


@pytest.mark.parametrize("fault", Fault)
def test_what_is_not_for_a_person_is_never_right(fault: Fault) -> None:
    assert not allowed(Group.HIDDEN, frozenset({fault})) & {RIGHT, STALE}


@pytest.mark.parametrize("fault", UNSEEN)
def test_what_only_makes_things_faster_may_not_be_seen(fault: Fault) -> None:
    for group in Group:
        assert allowed(group, frozenset({fault})) == USUAL[group]


@pytest.mark.parametrize("fault", sorted(set(Fault) - ON_ITS_OWN_SIDE, key=str))
def test_what_is_around_costs_nobody_a_connection_without_need(fault: Fault) -> None:
    for group in Group:
        assert REFUSED not in allowed(group, frozenset({fault}))
        if group not in PASSED:
            assert BROKEN not in allowed(group, frozenset({fault}))


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault.name.startswith("GITHUB")])
def test_github_s_faults_concern_nobody_who_does_not_ask_it(fault: Fault) -> None:
    for group in (*PASSED, Group.APP):
        assert allowed(group, frozenset({fault})) == USUAL[group]
    for group in READ:
        assert allowed(group, frozenset({fault})) >= {RIGHT, STALE, UNAVAILABLE}


def test_faults_add_up() -> None:
    both = frozenset({Fault.UPSTREAM_GONE, Fault.STOPPING})
    assert allowed(Group.PASS, both) == {RIGHT, UNAVAILABLE, BROKEN, REFUSED}
