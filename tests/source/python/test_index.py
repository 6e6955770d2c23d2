from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.python import index


def answer(**info: Any) -> bytes:
    return json.dumps({"info": {"name": "requests", "version": "2.32.0", **info}}).encode()


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"project_urls": {"Source": "https://github.com/psf/requests"}}, "psf/requests"),
        ({"project_urls": {"Source Code": "https://github.com/psf/requests.git"}}, "psf/requests"),
        (
            {
                "project_urls": {
                    "Homepage": "https://github.com/other/site",
                    "Repository": "https://github.com/psf/requests",
                }
            },
            "psf/requests",
        ),
        (
            {
                "project_urls": {
                    "Documentation": "https://github.com/other/docs",
                    "Homepage": "https://github.com/psf/requests/",
                }
            },
            "psf/requests",
        ),
        ({"project_urls": {"Code": "https://github.com/psf/requests/tree/main/src"}}, "psf/requests"),
        ({"project_urls": {"Bug Tracker": "https://github.com/other/tracker/issues"}}, None),
        ({"project_urls": {"Bug Tracker": "https://github.com/psf/requests/issues"}}, "psf/requests"),
        (
            {
                "project_urls": {
                    "Sponsor": "https://github.com/sponsors/psf",
                    "Mirror": "https://github.com/psf/requests",
                }
            },
            "psf/requests",
        ),
        ({"project_urls": None, "home_page": "https://github.com/psf/requests"}, "psf/requests"),
        ({"home_page": "https://requests.readthedocs.io"}, None),
        ({"project_urls": {"Source": "https://gitlab.com/psf/requests"}}, None),
        ({"project_urls": {"Source": None, "x": 7, "y": ["https://github.com/a/b"]}}, None),
        ({"project_urls": {"Source": "https://github.com/sponsors/psf"}}, None),
        ({"project_urls": ["https://github.com/a/b"]}, None),
        ({}, None),
    ],
)
def test_repository(info: dict[str, Any], expected: str | None) -> None:
    project = index.read(answer(**info), "requests", "github.com")
    assert project is not None
    assert project.version == "2.32.0"
    assert (str(project.repository) if project.repository else None) == expected


def test_a_repository_elsewhere_is_said() -> None:
    project = index.read(
        answer(project_urls={"Source": "https://gitlab.com/psf/requests"}), "requests", "github.com"
    )
    assert project is not None
    assert project.elsewhere == "https://gitlab.com/psf/requests"


def test_where_the_index_names_none_what_is_well_known_helps() -> None:
    project = index.read(answer(home_page="https://developers.google.com"), "protobuf", "github.com")
    assert project is not None
    assert str(project.repository) == "protocolbuffers/protobuf"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"info": 7}', b"[" * 100_000, b"\xff", b'{"info": []}']
)
def test_what_is_no_answer(body: bytes) -> None:
    assert index.read(body, "x", "github.com") is None


@given(st.dictionaries(st.text(max_size=20), st.one_of(st.none(), st.integers(), st.text(max_size=80))))
def test_any_metadata_is_read(urls: dict[str, Any]) -> None:
    assert index.read(answer(project_urls=urls), "requests", "github.com") is not None


def test_places() -> None:
    assert index.path_of("requests", "2.31.0") == "pypi/requests/2.31.0/json"
    assert index.path_of("requests", "") == "pypi/requests/json"
