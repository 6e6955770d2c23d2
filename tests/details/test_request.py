from __future__ import annotations

from typing import Any

import pytest

from proxy.details.request import MOST_VERSIONS, asked_of, chosen, left_out
from proxy.details.versions import origin, version_of
from proxy.errors import Code, RpcError
from proxy.profile import FunctionUse, Joined, Question, Value, Version
from proxy.proto import source_pb2
from proxy.querier import Asked
from proxy.source.address import parse_repository
from proxy.source.model import Repository

CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
LABELLED = Version("https://github.com/acme/shop", "v1", "services/checkout", "b1")


def request(**fields: Any) -> source_pb2.GetFunctionDetailsRequest:
    usual: dict[str, Any] = {"functionName": "f", "profileTypeID": CPU, "start": 1, "end": 2}
    return source_pb2.GetFunctionDetailsRequest(**(usual | fields))


def use(version: Version = LABELLED, file: str = "main.go") -> FunctionUse:
    return FunctionUse(file, 2, version, Value(1, 10), {3: Value(1, 10), 0: Value(0, 1)})


def test_what_pyroscope_is_asked() -> None:
    assert asked_of(request()) == Asked("{}", 1, 2, Question("f", CPU))
    full = request(labelSelector='{a="b"}', callPath=["main", "f"])
    assert asked_of(full) == Asked('{a="b"}', 1, 2, Question("f", CPU, ("main", "f")))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"functionName": ""}, "functionName"),
        ({"profileTypeID": ""}, "profileTypeID"),
        ({"functionName": "f" * 20_000}, "name has more than"),
        ({"callPath": ["f" * 20_000]}, "name has more than"),
        ({"callPath": ["f"] * 10_001}, "callPath"),
        ({"contextLines": -1}, "contextLines"),
        ({"contextLines": 1001}, "wholeFile"),
        ({"start": 2, "end": 2}, "before end"),
        ({"start": 0, "end": 0}, "milliseconds"),
    ],
)
def test_a_request_that_lacks_something_is_told_what(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(RpcError, match=named) as caught:
        asked_of(request(**fields))
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert len(caught.value.message) < 200


def test_file_and_ref_choose_among_the_versions() -> None:
    first, second = use(), use(LABELLED._replace(ref="v2"), "other.go")
    joined = Joined((first, second), "nanoseconds", 5)
    assert chosen(joined, request()) == [first, second]
    assert chosen(joined, request(ref="v2")) == [second]
    assert chosen(joined, request(file="main.go")) == [first]


@pytest.mark.parametrize(
    ("joined", "fields", "why"),
    [
        (Joined(samples=0), {}, "no samples for this profile type"),
        (Joined(samples=9), {}, "was not sampled"),
        (Joined(samples=9), {"callPath": ["main"]}, "no stack that begins with this callPath"),
        (Joined((use(),), samples=9), {"ref": "v9"}, "not with this file and ref"),
        (Joined((use(),), samples=9), {"file": "v9", "ref": "v1"}, "in the profile 1 times"),
    ],
)
def test_a_function_that_is_not_there_is_told_why(joined: Joined, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(RpcError, match=why) as caught:
        chosen(joined, request(**fields))
    assert caught.value.code is Code.NOT_FOUND


def test_what_the_values_lack_is_said() -> None:
    assert left_out(Joined(), 1) == []
    (cut,) = left_out(Joined(cut=True), 1)
    assert (cut.what, cut.code) == ("values", "data_loss")
    (many,) = left_out(Joined(), MOST_VERSIONS + 1)
    assert (many.what, many.code) == ("versions", "resource_exhausted")


@pytest.mark.parametrize(
    ("version", "fields", "repository", "ref", "root_path"),
    [
        (LABELLED, {}, "acme/shop", "v1", "services/checkout"),
        (LABELLED, {"overrideRef": "main"}, "acme/shop", "main", "services/checkout"),
        (LABELLED, {"overrideRepositoryURL": "github.com/acme/fork"}, "acme/fork", "v1", "services/checkout"),
        (LABELLED, {"overrideRootPath": "lib"}, "acme/shop", "v1", "lib"),
        (
            Version(),
            {"overrideRepositoryURL": "git@github.com:a/b.git", "overrideRef": "v3"},
            "a/b",
            "v3",
            "",
        ),
        (LABELLED._replace(ref="v1.0.0-3-g0123abc-dirty"), {}, "acme/shop", "0123abc", "services/checkout"),
    ],
)
def test_an_override_stands_in_the_place_of_a_label(
    version: Version, fields: dict[str, str], repository: str, ref: str, root_path: str
) -> None:
    where, missing = origin(use(version), request(**fields), parse_repository)
    assert missing == []
    assert (str(where.repository), where.commit_ref, where.root_path) == (repository, ref, root_path)


@pytest.mark.parametrize(
    ("version", "code", "words", "repository"),
    [
        (Version(build_id="b"), "failed_precondition", "overrideRepositoryURL", None),
        (LABELLED._replace(ref=""), "failed_precondition", "default branch", Repository("acme", "shop")),
        (LABELLED._replace(repository="https://gitlab.com/a/b"), "invalid_argument", "gitlab.com", None),
        (LABELLED._replace(repository="<script>"), "invalid_argument", "service_repository", None),
        (LABELLED._replace(ref="a..b\0"), "invalid_argument", "ref", None),
    ],
)
def test_what_labels_lack_is_said_with_the_way_out(
    version: Version, code: str, words: str, repository: Repository | None
) -> None:
    where, (missing,) = origin(use(version), request(), parse_repository)
    assert where.repository == repository
    assert (missing.what, missing.code) == ("labels", code)
    assert words in missing.message


def test_a_version_tells_values_and_labels() -> None:
    where, _ = origin(use(), request(overrideRef="main"), parse_repository)
    version = version_of("f", "nanoseconds", use(), where)
    assert version == source_pb2.FunctionVersion(
        functionName="f",
        file="main.go",
        startLine=2,
        repositoryURL="https://github.com/acme/shop",
        ref="main",
        rootPath="services/checkout",
        unit="nanoseconds",
        self=1,
        total=10,
        lines=[source_pb2.LineValue(line=3, self=1, total=10), source_pb2.LineValue(total=1)],
        labels=source_pb2.Labels(
            repositoryURL="https://github.com/acme/shop", ref="v1", rootPath="services/checkout", buildID="b1"
        ),
    )
