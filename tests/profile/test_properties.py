"""Profiles of all kinds, counted by the rules and by a slow and obvious implementation of them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.profile import FunctionUse, Question, join
from proxy.profile.labels import identity
from proxy.proto import profile_pb2
from tests.profile.building import CPU, profiles
from tests.profile.slow import Counted, Key, count

_LARGEST, _SMALLEST = 2**63 - 1, -(2**63)
_paths = st.lists(st.sampled_from(["f", "g", "main", "nobody", ""]), max_size=3).map(tuple)


def _key(use: FunctionUse) -> Key:
    version = identity(use.version)
    return version.repository, version.ref, version.root_path, version.build_id, use.file


def _fitting(value: int) -> int:
    return max(_SMALLEST, min(_LARGEST, value))


def _bounded(counted: Counted) -> Counted:
    lines = {line: (_fitting(own), _fitting(total)) for line, (own, total) in counted.lines.items()}
    return Counted(_fitting(counted.self), _fitting(counted.total), lines)


@given(profile=profiles(), name=st.sampled_from(["f", "g", "main", "other"]), path=_paths)
@example(profile=profile_pb2.Profile(), name="f", path=())
def test_counting_agrees_with_the_obvious_way(
    profile: profile_pb2.Profile, name: str, path: tuple[str, ...]
) -> None:
    # One sample type at most: which one counts is a subject of its own.
    del profile.sample_type[1:]
    question = Question(name, CPU, path)
    joined = join(profile.SerializeToString(), question)
    found = {
        _key(use): Counted(
            use.value.self, use.value.total, {line: (v.self, v.total) for line, v in use.lines.items()}
        )
        for use in joined.uses
    }
    assert found == {key: _bounded(one) for key, one in count(profile, question, 0).items()}
    assert joined.samples == len(profile.sample)
    totals = [use.value.total for use in joined.uses]
    assert totals == sorted(totals, reverse=True)


@given(profile=profiles(), data=st.data())
def test_pieces_of_any_size_and_order_give_the_same(
    profile: profile_pb2.Profile, data: st.DataObject
) -> None:
    question = Question("f", CPU, ("main",))
    whole = join(profile.SerializeToString(), question)
    names = [field.name for field, _ in profile.ListFields()]
    parts = [
        type(profile)(**{name: getattr(profile, name)}).SerializeToString()
        for name in data.draw(st.permutations(names))
    ]
    size = data.draw(st.integers(1, 64))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("proxy.profile.wire.PIECE", size)
        assert join(b"".join(parts), question) == whole
