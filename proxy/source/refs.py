"""What a git ref of a label means: a branch, a tag, a commit, or what build scripts make of them."""

from __future__ import annotations

import re
from typing import NamedTuple

from proxy.errors import Code, RpcError

DEFAULT = "HEAD"
_MAX_BYTES = 1024
_SHOWN = 80
_DIRTY = re.compile(r"[-+.]dirty\Z")
# TAG-N-gCOMMIT: https://git-scm.com/docs/git-describe#_examples
_DESCRIBE = re.compile(r"-\d{1,9}-g([0-9a-f]{7,40})\Z")
# vX.Y.Z-…TIME-COMMIT, which Go writes as the version of a build: https://go.dev/ref/mod#pseudo-versions
_PSEUDO_VERSION = re.compile(r"v\d{1,9}\.\d{1,9}\.\d{1,9}-(?:[0-9A-Za-z.-]*[.-])?\d{14}-([0-9a-f]{12})")
_FULL_SHA = re.compile(r"[0-9a-fA-F]{40}")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]")


class Ref(NamedTuple):
    """A ref that can be asked for, and what was done to get it, one sentence each."""

    name: str
    notes: tuple[str, ...] = ()


def clean_ref(ref: str) -> Ref:
    """The ref to ask GitHub for.

    Raises:
        RpcError: ``invalid_argument`` when git could not have such a ref.
    """
    name, notes = ref.strip(), []
    if dirty := _DIRTY.search(name):
        name = name[: dirty.start()]
        notes.append(
            f"The build had changes that were not committed ({dirty[0]!r}): "
            f"lines may not match, shown is {name or DEFAULT}."
        )
    if commit := _DESCRIBE.search(name) or _PSEUDO_VERSION.fullmatch(name):
        notes.append(f"{name} was made from the commit {commit[1]}, which is shown.")
        name = commit[1]
    if not name:
        return Ref(
            DEFAULT,
            (*notes, "No ref is given (label service_git_ref): shown is the default branch as it is now."),
        )
    if problem := ref_fault(name):
        raise RpcError(
            Code.INVALID_ARGUMENT,
            f"The ref {name[:_SHOWN]!r} cannot exist in git: {problem}. "
            "Set the label service_git_ref to a commit, a tag or a branch.",
        )
    return Ref(name.lower() if is_full_sha(name) else name, tuple(notes))


def is_full_sha(ref: str) -> bool:
    """Whether the ref is a whole commit id, which can never point anywhere else."""
    return _FULL_SHA.fullmatch(ref) is not None


def ref_fault(ref: str) -> str | None:
    """Why git allows no such ref, or ``None``: https://git-scm.com/docs/git-check-ref-format."""
    if not ref or len(ref.encode("utf-8", "surrogatepass")) > _MAX_BYTES:
        return f"it is empty or longer than {_MAX_BYTES} bytes"
    if _FORBIDDEN.search(ref) or not ref.isprintable():
        return "it has a space, a control character or one of ~^:?*[\\"
    if ref.startswith(("/", "-")) or ref.endswith(("/", ".")) or "//" in ref:
        return "it starts with - or /, ends with / or a dot, or has //"
    if ".." in ref or "@{" in ref or ref == "@":
        return "it has .. or @{, or is @"
    if any(part.startswith(".") or part.endswith(".lock") for part in ref.split("/")):
        return "a part of it starts with a dot or ends with .lock"
    return None
