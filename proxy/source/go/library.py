"""The rules for Go's standard library, which is in the repository golang/go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.source import paths, rules
from proxy.source.go import homes, versions
from proxy.source.go.standard import Standard, perhaps_inlined, ref_of, standard
from proxy.source.inquiry import Candidate
from proxy.source.model import Snapshot

if TYPE_CHECKING:
    from proxy.source.inquiry import Discovery
    from proxy.source.model import Asking, Frame
    from proxy.source.room import Case

_VENDOR = "vendor/"
_SOURCE = "src"
_TWO_PARTS = re.compile(r"\d+\.\d+")


def of_frame(frame: Frame) -> Standard | None:
    """The file of the standard library that a frame is of."""
    return standard(frame.path.replace("\\", "/"), frame.function_name)


def standard_library(case: Case) -> Asking[Discovery | None]:
    """Go's source at the version that the path has, or that go.mod has."""
    found = of_frame(case.frame)
    if found is None or may_be_vendored(found):
        return None
    return (yield from _in_go(case, found))


def vendored_by_go(case: Case) -> Asking[Discovery | None]:
    """What the standard library vendors, where the service's own vendor folder does not have it."""
    found = of_frame(case.frame)
    return (yield from _in_go(case, found)) if found and may_be_vendored(found) else None


def inlined_library(case: Case) -> Asking[Discovery | None]:
    """What only its folder shows to be of the standard library, where the service has no such file."""
    path = case.frame.path.replace("\\", "/")
    if of_frame(case.frame) or not (found := perhaps_inlined(path, case.frame.function_name)):
        return None
    return (yield from _in_go(case, found))


def may_be_vendored(found: Standard) -> bool:
    """Whether the path alone does not tell Go's vendor folder from the service's."""
    return not found.sure and found.path.startswith(_VENDOR)


def _in_go(case: Case, found: Standard) -> Asking[Discovery | None]:
    rule, inquiry = rules.GO_STANDARD_LIBRARY, case.inquiry
    path = paths.under(_SOURCE, found.path)
    if path is None:
        return None
    if case.home and case.home.repository == homes.GO:
        return (yield from inquiry.first(case.home, [Candidate(rule, path)]))
    if not homes.reaches_public(inquiry.host):
        yield from inquiry.blame(rule, f"Go's source is on github.com, which {inquiry.host} is not.")
        return None
    ref = yield from _ref(case, found)
    snapshot = yield from inquiry.open(rule, homes.GO, ref, [path])
    if isinstance(snapshot, Snapshot):
        discovery = yield from inquiry.first(snapshot, [Candidate(rule, path)])
        if discovery is None:
            text = f"{path} is not in {homes.GO} at {snapshot.ref}: it may be made when Go is built."
            yield from inquiry.blame(rule, text)
        return discovery
    yield from inquiry.blame(rule, f"{ref} of {homes.GO} is not there: is it a Go of your own?")
    return None


def _ref(case: Case, found: Standard) -> Asking[str]:
    if found.version:
        ref = ref_of(found.version)
        if _TWO_PARTS.fullmatch(found.version):
            text = f"The path does not say which {found.version} it is: shown is {ref}, lines may not match."
            yield from case.inquiry.note(rules.GO_STANDARD_LIBRARY, text)
        return ref
    read = yield from versions.go_mod(case)
    ref, remark = versions.go_version(read)
    yield from case.inquiry.note(rules.GO_STANDARD_LIBRARY, remark)
    return ref
