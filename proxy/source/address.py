"""Which repository a label means: every way in which people write one down.

Understood are web addresses, Go-style paths without a scheme, and what ``git clone`` takes:
https://git-scm.com/docs/git-clone#_git_urls. Only the GitHub that is configured counts: the same
owner and name on another host is another repository.
"""

from __future__ import annotations

import re

from proxy.errors import Code, RpcError
from proxy.source.model import Repository

_MAX_LENGTH = 2048
_SHOWN = 120
PUBLIC_HOST = "github.com"
# github.com answers under these as well; the second is SSH through the HTTPS port:
# https://docs.github.com/en/authentication/troubleshooting-ssh/using-ssh-over-the-https-port
_PUBLIC_ALIASES = frozenset({"www.github.com", "ssh.github.com"})
_SCHEME = re.compile(r"(?:git\+)?(?:https?|ssh|git)://", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SCP = re.compile(r"([^/:@]+@)?([^/:@]+):(?!\d+/)([^/@]*(?:/.*)?)\Z", re.DOTALL)
_PORT = re.compile(r":\d{1,5}\Z")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def parse_repository(url: str, host: str = PUBLIC_HOST) -> Repository:
    """The repository that ``url`` names.

    Args:
        url: as a label has it: ``https://HOST/o/r``, ``HOST/o/r``, ``git@HOST:o/r.git``,
            ``ssh://git@HOST/o/r``; a ``.git`` ending, slashes, ``/tree/…`` tails, a query, a port and
            user information are no part of the repository's name.
        host: the host of the GitHub that is configured, without scheme. An address or a bare machine
            name stands in for ``github.com``.

    Raises:
        RpcError: ``invalid_argument`` when it is no repository, or one of another host.
    """
    text = url.strip()
    if not text:
        raise _refusal("no repository is given", host)
    if len(text) > _MAX_LENGTH or not text.isprintable():
        raise _refusal("the repository's address is too long or has unprintable characters", host)
    found_host, path = _split(text)
    if not found_host or not path:
        raise _refusal(f"{_shown(found_host, path)} is not the address of a repository", host)
    if not _same_host(found_host, host):
        raise _refusal(
            f"{_shown(found_host, path)} is on the host {found_host[:_SHOWN]!r}, not on {host}", host
        )
    elements = [element for element in path.split("/") if element]
    found = repository(elements[0], elements[1]) if len(elements) > 1 else None
    if found is None:
        raise _refusal(f"{_shown(found_host, path)} names no owner and repository", host)
    return found


def repository(owner: str, name: str) -> Repository | None:
    """A repository of these names, ``.git`` dropped, or ``None`` when GitHub has no such names."""
    if name.lower().endswith(".git"):
        name = name[:-4]
    valid = _NAME.fullmatch(owner) and _NAME.fullmatch(name) and not {owner, name} & {".", ".."}
    return Repository(owner, name) if valid else None


def _split(text: str) -> tuple[str, str]:
    if scheme := _SCHEME.match(text):
        text = text[scheme.end() :]
    elif _OTHER_SCHEME.match(text):
        return "", ""
    elif scp := _SCP.match(text):
        return scp[2].lower(), _without_query(scp[3])
    authority, _, path = _without_query(text).partition("/")
    return _PORT.sub("", authority.rpartition("@")[2]).lower(), path


def _without_query(text: str) -> str:
    return text.partition("?")[0].partition("#")[0]


def _same_host(found: str, host: str) -> bool:
    host = _PORT.sub("", host).lower()
    found = found.removesuffix(".")
    if found == host:
        return True
    is_public = host == PUBLIC_HOST or _stands_in_for_github(host)
    return is_public and (found == PUBLIC_HOST or found in _PUBLIC_ALIASES)


def _stands_in_for_github(host: str) -> bool:
    """Whether this is a server in github.com's place, such as the demo's or a test's.

    An address or a bare machine name is nobody's Enterprise Server in a label, so labels still say
    ``github.com`` there.
    """
    return "." not in host or ":" in host or host.replace(".", "").isdigit()


def _shown(host: str, path: str) -> str:
    # Rebuilt from its parts, because what was sent may carry a password before an @.
    shown = "/".join(part for part in (host, path) if part).rpartition("@")[2]
    return repr(shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…") if shown else "this"


def _refusal(what: str, host: str) -> RpcError:
    return RpcError(
        Code.INVALID_ARGUMENT,
        f"{what}; expected is https://{host}/OWNER/NAME, {host}/OWNER/NAME or git@{host}:OWNER/NAME.git "
        "(label service_repository)",
    )
