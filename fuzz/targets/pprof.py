"""A profile in pprof format, alone and in an answer of Pyroscope, held against protobuf and a plain count."""

from __future__ import annotations

import json

from google.protobuf.message import DecodeError

from fuzz.targets.target import assert_sentence, split
from proxy.errors import Code, RpcError
from proxy.joining.body import Body
from proxy.profile import Joined, Question, join, profile_of
from proxy.proto import profile_pb2
from tests.profile.slow import count

_KINDS = (b"profile", b"path", b"answer", b"gzip")
_CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
_REFUSALS = (Code.INTERNAL, Code.RESOURCE_EXHAUSTED)
_LARGEST, _SMALLEST = 2**63 - 1, -(2**63)
_PLAINLY_COUNTED = 4096
"""Bytes up to which the plain count, which takes quadratic time, is made."""
_LIMIT = 16 * 1024


def check(data: bytes) -> None:
    """Reading ends in counts or a refusal; where protobuf can read it, they are what a plain count says."""
    kind, content = split(data, _KINDS)
    question = Question("f", _CPU, ("main",) if kind == b"path" else ())
    try:
        if kind == b"gzip":
            _unpack(content)
            return
        profile = profile_of(content) if kind == b"answer" else content
        joined = None if profile is None else join(profile, question)
    except RpcError as error:
        assert error.code in _REFUSALS
        assert_sentence(error.message)
        return
    if joined is not None and profile is not None:
        _compare(bytes(profile), question, joined)


def _unpack(content: bytes) -> None:
    """However it comes, it unpacks to the same, and never to more than is allowed."""
    outcomes = []
    for step in (len(content) or 1, 1 + len(content) // 3):
        body = Body("gzip", _LIMIT)
        try:
            for at in range(0, len(content), step):
                body.feed(content[at : at + step])
            outcomes.append(bytes(body.finish()))
            assert len(outcomes[-1]) <= _LIMIT
        except RpcError as error:
            assert error.code in _REFUSALS
            outcomes.append(b"")
    assert outcomes[0] == outcomes[1]


def _compare(data: bytes, question: Question, joined: Joined) -> None:
    try:
        profile = profile_pb2.Profile.FromString(data)
    except DecodeError:
        return  # strings that are no UTF-8, say, which C++ programs have
    assert joined.samples == len(profile.sample)
    totals = [use.value.total for use in joined.uses]
    assert totals == sorted(totals, reverse=True)
    simple = len(profile.sample_type) <= 1 and all(map(_is_simple, profile.string_table))
    if not simple or len(data) > _PLAINLY_COUNTED:
        return
    slow = count(profile, question, 0)
    assert len(slow) == len(joined.uses)
    assert sorted(_fitting(counted.total) for counted in slow.values()) == sorted(totals)
    assert sorted(_fitting(counted.self) for counted in slow.values()) == sorted(
        use.value.self for use in joined.uses
    )


def _is_simple(text: str) -> bool:
    """Whether it is no build id that is read in more ways than the plain count knows."""
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        return True
    return not isinstance(parts, dict)


def _fitting(value: int) -> int:
    return max(_SMALLEST, min(_LARGEST, value))
