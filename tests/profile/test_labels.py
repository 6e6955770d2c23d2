from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.profile import Version
from proxy.profile.labels import identity, read_version


@pytest.mark.parametrize(
    ("build_id", "version"),
    [
        ("", Version()),
        ("0123abcd", Version(build_id="0123abcd")),
        ('{"repository":"r","git_ref":"v1","build_id":"b","root_path":"p"}', Version("r", "v1", "p", "b")),
        ('{"repository":"r"}', Version("r")),
        ('{"git_ref":5,"repository":["r"],"root_path":null}', Version()),
        ("[1]", Version(build_id="[1]")),
        ('"text"', Version(build_id='"text"')),
        ("{", Version(build_id="{")),
        ("[" * 10_000, Version(build_id="[" * 10_000)),
        ("1" * 10_000, Version(build_id="1" * 10_000)),
        ('{"git_ref":"\\ud800"}', Version(ref="?")),
    ],
)
def test_what_a_build_id_says(build_id: str, version: Version) -> None:
    assert read_version(build_id) == version


def test_a_build_id_without_end_is_cut_and_not_parsed() -> None:
    version = read_version(json.dumps({"git_ref": "v" * 100_000}))
    assert version.ref == ""
    assert len(version.build_id) == 16 * 1024


@given(st.text())
def test_any_text_is_some_version_that_can_be_sent(build_id: str) -> None:
    for part in read_version(build_id):
        assert isinstance(part, str)


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_any_json_is_some_version(value: object) -> None:
    assert isinstance(read_version(json.dumps(value)), Version)


def test_a_ref_makes_builds_one_version() -> None:
    assert identity(Version("r", "v1", "p", "b")) == Version("r", "v1", "p")
    assert identity(Version("r", "", "p", "b")) == Version("r", "", "p", "b")
