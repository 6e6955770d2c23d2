"""Whatever is sent in place of a profile ends in an answer or in an error that says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Code, RpcError
from proxy.profile import Question, Value, join, profile_of
from proxy.profile.wire import Piece, pieces
from proxy.proto import profile_pb2, querier_pb2
from tests.profile.building import CPU, Builder, profiles

if TYPE_CHECKING:
    from collections.abc import Callable

F = Question("f", CPU)


def small() -> bytes:
    builder = Builder()
    builder.sample(10, builder.at("f", 3))
    return builder.encoded()


def code_of(read: Callable[[], object]) -> Code | None:
    """The code of the error that reading ends in; ``None`` when it ends in an answer."""
    try:
        read()
    except RpcError as error:
        return error.code
    return None


@given(st.binary(max_size=200))
def test_garbage_is_read_or_refused(data: bytes) -> None:
    assert code_of(lambda: join(data, F)) in (None, Code.INTERNAL)
    assert code_of(lambda: profile_of(data)) in (None, Code.INTERNAL)


@given(profile=profiles(), data=st.data())
def test_a_profile_that_was_changed_is_read_or_refused(
    profile: profile_pb2.Profile, data: st.DataObject
) -> None:
    encoded = bytearray(profile.SerializeToString()) or bytearray(b"\0")
    for _ in range(data.draw(st.integers(1, 4))):
        encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    assert code_of(lambda: join(encoded, F)) in (None, Code.INTERNAL)


@pytest.mark.parametrize(
    "data",
    [
        b"\x12",
        b"\x12\x05ab",
        b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x12" + b"\xff" * 20,
        b"\xff" * 20,
        b"\x13\x14",
        b"\x00\x00",
        b"\x05\x00\x00\x00\x00",
        b"\x0f",
        b"\x12\x03\x0a\x05\x01",
        b"<html>no such page</html>",
        small()[:-1],
        small() + b"\x08",
    ],
)
def test_bytes_that_are_no_profile_are_called_so(data: bytes) -> None:
    with pytest.raises(RpcError, match="not a profile") as caught:
        join(data, F)
    assert caught.value.code is Code.INTERNAL


def test_fields_that_are_not_known_are_passed_over() -> None:
    # A varint, eight bytes, four bytes and a text under numbers that nobody uses, one of them a large one.
    unknown = (
        b"\xa8\x01\x07" + b"\xa9\x01" + b"8" * 8 + b"\xad\x01" + b"4" * 4 + b"\xfa\xff\xff\xff\x0f\x02hi"
    )
    assert join(unknown + small() + unknown, F) == join(small(), F)


def test_a_name_that_is_no_utf_8_harms_no_other() -> None:
    spoiled = small().replace(b"main.go", b"ma\xff\xfe.go")
    (use,) = join(spoiled, F).uses
    assert (use.file, use.value) == ("ma\ufffd\ufffd.go", Value(10, 10))


@pytest.mark.parametrize(
    "name", ["f" * 1_000_000, "<script>alert(1)</script>", "a\nb\0c", "\u202eevil", "💥"]
)
def test_names_are_texts_like_any_other(name: str) -> None:
    builder = Builder()
    builder.sample(10, builder.at(name, 3))
    (use,) = join(builder.encoded(), Question(name, CPU)).uses
    assert use.value == Value(10, 10)


def test_gigantic_paths_and_build_ids_are_cut() -> None:
    builder = Builder()
    builder.sample(10, builder.at("f", 3, file="p" * 1_000_000, mapping=builder.mapping("b" * 1_000_000)))
    (use,) = join(builder.encoded(), F).uses
    assert len(use.file) < 100_000
    assert len(use.version.build_id) < 100_000


def test_fields_that_are_mixed_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.profile.wire.MOST_PIECES", 10)
    with pytest.raises(RpcError, match="not a profile"):
        join(b"\x12\x00\x22\x00" * 20, F)
    assert join(b"\x12\x00" * 1000 + b"\x22\x00" * 1000, F).samples == 1000


@pytest.mark.parametrize("function", [False, True])
def test_one_function_that_fills_the_profile_is_refused(
    function: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proxy.profile.tables.MOST_SPOTS", 5)
    builder = Builder()
    number = builder.function("f")
    for line in range(20):
        builder.sample(1, builder.at("f", line) if function else builder.location((number, line)))
    with pytest.raises(RpcError, match="narrower label selector") as caught:
        join(builder.encoded(), F)
    assert caught.value.code is Code.RESOURCE_EXHAUSTED


def test_sample_types_without_end_are_refused() -> None:
    with pytest.raises(RpcError, match="not a profile"):
        join(b"\x0a\x00" * 2000, F)


def test_a_stack_that_goes_round_in_circles_ends() -> None:
    builder = Builder()
    f, g = builder.at("f", 3), builder.at("g", 4)
    builder.sample(10, *[f, g] * 100_000)
    (use,) = join(builder.encoded(), Question("f", CPU, ("g", "f", "g"))).uses
    assert use.lines == {3: Value(10, 10)}


def test_pieces_hold_whole_fields_of_one_kind() -> None:
    data = b"\x12\x01a" * 3 + b"\x32\x01b" + b"\x38\x05"
    assert pieces(data) == [Piece(2, 0, 9), Piece(6, 9, 12), Piece(7, 12, 14)]


def test_an_answer_in_another_format_has_no_profile() -> None:
    graph = querier_pb2.SelectMergeStacktracesResponse(flamegraph=querier_pb2.FlameGraph(names=["total"]))
    assert profile_of(graph.SerializeToString()) is None
    assert profile_of(b"") is None


def test_the_profile_of_an_answer_may_be_empty_or_come_in_parts() -> None:
    answer = querier_pb2.SelectMergeStacktracesResponse()
    answer.pprof.SetInParent()
    assert profile_of(answer.SerializeToString()) == b""
    answer.pprof.profile.ParseFromString(small())
    assert profile_of(answer.SerializeToString()) == small()
    halves = [profile_pb2.Profile(time_nanos=1), profile_pb2.Profile(period=2)]
    parts = b"".join(
        querier_pb2.SelectMergeStacktracesResponse(
            pprof=querier_pb2.PprofProfile(profile=half)
        ).SerializeToString()
        for half in halves
    )
    found = profile_of(parts)
    assert found is not None
    assert profile_pb2.Profile.FromString(bytes(found)) == profile_pb2.Profile(time_nanos=1, period=2)
