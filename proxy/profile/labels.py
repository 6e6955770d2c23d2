"""What Pyroscope says of the version of a mapping. Pure."""

from __future__ import annotations

import json

from proxy.profile.model import Version

LONGEST_BUILD_ID = 16 * 1024
"""Characters that are read of a build id; GitHub's longest names need a small part of them."""


def read_version(build_id: str) -> Version:
    """What Pyroscope wrote into a build id; one that is no JSON of its is a build id like any other."""
    try:
        parts = json.loads(build_id) if 0 < len(build_id) <= LONGEST_BUILD_ID else None
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, dict):
        return Version(build_id=build_id[:LONGEST_BUILD_ID])
    return Version(*(_text(parts.get(name)) for name in ("repository", "git_ref", "root_path", "build_id")))


def identity(version: Version) -> Version:
    """What makes two mappings the same version.

    A ref names the code, so what was built of it more than once is one version. Without a ref, only the
    build id tells versions apart.
    """
    return version._replace(build_id="") if version.ref else version


def _text(value: object) -> str:
    # Half a character, which JSON can write down, cannot be sent on.
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""
