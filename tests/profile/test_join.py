"""Each rule of counting in a profile small enough to count by hand."""

from __future__ import annotations

import pytest

from proxy.errors import Code, RpcError
from proxy.profile import Joined, Question, Value, Version, join
from proxy.profile.counting import sample_index
from tests.profile.building import CPU, V1, V2, Builder

F = Question("f", CPU)


def joined(builder: Builder, question: Question = F) -> Joined:
    return join(builder.encoded(), question)


def lines(builder: Builder, question: Question = F) -> dict[int, Value]:
    (use,) = joined(builder, question).uses
    return use.lines


def test_a_leaf_has_self_and_total_and_a_caller_total_alone() -> None:
    builder = Builder()
    leaf, caller, main = builder.at("g", 7), builder.at("f", 3), builder.at("main", 9)
    builder.sample(10, leaf, caller, main)
    builder.sample(5, builder.at("f", 4), main)
    (use,) = joined(builder).uses
    assert use.lines == {3: Value(0, 10), 4: Value(5, 5)}
    assert use.value == Value(5, 15)


def test_recursion_counts_once_for_each_sample_and_line() -> None:
    builder = Builder()
    first, second = builder.at("f", 3), builder.at("f", 4)
    builder.sample(10, second, first, first, first)
    (use,) = joined(builder).uses
    assert use.lines == {3: Value(0, 10), 4: Value(10, 10)}
    assert use.value == Value(10, 10)


def test_two_calls_in_one_line_are_one_line() -> None:
    # return fib(n-1) + fib(n-2): one line, two addresses.
    builder = Builder()
    function = builder.function("f")
    one, other = builder.location((function, 3)), builder.location((function, 3))
    builder.sample(10, one, other, one)
    assert lines(builder) == {3: Value(10, 10)}


def test_the_first_line_of_an_inlined_leaf_is_the_leaf() -> None:
    builder = Builder()
    inner, outer = builder.function("f"), builder.function("g")
    builder.sample(10, builder.location((inner, 3), (outer, 8)))
    assert lines(builder) == {3: Value(10, 10)}
    assert lines(builder, Question("g", CPU)) == {8: Value(0, 10)}


def test_a_function_inlined_into_itself_counts_once() -> None:
    builder = Builder()
    function = builder.function("f")
    builder.sample(10, builder.location((function, 3), (function, 3), (function, 4)))
    (use,) = joined(builder).uses
    assert (use.lines, use.value) == ({3: Value(10, 10), 4: Value(0, 10)}, Value(10, 10))


def test_a_version_that_ran_more_is_told_first() -> None:
    builder = Builder()
    old = builder.at("f", 3, start=2, mapping=builder.mapping(V1))
    new = builder.at("f", 5, start=4, mapping=builder.mapping(V2))
    builder.sample(10, old)
    builder.sample(30, new)
    uses = joined(builder).uses
    assert [(use.version.ref, use.value.total, use.start_line) for use in uses] == [
        ("v2", 30, 4),
        ("v1", 10, 2),
    ]


def test_builds_of_one_commit_are_one_version_and_a_sample_counts_once_in_it() -> None:
    builder = Builder()
    one = builder.at("f", 3, mapping=builder.mapping({**V1, "build_id": "1"}))
    other = builder.at("f", 3, mapping=builder.mapping({**V1, "build_id": "2"}))
    builder.sample(10, one, other)
    (use,) = joined(builder).uses
    assert (use.value, use.version) == (
        Value(10, 10),
        Version(V1["repository"], "v1", "services/checkout", "1"),
    )


def test_builds_without_a_ref_are_versions_of_their_own() -> None:
    builder = Builder()
    for build_id in ("1", "2", {"repository": "r", "build_id": "3"}, {"repository": "r", "build_id": "4"}):
        builder.sample(10, builder.at("f", 3, mapping=builder.mapping(build_id)))
    versions = {use.version for use in joined(builder).uses}
    assert versions == {
        Version(build_id="1"),
        Version(build_id="2"),
        Version("r", build_id="3"),
        Version("r", build_id="4"),
    }


def test_a_function_of_the_same_name_in_another_file_is_another() -> None:
    builder = Builder()
    builder.sample(10, builder.at("f", 3, file="a.go"), builder.at("f", 4, file="b.go"))
    assert [(use.file, use.value) for use in joined(builder).uses] == [
        ("a.go", Value(10, 10)),
        ("b.go", Value(0, 10)),
    ]


def test_the_first_start_line_that_is_known_counts() -> None:
    builder = Builder()
    for start in (0, 12, 4, -3):
        builder.sample(1, builder.at("f", 14, start=start))
    (use,) = joined(builder).uses
    assert use.start_line == 4


def test_samples_without_locations_or_values_count_nowhere() -> None:
    builder = Builder()
    location = builder.at("f", 3)
    builder.sample(10)
    builder.profile.sample.add(location_id=[location])
    builder.sample(7, location)
    result = joined(builder)
    assert (result.samples, result.uses[0].value) == (3, Value(7, 7))


def test_a_leaf_that_is_not_known_is_nobody_s_self() -> None:
    builder = Builder()
    function = builder.function("f")
    unsymbolized, known = builder.location(), builder.location((function, 3))
    missing_function = builder.location((99, 1), (function, 5))
    for leaf in (unsymbolized, 77):
        builder.sample(10, leaf, known)
    builder.sample(1, missing_function)
    assert lines(builder) == {3: Value(0, 20), 5: Value(0, 1)}


def test_the_negative_values_of_a_difference_are_left_as_they_are() -> None:
    builder = Builder()
    location = builder.at("f", 3)
    builder.sample(10, location)
    builder.sample(-25, location)
    assert lines(builder) == {3: Value(-15, -15)}


def test_what_adds_up_to_nothing_is_told_and_zero_is_not() -> None:
    builder = Builder()
    builder.sample(10, builder.at("f", 3))
    builder.sample(-10, builder.at("f", 3))
    builder.sample(0, builder.at("f", 4))
    assert lines(builder) == {3: Value(0, 0)}


def test_sums_beyond_what_an_answer_holds_stop_there() -> None:
    builder = Builder()
    for _ in range(3):
        builder.sample(2**63 - 1, builder.at("f", 3))
        builder.sample(-(2**63), builder.at("g", 3))
    assert lines(builder) == {3: Value(2**63 - 1, 2**63 - 1)}
    assert lines(builder, Question("g", CPU)) == {3: Value(-(2**63), -(2**63))}


def test_the_profile_type_chooses_among_sample_types() -> None:
    builder = Builder()
    builder.profile.sample_type.add(type=builder.string("samples"), unit=builder.string("count"))
    builder.profile.sample.add(location_id=[builder.at("f", 3)], value=[100, 4])
    counted = joined(builder, Question("f", "process_cpu:samples:count:cpu:nanoseconds"))
    assert (counted.unit, counted.uses[0].value) == ("count", Value(4, 4))
    assert joined(builder).uses[0].value == Value(100, 100)


@pytest.mark.parametrize(
    ("types", "default", "profile_type", "index"),
    [
        ([("samples", "count"), ("cpu", "nanoseconds")], "", CPU, 1),
        ([("cpu", "count"), ("cpu", "nanoseconds")], "", CPU, 1),
        ([("cpu", "milliseconds"), ("samples", "count")], "", CPU, 0),
        ([("a", "x"), ("b", "x"), ("c", "x")], "b", CPU, 1),
        ([("a", "x"), ("b", "x")], "gone", CPU, 1),
        ([("", "")], "", CPU, 0),
        ([], "", CPU, 0),
        ([("a", "x"), ("", "")], "", "nonsense", 1),
    ],
)
def test_which_value_of_a_sample_counts(
    types: list[tuple[str, str]], default: str, profile_type: str, index: int
) -> None:
    assert sample_index(types, default, profile_type) == index


def test_the_unit_is_that_of_the_profile_type_where_the_profile_has_none() -> None:
    builder = Builder()
    builder.profile.sample_type[0].Clear()
    builder.sample(1, builder.at("f", 3))
    assert joined(builder).unit == "nanoseconds"


@pytest.mark.parametrize(
    ("path", "total"),
    [
        ((), 111),
        (("main",), 111),
        (("main", "f"), 11),
        (("main", "f", "g"), 10),
        (("main", "g"), 100),
        (("f",), 0),
        (("main", "f", "g", "f", "more"), 0),
        (("main", "nobody"), 0),
    ],
)
def test_a_call_path_keeps_the_stacks_that_begin_with_it(path: tuple[str, ...], total: int) -> None:
    builder = Builder()
    main, f, g = (builder.at(name, 1) for name in ("main", "f", "g"))
    nameless = builder.location()
    builder.sample(1, f, nameless, main)
    builder.sample(10, f, g, f, main)
    builder.sample(100, f, g, main)
    uses = joined(builder, Question("f", CPU, path)).uses
    assert sum(use.value.total for use in uses) == total


def test_a_call_path_goes_through_inlined_calls() -> None:
    builder = Builder()
    main, inlined, f = (builder.function(name) for name in ("main", "inlined", "f"))
    builder.sample(10, builder.location((f, 3)), builder.location((inlined, 2), (main, 1)))
    for path, found in ((("main", "inlined"), 1), (("inlined", "main"), 0), (("main", "inlined", "f"), 1)):
        assert len(joined(builder, Question("f", CPU, path)).uses) == found


def test_nodes_that_pyroscope_left_out_are_noticed() -> None:
    builder = Builder()
    builder.sample(10, builder.at("f", 3))
    builder.at("other", 3, file="main.go")
    assert not joined(builder).cut
    builder.at("other", 0, file="")
    assert joined(builder).cut


def test_the_order_of_the_tables_in_the_profile_does_not_matter() -> None:
    builder = Builder()
    builder.sample(10, builder.at("f", 3, mapping=builder.mapping(V1)))
    whole = builder.profile
    backwards = b"".join(
        type(whole)(**{name: getattr(whole, name)}).SerializeToString()
        for name in ("string_table", "function", "location", "mapping", "sample", "sample_type")
    )
    assert join(backwards, F) == joined(builder)


def test_an_empty_profile_says_nothing() -> None:
    assert join(b"", F) == Joined(unit="nanoseconds")


def test_a_function_in_more_lines_than_anybody_reads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.profile.counting.MOST_LINES", 2)
    builder = Builder()
    for line in (1, 2, 3):
        builder.sample(1, builder.at("f", line))
    with pytest.raises(RpcError, match="more than 2 lines") as caught:
        joined(builder)
    assert caught.value.code is Code.RESOURCE_EXHAUSTED
