"""The numbers and names on the wire, held against a table written down apart from the .proto files."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto

import proxy.proto
from proxy.proto import profile_pb2, querier_pb2, source_pb2, types_pb2, vcs_pb2
from tests.proto.own import OWN, OWN_ENUMS, OWN_SERVICES

FOLDER = Path(proxy.proto.__path__[0])
MODULES = {
    "profile": profile_pb2,
    "querier": querier_pb2,
    "source": source_pb2,
    "types": types_pb2,
    "vcs": vcs_pb2,
}
GITHUB_SESSION = "cookie=1 token=2 token_expires_at=3:int64 refresh_token_expires_at=4:int64"
COMMIT = "message=1 author=2:vcs.v1.CommitAuthor date=3 sha=4 URL=5"
QUERY = "profile_typeID=1 label_selector=2 start=3:int64 end=4:int64"

# NAME=NUMBER[:TYPE], a string unless it says otherwise; * repeated.
FACTS = {
    **OWN,
    "vcs.v1.GithubAppRequest": "",
    "vcs.v1.GithubAppResponse": "clientID=1 callbackURL=2",
    "vcs.v1.GithubLoginRequest": "authorizationCode=1",
    "vcs.v1.GithubLoginResponse": GITHUB_SESSION,
    "vcs.v1.GithubRefreshRequest": "",
    "vcs.v1.GithubRefreshResponse": GITHUB_SESSION,
    "vcs.v1.GetFileRequest": "repositoryURL=1 ref=2 localPath=3 rootPath=4 functionName=5",
    "vcs.v1.GetFileResponse": "content=1 URL=2",
    "vcs.v1.GetCommitRequest": "repositoryURL=1 ref=2",
    "vcs.v1.GetCommitResponse": COMMIT,
    "vcs.v1.GetCommitsRequest": "repository_url=1 refs=2*",
    "vcs.v1.GetCommitsResponse": "commits=1:vcs.v1.CommitInfo*",
    "vcs.v1.CommitInfo": COMMIT,
    "vcs.v1.CommitAuthor": "login=1 avatarURL=2",
    "google.v1.Profile": "sample_type=1:google.v1.ValueType* sample=2:google.v1.Sample*"
    " mapping=3:google.v1.Mapping*"
    " location=4:google.v1.Location* function=5:google.v1.Function* string_table=6* drop_frames=7:int64"
    " keep_frames=8:int64 time_nanos=9:int64 duration_nanos=10:int64 period_type=11:google.v1.ValueType"
    " period=12:int64 comment=13:int64* default_sample_type=14:int64",
    "google.v1.ValueType": "type=1:int64 unit=2:int64",
    "google.v1.Sample": "location_id=1:uint64* value=2:int64* label=3:google.v1.Label*",
    "google.v1.Label": "key=1:int64 str=2:int64 num=3:int64 num_unit=4:int64",
    "google.v1.Mapping": "id=1:uint64 memory_start=2:uint64 memory_limit=3:uint64 file_offset=4:uint64"
    " filename=5:int64 build_id=6:int64 has_functions=7:bool has_filenames=8:bool has_line_numbers=9:bool"
    " has_inline_frames=10:bool",
    "google.v1.Location": "id=1:uint64 mapping_id=2:uint64 address=3:uint64 line=4:google.v1.Line*"
    " is_folded=5:bool",
    "google.v1.Line": "function_id=1:uint64 line=2:int64 column=3:int64",
    "google.v1.Function": "id=1:uint64 name=2:int64 system_name=3:int64 filename=4:int64 start_line=5:int64",
    "types.v1.LabelPair": "name=1 value=2",
    "types.v1.Labels": "labels=1:types.v1.LabelPair*",
    "types.v1.ProfileType": "ID=1 name=2 sample_type=4 sample_unit=5 period_type=6 period_unit=7",
    "types.v1.Series": "labels=1:types.v1.LabelPair* points=2:types.v1.Point*",
    "types.v1.Point": "value=1:double timestamp=2:int64",
    "types.v1.HeatmapSeries": "",
    "types.v1.LabelValuesRequest": "name=1 matchers=2* start=3:int64 end=4:int64",
    "types.v1.LabelValuesResponse": "names=1*",
    "types.v1.LabelNamesRequest": "matchers=1* start=2:int64 end=3:int64",
    "types.v1.LabelNamesResponse": "names=1*",
    "types.v1.StackTraceSelector": "call_site=1:types.v1.Location* go_pgo=2:types.v1.GoPGO",
    "types.v1.Location": "name=1",
    "types.v1.GoPGO": "keep_locations=1:uint32 aggregate_callees=2:bool",
    "types.v1.GetProfileStatsRequest": "",
    "types.v1.GetProfileStatsResponse": "data_ingested=1:bool oldest_profile_time=2:int64"
    " newest_profile_time=3:int64",
    "querier.v1.ProfileTypesRequest": "start=1:int64 end=2:int64",
    "querier.v1.ProfileTypesResponse": "profile_types=1:types.v1.ProfileType*",
    "querier.v1.SeriesRequest": "matchers=1* label_names=2* start=3:int64 end=4:int64",
    "querier.v1.SeriesResponse": "labels_set=2:types.v1.Labels*",
    "querier.v1.SelectMergeStacktracesRequest": f"{QUERY} max_nodes=5:int64 format=6:querier.v1.ProfileFormat"
    " stack_trace_selector=7:types.v1.StackTraceSelector profile_id_selector=8*",
    "querier.v1.SelectMergeStacktracesResponse": "flamegraph=1:querier.v1.FlameGraph tree=2:bytes"
    " pprof=5:querier.v1.PprofProfile",
    "querier.v1.PprofProfile": "profile=1:google.v1.Profile",
    "querier.v1.SelectMergeSpanProfileRequest": "profile_typeID=1 label_selector=2 span_selector=3*"
    " start=4:int64"
    " end=5:int64 max_nodes=6:int64 format=7:querier.v1.ProfileFormat",
    "querier.v1.SelectMergeSpanProfileResponse": "flamegraph=1:querier.v1.FlameGraph tree=2:bytes",
    "querier.v1.FlameGraph": "names=1* levels=2:querier.v1.Level* total=3:int64 max_self=4:int64",
    "querier.v1.Level": "values=1:int64*",
    "querier.v1.SelectMergeProfileRequest": f"{QUERY} max_nodes=5:int64"
    " stack_trace_selector=6:types.v1.StackTraceSelector profile_id_selector=7*",
    "querier.v1.SelectSeriesRequest": f"{QUERY} group_by=5* step=6:double"
    " aggregation=7:types.v1.TimeSeriesAggregationType stack_trace_selector=8:types.v1.StackTraceSelector"
    " limit=9:int64",
    "querier.v1.SelectSeriesResponse": "series=1:types.v1.Series*",
    "querier.v1.SelectHeatmapRequest": f"{QUERY} step=5:double group_by=6*"
    " query_type=7:querier.v1.HeatmapQueryType limit=9:int64",
    "querier.v1.SelectHeatmapResponse": "series=1:types.v1.HeatmapSeries*",
    "querier.v1.AnalyzeQueryRequest": "start=2:int64 end=3:int64 query=4",
    "querier.v1.AnalyzeQueryResponse": "query_scopes=1:querier.v1.QueryScope*"
    " query_impact=2:querier.v1.QueryImpact",
    "querier.v1.QueryScope": "component_type=1 component_count=2:uint64 block_count=3:uint64"
    " series_count=4:uint64"
    " profile_count=5:uint64 sample_count=6:uint64 index_bytes=7:uint64 profile_bytes=8:uint64"
    " symbol_bytes=9:uint64",
    "querier.v1.QueryImpact": "total_bytes_in_time_range=2:uint64 total_queried_series=3:uint64"
    " deduplication_needed=4:bool",
}
ENUMS = {
    **OWN_ENUMS,
    "querier.v1.ProfileFormat": {
        "PROFILE_FORMAT_UNSPECIFIED": 0,
        "PROFILE_FORMAT_FLAMEGRAPH": 1,
        "PROFILE_FORMAT_TREE": 2,
        "PROFILE_FORMAT_DOT": 3,
        "PROFILE_FORMAT_PPROF": 4,
    },
    "querier.v1.HeatmapQueryType": {
        "HEATMAP_QUERY_TYPE_UNSPECIFIED": 0,
        "HEATMAP_QUERY_TYPE_INDIVIDUAL": 1,
        "HEATMAP_QUERY_TYPE_SPAN": 2,
    },
    "types.v1.TimeSeriesAggregationType": {
        "TIME_SERIES_AGGREGATION_TYPE_SUM": 0,
        "TIME_SERIES_AGGREGATION_TYPE_AVERAGE": 1,
    },
}
SERVICES = {
    **OWN_SERVICES,
    "vcs.v1.VCSService": "GithubApp GithubLogin GithubRefresh GetFile GetCommit GetCommits",
    "querier.v1.QuerierService": "ProfileTypes LabelValues LabelNames Series SelectMergeStacktraces"
    " SelectMergeSpanProfile SelectMergeProfile SelectSeries SelectHeatmap GetProfileStats AnalyzeQuery",
}
MESSAGES = {
    message.full_name: message
    for module in MODULES.values()
    for message in module.DESCRIPTOR.message_types_by_name.values()
}
SCALARS = {
    getattr(FieldDescriptor, f"TYPE_{name.upper()}"): name
    for name in ("string", "bytes", "bool", "double", "int32", "int64", "uint64", "uint32")
}


def fact(field: Any) -> str:
    composite = field.message_type or field.enum_type
    kind = composite.full_name if composite is not None else SCALARS[field.type]
    shown_kind = "" if kind == "string" else f":{kind}"
    return f"{field.name}={field.number}{shown_kind}{'*' if field.is_repeated else ''}"


@pytest.mark.parametrize("name", FACTS)
def test_fields_have_the_numbers_and_types_of_the_contract(name: str) -> None:
    assert [fact(field) for field in MESSAGES[name].fields] == FACTS[name].split()


def test_every_message_is_in_the_table() -> None:
    assert set(MESSAGES) == set(FACTS)


def test_enumerations_have_the_numbers_of_the_contract() -> None:
    found = {
        enum.full_name: {value.name: value.number for value in enum.values}
        for module in MODULES.values()
        for enum in module.DESCRIPTOR.enum_types_by_name.values()
    }
    assert found == ENUMS


def test_services_have_the_methods_of_the_contract() -> None:
    services = [
        service for module in MODULES.values() for service in module.DESCRIPTOR.services_by_name.values()
    ]
    assert {
        service.full_name: " ".join(method.name for method in service.methods) for service in services
    } == SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_methods_take_and_give_what_their_name_says(name: str) -> None:
    package, service_name = name.rsplit(".", 1)
    service = MODULES[package.split(".", maxsplit=1)[0]].DESCRIPTOR.services_by_name[service_name]
    for method in service.methods:
        assert method.input_type.name == f"{method.name}Request"
        expected = "Profile" if method.name == "SelectMergeProfile" else f"{method.name}Response"
        assert method.output_type.name == expected
        assert not method.client_streaming
        assert not method.server_streaming


@pytest.mark.parametrize(
    ("message", "name", "json_name"),
    [
        ("vcs.v1.GetFileRequest", "repositoryURL", "repositoryURL"),
        ("vcs.v1.GetFileResponse", "URL", "URL"),
        ("vcs.v1.GetCommitsRequest", "repository_url", "repositoryUrl"),
        ("vcs.v1.GithubLoginResponse", "refresh_token_expires_at", "refreshTokenExpiresAt"),
        ("types.v1.ProfileType", "ID", "ID"),
        ("querier.v1.SelectSeriesRequest", "profile_typeID", "profileTypeID"),
    ],
)
def test_names_in_json(message: str, name: str, json_name: str) -> None:
    assert MESSAGES[message].fields_by_name[name].json_name == json_name


def test_fields_of_newer_versions_survive() -> None:
    newer = b"\x7a\x03new"
    assert vcs_pb2.GetFileRequest.FromString(newer).SerializeToString() == newer
    assert types_pb2.HeatmapSeries.FromString(newer).SerializeToString() == newer


def test_max_nodes_tells_zero_from_absent() -> None:
    assert not querier_pb2.SelectMergeProfileRequest().HasField("max_nodes")
    assert querier_pb2.SelectMergeProfileRequest.FromString(b"\x28\x00").HasField("max_nodes")


def without_version(text: str) -> str:
    """Generated code without what only tells which release of protoc wrote it."""
    text = re.sub(r"# Protobuf Python Version: .*", "", text)
    text = re.sub(r"(Domain\.PUBLIC,)\s+\d+,\s+\d+,\s+\d+,\s+'[^']*',", r"\1", text)
    return text.replace("_Optional[bool]", "bool")


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("grpc_tools") is None:
        pytest.skip("grpcio-tools is not installed; the dev extra brings it")
    folder = tmp_path_factory.mktemp("generated")
    environment = {**os.environ, "PYTHON": sys.executable}
    subprocess.run([FOLDER / "generate.sh", folder], check=True, env=environment, capture_output=True)
    return folder / "proxy" / "proto"


@pytest.mark.parametrize("name", MODULES)
def test_what_is_committed_is_what_the_proto_files_give(regenerated: Path, name: str) -> None:
    for suffix in (".py", ".pyi"):
        file = f"{name}_pb2{suffix}"
        assert without_version((FOLDER / file).read_text()) == without_version(
            (regenerated / file).read_text()
        ), "run proxy/proto/generate.sh"


def test_no_proto_file_is_forgotten(regenerated: Path) -> None:
    assert {path.stem for path in FOLDER.glob("*.proto")} == set(MODULES)
    assert {path.name for path in regenerated.iterdir()} == {path.name for path in FOLDER.glob("*_pb2.py*")}


def test_generated_code_runs_with_the_oldest_protobuf_that_is_promised() -> None:
    for name in MODULES:
        (version,) = re.findall(
            r"# Protobuf Python Version: (\d+)\.(\d+)", (FOLDER / f"{name}_pb2.py").read_text()
        )
        assert tuple(map(int, version)) <= (6, 33)


def test_files_are_registered_under_names_of_their_own() -> None:
    for name, module in MODULES.items():
        found = FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
        assert found.name == f"proxy/proto/{name}.proto"
