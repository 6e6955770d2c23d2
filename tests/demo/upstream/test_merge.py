from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.demo.upstream.merge import OTHER, Merger
from proxy.demo.upstream.stacks import stacks

from .profiles import CPU, SAMPLES, UNHURRIED, Builder, flattened, of_stacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.proto import profile_pb2


def merged(
    profiles: Sequence[profile_pb2.Profile], index: int = 0, max_nodes: int = 0
) -> profile_pb2.Profile:
    merger = Merger()
    for profile in profiles:
        merger.add(profile, [(stack, stack.values[index]) for stack in stacks(profile)])
    return merger.finish(CPU, start_ms=1000, end_ms=16_000, period=10, max_nodes=max_nodes)


def check_numbering(profile: profile_pb2.Profile) -> None:
    """Everything is numbered from 1 without gaps, nothing is there twice, nothing that nobody needs."""
    for table in (profile.location, profile.function, profile.mapping):
        assert [each.id for each in table] == list(range(1, len(table) + 1))
    assert profile.string_table[0] == ""
    assert len(set(profile.string_table)) == len(profile.string_table)
    assert {number for sample in profile.sample for number in sample.location_id} == {
        location.id for location in profile.location
    }
    assert {line.function_id for location in profile.location for line in location.line} == {
        function.id for function in profile.function
    }
    assert {location.mapping_id for location in profile.location} - {0} == {
        mapping.id for mapping in profile.mapping
    }
    assert all(len(sample.value) == 1 for sample in profile.sample)
    keys = [tuple(sample.location_id) for sample in profile.sample]
    assert len(set(keys)) == len(keys)


def test_equal_stacks_are_added_up_whatever_their_numbers() -> None:
    one = of_stacks([("main;work", [5]), ("main;idle", [1])])
    other = of_stacks([("main;idle", [2]), ("main;work", [7]), ("main", [4])])
    found = merged([one, other])
    check_numbering(found)
    by_names = {stack.names: stack.values for stack in stacks(found)}
    # Addresses tell the locations of the two apart, names do not.
    assert sum(value for names, (value,) in by_names.items() if names == ("main",)) == 4
    assert sum(flattened(found).values()) == 19


def test_one_profile_twice_is_each_value_twice() -> None:
    profile = of_stacks([("main;work", [5]), ("main", [3])], first_id=40)
    found = merged([profile, profile])
    check_numbering(found)
    assert flattened(found) == Counter({stack: 2 * value for stack, value in flattened(profile).items()})


def test_versions_stay_apart_by_their_mappings() -> None:
    found = merged([of_stacks([("main", [1])], build_id=version) for version in ("one", "two", "one")])
    check_numbering(found)
    assert [found.string_table[mapping.build_id] for mapping in found.mapping] == ["one", "two"]
    assert [sample.value[0] for sample in found.sample] == [2, 1]
    assert len(found.function) == 1


def test_inlined_frames_stay_in_one_location() -> None:
    builder = Builder()
    inlined = builder.location(("leaf", "a.go", 1), ("caller", "a.go", 9))
    builder.sample([inlined], 5)
    found = merged([builder.profile])
    assert flattened(found) == flattened(builder.profile)
    assert len(found.location[0].line) == 2


def test_nothing_that_no_sample_needs_is_kept() -> None:
    profile = of_stacks([("main;gone", [0]), ("main;kept", [3])])
    found = merged([profile])
    check_numbering(found)
    assert "gone" not in found.string_table


def test_the_head_says_what_it_is() -> None:
    found = merged([of_stacks([("main", [1])])])
    strings = found.string_table
    assert [(strings[each.type], strings[each.unit]) for each in found.sample_type] == [
        ("cpu", "nanoseconds")
    ]
    assert (strings[found.period_type.type], strings[found.period_type.unit]) == ("cpu", "nanoseconds")
    assert (found.period, found.time_nanos, found.duration_nanos) == (10, 16 * 10**9, 15 * 10**9)


def test_nothing_merged_is_an_empty_profile() -> None:
    found = Merger().finish(SAMPLES, start_ms=0, end_ms=0)
    assert not found.sample
    assert list(found.string_table) == ["", "samples", "count", "cpu", "nanoseconds"]


def test_what_is_small_becomes_other_below_its_caller() -> None:
    profile = of_stacks([("main;big", [90]), ("main;small;deep", [4]), ("main;tiny", [3]), ("main", [3])])
    found = merged([profile], max_nodes=2)
    check_numbering(found)
    assert {stack.names: stack.values[0] for stack in stacks(found)} == {
        ("main", "big"): 90,
        ("main", OTHER): 7,
        ("main",): 3,
    }


def test_a_profile_small_enough_is_not_cut() -> None:
    profile = of_stacks([("main;big", [90]), ("main;small", [4])])
    assert flattened(merged([profile], max_nodes=3)) == flattened(profile)


NAMES = st.sampled_from(["main", "a", "b", "c", "d"])
STACKS = st.lists(NAMES, min_size=1, max_size=6).map(";".join)
SAMPLES_OF = st.lists(st.tuples(STACKS, st.lists(st.integers(0, 1000), min_size=2, max_size=2)), max_size=12)
PROFILES = st.lists(
    st.builds(
        of_stacks, SAMPLES_OF, build_id=st.sampled_from(["", "one", "two"]), first_id=st.integers(1, 9)
    ),
    max_size=5,
)


@UNHURRIED
@given(PROFILES, st.integers(0, 1))
def test_it_says_what_adding_up_by_hand_says(profiles: list[profile_pb2.Profile], index: int) -> None:
    found = merged(profiles, index)
    expected: Counter[tuple[object, ...]] = Counter()
    for profile in profiles:
        expected += flattened(profile, index)
    assert flattened(found) == expected
    check_numbering(found)


@UNHURRIED
@given(PROFILES, st.integers(1, 8))
def test_cutting_loses_nothing_of_the_total(profiles: list[profile_pb2.Profile], max_nodes: int) -> None:
    whole, found = merged(profiles), merged(profiles, max_nodes=max_nodes)
    assert sum(sample.value[0] for sample in found.sample) == sum(sample.value[0] for sample in whole.sample)
    kept = {stack.names for stack in stacks(found) if stack.names[0] != OTHER or len(stack.names) > 1}
    roots = {stack.names[0] for stack in stacks(whole)}
    assert {names[0] for names in kept} <= roots | {OTHER}


@pytest.mark.parametrize("recursive", ["main;main", "main;a;main;a"])
def test_recursion_is_kept(recursive: str) -> None:
    profile = of_stacks([(recursive, [5])])
    assert flattened(merged([profile])) == flattened(profile)
