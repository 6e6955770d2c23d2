from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

from proxy.demo.upstream.recordings import load, recording

from .profiles import CPU, Builder, of_stacks, recorded

if TYPE_CHECKING:
    from pathlib import Path

    from proxy.proto import profile_pb2

LABELS = {
    "service_repository": "https://github.com/acme/shop",
    "service_git_ref": "v1",
    "service_root_path": "services/checkout",
}


def build_ids(profile: profile_pb2.Profile) -> list[dict[str, str]]:
    return [json.loads(profile.string_table[mapping.build_id]) for mapping in profile.mapping]


def test_mappings_tell_the_version() -> None:
    found = recorded("a", [("main", [1])], LABELS)
    assert build_ids(found.profile) == [
        {
            "repository": "https://github.com/acme/shop",
            "git_ref": "v1",
            "build_id": "build-a",
            "root_path": "services/checkout",
        }
    ]


def test_what_is_empty_is_left_out() -> None:
    pprof = of_stacks([("main", [1])]).SerializeToString()
    found = recording("a", 15_000, [CPU], {"service_git_ref": "v1"}, pprof)
    assert build_ids(found.profile) == [{"git_ref": "v1"}]


def test_locations_without_a_mapping_get_one_besides_those_there_are() -> None:
    builder = Builder("id")
    at_home = builder.location(("main", "main.go", 1))
    homeless = builder.location(("work", "work.go", 2))
    builder.profile.location[1].mapping_id = 0
    builder.sample([homeless, at_home], 1)
    found = recording("a", 15_000, [CPU], LABELS, builder.profile.SerializeToString()).profile
    assert [location.mapping_id for location in found.location] == [1, 2]
    assert [entry.get("build_id") for entry in build_ids(found)] == ["id", None]
    assert all(entry["git_ref"] == "v1" for entry in build_ids(found))


def test_a_location_without_lines_goes_by_its_address() -> None:
    builder = Builder()
    number = builder.location()
    builder.profile.location[0].address = 0xBEEF
    builder.sample([number], 3)
    (stack,) = recording("a", 15_000, [CPU], {}, builder.profile.SerializeToString()).stacks
    assert stack.names == ("beef",)


def test_inlined_frames_are_frames_root_first() -> None:
    builder = Builder()
    inlined = builder.location(("leaf", "a.go", 1), ("caller", "a.go", 9))
    root = builder.location(("main", "a.go", 20))
    builder.sample([inlined, root], 3)
    (stack,) = recording("a", 15_000, [CPU], {}, builder.profile.SerializeToString()).stacks
    assert stack.names == ("main", "caller", "leaf")
    assert stack.is_below(())
    assert stack.is_below(("main", "caller"))
    assert not stack.is_below(("caller",))
    assert not stack.is_below(("main", "caller", "leaf", "more"))


def test_a_folder_is_read(tmp_path: Path) -> None:
    pprof = of_stacks([("main;work", [5])]).SerializeToString()
    (tmp_path / "a.pb.gz").write_bytes(gzip.compress(pprof))
    entry = {"file": "a.pb.gz", "duration_seconds": 29.9, "profile_types": [CPU], "labels": LABELS}
    (tmp_path / "manifest.json").write_text(json.dumps({"recordings": [entry]}))
    (found,) = load(tmp_path)
    assert (found.name, found.duration_ms, found.profile_types) == ("a.pb.gz", 29_900, (CPU,))
    assert found.labels == LABELS
    assert [(stack.names, stack.values) for stack in found.stacks] == [(("main", "work"), (5,))]
