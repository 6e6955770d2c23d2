"""The targets by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from fuzz.targets import (
    answers,
    connect,
    cookie,
    github,
    gomod,
    locks,
    mappings,
    packages,
    pprof,
    requests,
)
from fuzz.targets.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "answers": Target(answers.check, largest=8192),
        "connect": Target(connect.check, largest=4096),
        "cookie": Target(cookie.check, largest=4096),
        "github": Target(github.check, largest=8192),
        "gomod": Target(gomod.check, largest=8192),
        "locks": Target(locks.check, largest=8192),
        "mappings": Target(mappings.check, largest=4096),
        "packages": Target(packages.check, largest=8192),
        "pprof": Target(pprof.check, largest=4096),
        "requests": Target(requests.check, largest=8192),
    }
)
"""In alphabetical order."""
