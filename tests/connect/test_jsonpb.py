from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.connect import codec
from proxy.connect.headers import Format
from proxy.errors import Code, RpcError
from proxy.proto import profile_pb2, querier_pb2, vcs_pb2


def refused(body: bytes) -> RpcError:
    with pytest.raises(RpcError) as caught:
        codec.decode(vcs_pb2.GetCommitsRequest, Format.JSON, body)
    assert caught.value.code is Code.INVALID_ARGUMENT
    return caught.value


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", vcs_pb2.GetCommitsRequest()),
        (b' \n{"repositoryUrl":"r"}\t', vcs_pb2.GetCommitsRequest(repository_url="r")),
        (
            b'{"repository_url":"r","refs":["a","b"]}',
            vcs_pb2.GetCommitsRequest(repository_url="r", refs=["a", "b"]),
        ),
        (b'{"repositoryUrl":null,"refs":null}', vcs_pb2.GetCommitsRequest()),
        (b'{"new":{"deep":[1e400,{}]},"refs":["a"]}', vcs_pb2.GetCommitsRequest(refs=["a"])),
        ('{"refs":["\\u00e4ö😀"]}'.encode(), vcs_pb2.GetCommitsRequest(refs=["äö😀"])),
    ],
)
def test_json_that_is_understood(body: bytes, expected: vcs_pb2.GetCommitsRequest) -> None:
    assert codec.decode(vcs_pb2.GetCommitsRequest, Format.JSON, body) == expected


@pytest.mark.parametrize(
    "value", [b"1700000000123", b'"1700000000123"', b"1700000000123.0", b"1.700000000123e12"]
)
def test_64_bit_integers_come_as_strings_or_numbers(value: bytes) -> None:
    body = b'{"start":' + value + b"}"
    assert codec.decode(querier_pb2.ProfileTypesRequest, Format.JSON, body).start == 1_700_000_000_123


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" ", "line 1, column 2"),
        (b"{", "not JSON"),
        (b"{'refs':[]}", "not JSON"),
        (b'{"refs":[]} x', "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"refs":["\xff"]}', "not UTF-8"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b'"text"', "not an object"),
        (b'{"refs":[],"refs":[]}', "twice"),
        (b'{"x":{"a":1,"a":1}}', "twice"),
        (b'{"repositoryUrl":"a","repository_url":"a"}', "both of its names"),
        (b'{"x":NaN}', "NaN"),
        (b'{"x":-Infinity}', "NaN or Infinity"),
        (b'{"x":' + b"9" * 5000 + b"}", "far too long"),
        (b'{"x":' + b"[" * 200_000, "nested too deeply"),
        (b'{"x":' + b'{"x":' * 200_000, "nested too deeply"),
        (b'{"refs":' + b"[" * 500 + b"]" * 500 + b"}", "field refs must be a list, each entry a string"),
        (b'{"refs":"a"}', "field refs must be a list, each entry a string"),
        (b'{"refs":[1]}', "field refs must be a list, each entry a string"),
        (b'{"repositoryUrl":{}}', "field repositoryUrl must be a string"),
        (b'{"repository_url":7}', "field repository_url must be a string"),
        (b'{"repositoryUrl":"\\ud800"}', "field repositoryUrl must be a string"),
    ],
)
def test_json_that_is_refused_says_why(body: bytes, words: str) -> None:
    assert words in refused(body).message


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("start", '"x"', "a 64-bit integer, as a string or a number"),
        ("start", "9223372036854775808", "a 64-bit integer, as a string or a number"),
        ("start", "1.5", "a 64-bit integer, as a string or a number"),
        ("format", "[]", "a name or number of its enumeration"),
        ("stackTraceSelector", "[]", "an object with the fields of types.v1.StackTraceSelector"),
        ("stackTraceSelector", '"callSite"', "an object with the fields of types.v1.StackTraceSelector"),
        (
            "stackTraceSelector",
            '{"callSite":[{"name":1}]}',
            "an object with the fields of types.v1.StackTraceSelector",
        ),
    ],
)
def test_a_field_of_the_wrong_type_is_told_what_fits(field: str, value: str, words: str) -> None:
    with pytest.raises(RpcError) as caught:
        codec.decode(
            querier_pb2.SelectMergeStacktracesRequest, Format.JSON, f'{{"{field}":{value}}}'.encode()
        )
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message == f"The request's field {field} must be {words}."


def test_shapes_are_checked_inside_messages_too() -> None:
    for value, words in (
        (
            '{"callSite":["main"]}',
            "field callSite must be a list, each entry an object with the fields of types",
        ),
        ('{"callSite":"main"}', "field callSite must be a list"),
        ('{"callSite":[],"call_site":[]}', "gives the field call_site under both of its names"),
    ):
        with pytest.raises(RpcError, match=words):
            codec.decode(
                querier_pb2.SelectMergeProfileRequest,
                Format.JSON,
                f'{{"stackTraceSelector":{value}}}'.encode(),
            )


def test_a_name_that_a_newer_enumeration_has_is_ignored() -> None:
    body = b'{"format":"PROFILE_FORMAT_FUNCTIONS","start":"1"}'
    message = codec.decode(querier_pb2.SelectMergeStacktracesRequest, Format.JSON, body)
    assert message == querier_pb2.SelectMergeStacktracesRequest(start=1)


def test_every_kind_of_field_has_words() -> None:
    kinds = [
        (querier_pb2.SelectMergeStacktracesResponse, "tree", 1),
        (profile_pb2.Mapping, "hasFunctions", "x"),
    ]
    kinds += [(profile_pb2.Mapping, "id", -1), (querier_pb2.SelectSeriesRequest, "step", "x")]
    for message_type, name, value in kinds:
        with pytest.raises(RpcError, match=f"field {name} must be "):
            codec.decode(message_type, Format.JSON, json.dumps({name: value}).encode())


def test_no_error_repeats_what_was_sent() -> None:
    secret = "0123456789-code"
    for body in (f'{{"refs":"{secret}"}}', f'{{"{secret}":1,"{secret}":1}}', f'{{"x": {secret}'):
        assert secret not in refused(body.encode()).message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    ["profileTypeID", "profile_typeID", "start", "maxNodes", "format", "stackTraceSelector", "x"]
)


@given(st.dictionaries(names, json_values))
def test_no_json_ends_in_anything_but_a_message_or_a_clean_error(fields: dict[str, object]) -> None:
    try:
        codec.decode(querier_pb2.SelectMergeStacktracesRequest, Format.JSON, json.dumps(fields).encode())
    except RpcError as error:
        assert error.code is Code.INVALID_ARGUMENT  # noqa: PT017 - some values are fine
