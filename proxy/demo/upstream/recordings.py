"""What was recorded: profiles with the labels that their services sent.

``load`` is the one place that reads files; everything else is pure.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.demo.upstream.stacks import Stack, stacks
from proxy.proto import profile_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DATA = Path(__file__).parent.parent / "data"
_EVERYTHING = 2**64 - 1


@dataclass(frozen=True)
class Recording:
    """One recorded profile.

    Attributes:
        name: which one it is, unlike any other.
        duration_ms: how long was recorded.
        profile_types: Pyroscope's id of each of the profile's sample types, in their order.
        labels: as the service sent them, ``service_name`` among them.
        profile: the pprof, its mappings' build ids telling the version as Pyroscope tells it.
        stacks: the samples of ``profile``.
    """

    name: str
    duration_ms: int
    profile_types: tuple[str, ...]
    labels: Mapping[str, str]
    profile: profile_pb2.Profile
    stacks: tuple[Stack, ...]


def load(folder: Path = DATA) -> tuple[Recording, ...]:
    """Read the recordings that ``manifest.json`` in a folder lists."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return tuple(
        recording(
            entry["file"],
            round(entry["duration_seconds"] * 1000),
            entry["profile_types"],
            entry["labels"],
            gzip.decompress((folder / entry["file"]).read_bytes()),
        )
        for entry in manifest["recordings"]
    )


def recording(
    name: str, duration_ms: int, profile_types: Sequence[str], labels: Mapping[str, str], pprof: bytes
) -> Recording:
    """Make a recording of an uncompressed pprof."""
    profile = profile_pb2.Profile.FromString(pprof)
    _ensure_mapping(profile)
    _tell_version(profile, labels)
    return Recording(name, duration_ms, tuple(profile_types), dict(labels), profile, tuple(stacks(profile)))


def _ensure_mapping(profile: profile_pb2.Profile) -> None:
    """Give locations without a mapping one, as Pyroscope does: Python's agent sends none."""
    homeless = [location for location in profile.location if not location.mapping_id]
    if homeless:
        number = 1 + max((mapping.id for mapping in profile.mapping), default=0)
        profile.mapping.add(id=number, memory_limit=_EVERYTHING, has_functions=True)
        for location in homeless:
            location.mapping_id = number


def _tell_version(profile: profile_pb2.Profile, labels: Mapping[str, str]) -> None:
    """Write the version into every mapping's build id: one function may come from several versions."""
    for mapping in profile.mapping:
        version = {
            "repository": labels.get("service_repository"),
            "git_ref": labels.get("service_git_ref"),
            "build_id": profile.string_table[mapping.build_id],
            "root_path": labels.get("service_root_path"),
        }
        text = json.dumps({key: value for key, value in version.items() if value}, separators=(",", ":"))
        mapping.build_id = len(profile.string_table)
        profile.string_table.append(text)
