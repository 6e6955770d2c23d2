"""Every query is held against GitHub's public schema, which ships as an npm package."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, print_ast, validate
from graphql.language import StringValueNode, Visitor, visit
from hypothesis import given
from hypothesis import strategies as st

from proxy.github import graphql, names, stopgap
from proxy.source.model import Repository

_PACKAGE = "@octokit/graphql-schema"
_CACHE = Path(tempfile.gettempdir()) / "pyroscope-source-proxy-graphql-schema"
REPOSITORY = Repository("grafana", "pyroscope")
NASTY = ['a"b', "a\\b", 'x" } } #', "é/😀", "new\nline", "tab\t\x01\x7f", "\u2028", "${x}", '"""']


def _installed() -> Path:
    """The schema; installed beside and moved, so that tests running at once do not see half of it."""
    schema = _CACHE / "node_modules" / _PACKAGE / "schema.graphql"
    if not schema.exists():
        with tempfile.TemporaryDirectory(dir=tempfile.gettempdir()) as made:
            install = ("npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", _PACKAGE)
            subprocess.run([*install, "--prefix", made], check=True, capture_output=True, timeout=300)
            if not schema.exists():
                shutil.rmtree(_CACHE, ignore_errors=True)
                shutil.copytree(made, _CACHE, dirs_exist_ok=True)
    return schema


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    if shutil.which("npm") is None and os.environ.get("CI") != "true":
        pytest.skip("npm, which brings GitHub's schema, is not here")
    return build_schema(_installed().read_text(encoding="utf-8"), assume_valid=True)


def strings(query: str) -> list[str]:
    """The string literals of a query, as GraphQL reads them."""
    found: list[str] = []

    class Literals(Visitor):
        def enter_string_value(self, node: StringValueNode, *_: object) -> None:
            found.append(node.value)

    visit(parse(query), Literals())
    return found


@pytest.mark.parametrize("paths", [[], ["go.mod"], [".pyroscope.yaml", "a/b c.go", *NASTY]])
def test_a_look_is_valid(schema: GraphQLSchema, paths: list[str]) -> None:
    assert validate(schema, parse(graphql.look_query(REPOSITORY, "main", paths))) == []


@pytest.mark.parametrize(
    "refs", [["main"], ["HEAD", "a" * 40, "v1.2.3", 'quo"te', "é"], [f"v{n}" for n in range(100)]]
)
def test_commits_are_valid(schema: GraphQLSchema, refs: list[str]) -> None:
    assert validate(schema, parse(graphql.commits_query(REPOSITORY, refs))) == []


@pytest.mark.parametrize("path", ["go.mod", *NASTY])
def test_what_stands_in_for_rest_is_valid(schema: GraphQLSchema, path: str) -> None:
    place = stopgap.place_query(REPOSITORY, "a" * 40, path)
    assert strings(place) == ["grafana", "pyroscope", "a" * 40, path]
    for query in (place, stopgap.blob_query(REPOSITORY, "a" * 40), stopgap.repository_query(REPOSITORY)):
        assert validate(schema, parse(query)) == []


def test_the_schema_would_refuse_a_wrong_field(schema: GraphQLSchema) -> None:
    query = graphql.look_query(REPOSITORY, "main", ["a"]).replace("byteSize", "byteSise")
    assert validate(schema, parse(query))


@given(st.text(min_size=1), st.lists(st.text(min_size=1) | st.sampled_from(NASTY), max_size=3))
def test_nothing_leaves_its_literal(ref: str, paths: list[str]) -> None:
    paths = [path for path in paths if names.is_path(path)]
    if not names.is_ref(ref):
        return
    query = graphql.look_query(REPOSITORY, ref, paths)
    root = [] if names.is_sha(ref) else [f"{ref}:"]
    assert strings(query) == ["grafana", "pyroscope", ref, *root, *(f"{ref}:{path}" for path in paths)]


def test_the_shape_of_a_look() -> None:
    """The shape in which it is documented, and which a stand-in for GitHub has to answer."""
    shape = """query { repository(owner: "grafana", name: "pyroscope") { id nameWithOwner isPrivate
        ref: object(expression: "main") { __typename oid
            ... on Commit { oid message authoredDate author { user { login avatarUrl } } }
            ... on Tag { target { __typename
                ... on Commit { oid message authoredDate author { user { login avatarUrl } } }
                ... on Tag { target { __typename
                    ... on Commit { oid message authoredDate author { user { login avatarUrl } } } } } } } }
        tree: object(expression: "main:") { __typename oid }
        p0: object(expression: "main:go.mod") { __typename
            ... on Blob { oid byteSize isBinary isTruncated text } } } }"""
    assert print_ast(parse(graphql.look_query(REPOSITORY, "main", ["go.mod"]))) == print_ast(parse(shape))


def test_the_root_folder_is_asked_only_of_what_can_move() -> None:
    assert strings(graphql.look_query(REPOSITORY, "a" * 40, []))[2:] == ["a" * 40]


def test_what_a_ref_may_mean_is_asked_at_once() -> None:
    query = graphql.commits_query(REPOSITORY, ["main", "a" * 40])
    assert strings(query)[2:] == ["main", "refs/heads/main", "refs/tags/main", "a" * 40]
