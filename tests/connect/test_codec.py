from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.connect import codec
from proxy.connect.codec import Encoded
from proxy.connect.headers import Compression, Format
from proxy.errors import Code, RpcError
from proxy.proto import querier_pb2, vcs_pb2
from tests.connect.wire import zipped

MIB = 1024 * 1024


@pytest.mark.parametrize("body", [b"\xff", b"\x0a\x05ab", b"\x0a\x01\xff", b"\x0b" * 200_000, b"garbage"])
def test_broken_protobuf_is_invalid(body: bytes) -> None:
    with pytest.raises(RpcError) as caught:
        codec.decode(vcs_pb2.GetCommitsRequest, Format.PROTO, body)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message == "The request's body is not a vcs.v1.GetCommitsRequest in protobuf."


def test_empty_protobuf_is_an_empty_message() -> None:
    assert codec.decode(vcs_pb2.GithubAppRequest, Format.PROTO, b"") == vcs_pb2.GithubAppRequest()


def test_json_has_camel_case_names_integers_as_strings_and_no_defaults() -> None:
    message = vcs_pb2.GithubLoginResponse(cookie="ä", token_expires_at=9_007_199_254_740_993)
    assert codec.encode(message, Format.JSON) == '{"cookie":"ä","tokenExpiresAt":"9007199254740993"}'.encode()


@given(
    st.builds(
        vcs_pb2.GetFileRequest,
        repositoryURL=st.text(st.characters(exclude_categories=["Cs"])),
        ref=st.text(st.characters(exclude_categories=["Cs"])),
        functionName=st.text(st.characters(exclude_categories=["Cs"])),
    ),
    st.sampled_from(Format),
)
def test_what_is_encoded_is_decoded_again(message: vcs_pb2.GetFileRequest, message_format: Format) -> None:
    assert (
        codec.decode(vcs_pb2.GetFileRequest, message_format, codec.encode(message, message_format)) == message
    )


@given(st.binary(), st.sampled_from(Format), st.sampled_from(Compression))
def test_no_bytes_end_in_anything_but_a_message_or_a_clean_error(
    body: bytes, message_format: Format, compression: Compression
) -> None:
    for message_type in (vcs_pb2.GetCommitsRequest, querier_pb2.SelectMergeStacktracesRequest):
        try:
            codec.decode(message_type, message_format, codec.decompress(body, compression))
        except RpcError as error:
            assert error.code is Code.INVALID_ARGUMENT  # noqa: PT017 - some bytes are fine


def test_gzip_may_have_several_members() -> None:
    body = zipped(b"a" * 10) + zipped(b"") + zipped(b"b")
    assert codec.decompress(body, Compression.GZIP) == b"a" * 10 + b"b"


def test_an_empty_body_is_never_decompressed() -> None:
    assert codec.decompress(b"", Compression.GZIP) == b""


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        zipped(b"abc" * 99)[:-1],
        zipped(b"abc" * 99)[:12],
        zipped(b"abc") + b"x",
        zipped(b"abc")[:-8] + bytes(8),
        zlib.compress(b"abc"),
        zipped(b"") * 100_000,
    ],
)
def test_broken_gzip_is_invalid(body: bytes) -> None:
    with pytest.raises(RpcError) as caught:
        codec.decompress(body, Compression.GZIP)
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_the_limit_is_that_of_the_inflated_body() -> None:
    body = b"x" * MIB
    assert codec.decompress(zipped(body), Compression.GZIP, limit=MIB) == body
    for compression, sent in (
        (Compression.GZIP, zipped(body + b"x")),
        (Compression.IDENTITY, body + b"x"),
    ):
        with pytest.raises(RpcError) as caught:
            codec.decompress(sent, compression, limit=MIB)
        assert caught.value.code is Code.RESOURCE_EXHAUSTED


def test_a_gzip_bomb_is_not_inflated() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(deflate.compress(bytes(MIB)) for _ in range(256)) + deflate.flush()
    tracemalloc.start()
    try:
        with pytest.raises(RpcError) as caught:
            codec.decompress(bomb, Compression.GZIP)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code is Code.RESOURCE_EXHAUSTED
    assert peak < 4 * codec.MAX_REQUEST_SIZE


@given(st.binary(max_size=5000))
def test_compressing_is_undone_by_decompressing(body: bytes) -> None:
    assert gzip.decompress(codec.compress(body)) == body
    assert codec.compress(body) == codec.compress(body)


def test_an_encoded_answer_holds_what_it_was_asked_to() -> None:
    message = vcs_pb2.GetFileResponse(content="a" * 5000)
    answer = Encoded.of(message)
    assert json.loads(answer.body(Format.JSON)) == {"content": "a" * 5000}
    assert vcs_pb2.GetFileResponse.FromString(answer.body(Format.PROTO)) == message
    for message_format in Format:
        assert gzip.decompress(answer.gzipped(message_format) or b"") == answer.body(message_format)
    parts = (answer.json, answer.proto, answer.json_gzip, answer.proto_gzip)
    assert answer.size == sum(len(part or b"") for part in parts)


def test_an_encoded_answer_may_hold_one_format_only() -> None:
    answer = Encoded.of(vcs_pb2.GetFileResponse(content="short"), Format.JSON)
    assert answer.body(Format.JSON) == b'{"content":"short"}'
    assert answer.gzipped(Format.JSON) is None
    with pytest.raises(LookupError, match="application/proto"):
        answer.body(Format.PROTO)


def test_an_encoded_answer_keeps_source_out_of_its_repr() -> None:
    assert "source" not in repr(Encoded.of(vcs_pb2.GetFileResponse(content="source" * 999)))


@pytest.mark.parametrize("code", Code)
def test_the_body_of_an_error(code: Code) -> None:
    body = codec.error_body(RpcError(code, "“quoted” \ud800 \x00"))
    assert body.isascii()
    assert json.loads(body) == {"code": code.value, "message": "“quoted” \ud800 \x00"}
