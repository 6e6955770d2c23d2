from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.connect import headers
from proxy.connect.headers import Compression, Format
from proxy.errors import Code, RpcError


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", Format.JSON),
        ("application/json; charset=utf-8", Format.JSON),
        ('Application/JSON;Charset="UTF-8"', Format.JSON),
        ("application/json;charset=latin1", None),
        ("application/json; charset=utf-8; charset=utf-16", None),
        ("application/proto", Format.PROTO),
        ("application/proto; v=1", Format.PROTO),
        ("application/connect+json", None),
        ("application/connect+proto", None),
        ("application/grpc", None),
        ("application/x-protobuf", None),
        ("application/jsonp", None),
        ("text/json", None),
        ("application/json, application/proto", None),
        ("", None),
        (";", None),
    ],
)
def test_format_of_a_content_type(content_type: str, expected: Format | None) -> None:
    assert headers.format_of(content_type) is expected


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        ("", False),
        ("identity", False),
        ("gzip", True),
        ("GZIP", True),
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("gzip;q=0.001", True),
        ("gzip ; q=0.5", True),
        ("*", True),
        ("*;q=0", False),
        ("*;q=0, gzip", True),
        ("*, gzip;q=0", False),
        ("identity, gzip", True),
        ("identity;q=1, gzip;q=0.5", False),
        ("identity;q=0.5, gzip;q=1", True),
        ("identity;q=0", False),
        ("gzip;q=2", False),
        ("gzip;q=nan", False),
        ("gzip;q=", False),
        ("gzip;level=1", True),
        ("x-gzip-like", False),
        (",,;,", False),
    ],
)
def test_accepting_gzip_respects_quality(accept_encoding: str, expected: bool) -> None:
    assert headers.accepts_gzip(accept_encoding) is expected


@pytest.mark.parametrize(
    ("content_encoding", "expected"),
    [
        ("", Compression.IDENTITY),
        ("identity", Compression.IDENTITY),
        ("gzip", Compression.GZIP),
        (" GZip ", Compression.GZIP),
    ],
)
def test_compression_of_a_body(content_encoding: str, expected: Compression) -> None:
    assert headers.compression_of(content_encoding) is expected


@pytest.mark.parametrize(
    "content_encoding", ["br", "zstd", "deflate", "gzip, gzip", "gzip;q=1", "secret\x00"]
)
def test_an_unknown_compression_is_unimplemented_with_the_list_of_known_ones(content_encoding: str) -> None:
    with pytest.raises(RpcError) as caught:
        headers.compression_of(content_encoding)
    assert caught.value.code is Code.UNIMPLEMENTED
    assert caught.value.message.endswith("supported encodings are identity, gzip.")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), ("0", 0.0), ("1", 0.001), ("0030000", 30.0), ("9999999999", 9_999_999.999)],
)
def test_timeouts_are_milliseconds(value: str | None, expected: float | None) -> None:
    assert headers.timeout_of(value) == expected


@pytest.mark.parametrize("value", ["", "-1", "+1", " 1", "1 ", "1_0", "1.5", "1s", "٣", "12345678901", "1\n"])
def test_malformed_timeouts_are_invalid(value: str) -> None:
    with pytest.raises(RpcError) as caught:
        headers.timeout_of(value)
    assert caught.value.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize("value", [None, "1"])
def test_the_protocol_version_may_be_left_out(value: str | None) -> None:
    headers.check_protocol_version(value)


@pytest.mark.parametrize("value", ["", "0", "2", "1.0", " 1", "v1"])
def test_other_protocol_versions_are_invalid(value: str) -> None:
    with pytest.raises(RpcError) as caught:
        headers.check_protocol_version(value)
    assert caught.value.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("", ""),
        ("4bf92f3577b34da6-a1", "4bf92f3577b34da6-a1"),
        ("a b", ""),
        ("a\r\nSet-Cookie: x", ""),
        ("ä", ""),
        ("x" * 128, "x" * 128),
        ("x" * 129, ""),
    ],
)
def test_a_request_id_is_repeated_only_when_it_is_harmless(value: str | None, expected: str) -> None:
    assert headers.request_id_of(value) == expected


@given(st.text())
def test_no_header_value_surprises_a_reader(value: str) -> None:
    headers.format_of(value)
    headers.accepts_gzip(value)
    headers.request_id_of(value)
    for read in (headers.timeout_of, headers.compression_of, headers.check_protocol_version):
        try:
            read(value)
        except RpcError as error:
            assert error.code in {Code.INVALID_ARGUMENT, Code.UNIMPLEMENTED}  # noqa: PT017 - most values are fine
