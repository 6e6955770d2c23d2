"""Which requests are ours, and under which name each is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.door.routes import Backend, Route, route
from proxy.metrics import OTHER_ROUTE, QUERIER_METHODS, ROUTES, VCS_METHODS


@pytest.mark.parametrize("method", VCS_METHODS)
def test_our_methods_are_counted_by_name_and_never_repeated(method: str) -> None:
    found = route(f"/vcs.v1.VCSService/{method}?x".encode())
    assert found == Route(Backend.OWN, f"vcs.v1.VCSService/{method}", repeatable=False)


@pytest.mark.parametrize("method", QUERIER_METHODS)
def test_queries_pass_are_counted_by_name_and_may_be_repeated(method: str) -> None:
    found = route(f"/querier.v1.QuerierService/{method}".encode())
    assert found == Route(Backend.UPSTREAM, f"querier.v1.QuerierService/{method}", repeatable=True)


@pytest.mark.parametrize(
    "path",
    [
        b"/vcs.v1.VCSService/",
        b"/vcs.v1.VCSService/Unknown",
        b"/source.v1.SourceService/Any",
        b"/-/source",
        b"/-/source?x",
        b"/-/source/",
        b"/-/source/app.js",
    ],
)
def test_what_is_ours(path: bytes) -> None:
    assert route(path) == Route(Backend.OWN, OTHER_ROUTE, repeatable=False)


@pytest.mark.parametrize(
    "path",
    [
        b"/",
        b"*",
        b"",
        b"/?/vcs.v1.VCSService/GetFile",
        b"//vcs.v1.VCSService/GetFile",
        b"/vcs%2Ev1.VCSService/GetFile",
        b"/VCS.v1.VCSService/GetFile",
        b"/vcs.v1.VCSService",
        b"/a/../vcs.v1.VCSService/GetFile",
        b"/-/sourcery",
        b"/-/ready",
        b"/metrics",
        b"/ready",
        b"/push.v1.PusherService/Push",
        b"/querier.v1.QuerierService/Unknown",
        b"/querier.v1.QuerierService/Series/",
    ],
)
def test_what_passes_and_is_not_known_to_be_safe_to_repeat(path: bytes) -> None:
    assert route(path) == Route(Backend.UPSTREAM, OTHER_ROUTE, repeatable=False)


@given(st.binary(max_size=60))
def test_labels_come_from_a_fixed_list(path: bytes) -> None:
    assert route(path).label in ROUTES
