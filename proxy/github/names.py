"""Which repositories, refs and paths may be asked for at all.

Whatever is not a name by git's own rules cannot be there, so it is never sent. That also keeps
revision expressions (``main:secret``, ``a..b``, ``HEAD~3``, ``@{u}``) out of ``object(expression:)``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from proxy.source.model import Repository

_LONGEST_REF = 255
_LONGEST_PATH = 4095
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REPOSITORY_PART = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}")
_FORBIDDEN_IN_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)")


def _is_utf8(text: str, longest: int) -> bool:
    try:
        return len(text.encode()) <= longest
    except UnicodeEncodeError:  # a lone surrogate: such a name cannot even be written
        return False


def is_repository(repository: Repository) -> bool:
    """Whether owner and name consist of what GitHub allows in them."""
    return all(_REPOSITORY_PART.fullmatch(part) for part in (repository.owner, repository.name))


def is_sha(text: str) -> bool:
    """Whether this is a full object id in lower case."""
    return _SHA.fullmatch(text) is not None


def is_ref(ref: str) -> bool:
    """Whether this can name a commit: a branch, a tag, ``HEAD``, a full or short SHA.

    The rules are https://git-scm.com/docs/git-check-ref-format; a leading ``-`` is refused as well,
    as ``git branch`` and ``git tag`` refuse it.
    """
    return (
        bool(ref)
        and ref != "@"
        and ref[0] not in "-/."
        and ref[-1] not in "/."
        and _FORBIDDEN_IN_REF.search(ref) is None
        and _is_utf8(ref, _LONGEST_REF)
    )


def is_path(path: str) -> bool:
    """Whether this can be a file's path in a repository: relative, normalised, without NUL."""
    return (
        "\0" not in path
        and all(part not in ("", ".", "..") for part in path.split("/"))
        and _is_utf8(path, _LONGEST_PATH)
    )


def encode(name: str) -> str:
    """Percent-encode a ref or path for a URL's path, keeping its slashes (RFC 3986, section 3.3)."""
    return quote(name, safe="/")


def encode_value(value: str) -> str:
    """Percent-encode a value for a URL's query."""
    return quote(value, safe="")
