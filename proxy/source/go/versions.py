"""The ``go.mod`` of a service: where it is looked for, and what it says of versions.

It is read in the root path, then in each folder above: https://go.dev/ref/mod#go-mod-file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from proxy.source import paths, rules
from proxy.source.go import gomod
from proxy.source.go.standard import ref_of

if TYPE_CHECKING:
    from proxy.source.go.gomod import GoMod
    from proxy.source.model import Asking, Service
    from proxy.source.room import Case

_NAME = "go.mod"
_MAX_FOLDERS = 8
_UNKNOWN_GO = "master"


class GoVersion(NamedTuple):
    """A ref of golang/go, and what a person should know about how it was chosen."""

    ref: str
    remark: str


def places(service: Service) -> tuple[str, ...]:
    """Where the service's ``go.mod`` may be, in the order in which it is looked for."""
    folders = [service.root_path]
    while folders[-1]:
        folders.append(folders[-1].rpartition("/")[0])
    if len(folders) > _MAX_FOLDERS:
        folders[_MAX_FOLDERS - 1 :] = [""]
    found = (paths.under(folder, _NAME) for folder in folders)
    return tuple(path for path in found if path)


def go_mod(case: Case) -> Asking[GoMod | None]:
    """The service's ``go.mod``, or ``None`` when there is none that can be used."""
    if case.home is None:
        return None
    wanted = places(case.service)
    for position, path in enumerate(wanted):
        file = yield from case.inquiry.read(rules.GO_MOD, case.home, path, wanted[position + 1 :])
        if file is None:
            continue
        read = gomod.parse(file.content, path.removesuffix(_NAME).rstrip("/"))
        if read is None:
            limit = f"{gomod.MAX_SIZE // 1024} KiB"
            yield from case.inquiry.note(rules.GO_MOD, f"{path} is not used: it is larger than {limit}.")
        return read
    return None


def go_version(found: GoMod | None) -> GoVersion:
    """The Go that a service is probably built with, when its frames do not say."""
    if found and found.toolchain:
        ref = ref_of(found.toolchain)
        return GoVersion(ref, f"The path has no version of Go: shown is {ref}, the toolchain of go.mod.")
    if found and found.go:
        ref = ref_of(found.go)
        text = f"The path has no version of Go: shown is {ref} of go.mod; a newer Go may have other lines."
        return GoVersion(ref, text)
    return GoVersion(
        _UNKNOWN_GO,
        "Neither the path nor a go.mod says which Go it is: shown is the newest source, lines may not match. "
        "Add a mapping for $GOROOT/src, or a toolchain line to go.mod.",
    )
