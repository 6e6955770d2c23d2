"""What the way out means: proxies of the environment, CAs, the places that look-ups ask. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from proxy.doctor.judging.answers import Silent, named, sentences
from proxy.doctor.model import failure, ok, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yarl import URL

    from proxy.config.model import Egress
    from proxy.doctor.judging.answers import Answer
    from proxy.doctor.model import Finding

PROXY, AUTHORITIES, PRIVATE = "egress.proxy", "egress.authorities", "egress.private_addresses"


@dataclass(frozen=True, slots=True)
class Authorities:
    """The CAs that are trusted.

    Attributes:
        file: what ``SSL_CERT_FILE`` names; empty where it is not set.
        fault: why that file is of no use; empty where it is.
        count: how many CAs are loaded; ``None`` where the system looks them up in a folder when needed.
    """

    file: str
    fault: str
    count: int | None


def useless_proxy(found: str, advice: str) -> Finding:
    """What the environment names is no forward proxy, so that the proxy does not even start."""
    return failure(PROXY, found, advice)


def proxy(ways: Mapping[str, URL | None], upstream: str) -> Finding:
    """Which destinations are reached through a forward proxy.

    Args:
        ways: by host, the proxy on the way there, whose password is not shown.
        upstream: the host of Pyroscope.
    """
    through = {host: _shown(way) for host, way in ways.items() if way is not None}
    if upstream in through:
        return warning(
            PROXY,
            f"Pyroscope ({upstream}) is asked through the forward proxy {through[upstream]}",
            f"add {upstream} to NO_PROXY, unless that is really the way there",
        )
    if not through:
        return ok(PROXY, "no forward proxy is used (HTTPS_PROXY, NO_PROXY)")
    proxies = ", ".join(sorted(set(through.values())))
    return ok(PROXY, f"{', '.join(sorted(through))} through the forward proxy {proxies}, the rest directly")


def authorities(found: Authorities) -> Finding:
    """Whether there are CAs to trust."""
    if found.fault:
        return failure(
            AUTHORITIES,
            f"SSL_CERT_FILE names {found.file}, which {found.fault}",
            "name a PEM file with the CAs; it replaces the system's, so it needs the public ones too",
        )
    if found.count == 0:
        return failure(
            AUTHORITIES,
            "no CA is trusted, so no https address can be asked",
            "install the system's CAs (Debian: ca-certificates) or name a PEM file in SSL_CERT_FILE",
        )
    where = f"of {found.file} (SSL_CERT_FILE)" if found.file else "of the system"
    number = "CAs" if found.count is None else f"{found.count} CA{'' if found.count == 1 else 's'}"
    return ok(AUTHORITIES, f"{number} {where}")


def private_addresses(egress: Egress) -> Finding:
    """Whether profiles can have hosts inside asked."""
    if egress.allow_private_addresses:
        return warning(
            PRIVATE,
            "look-ups that a profile or repository steers may reach private addresses",
            "set egress.allow_private_addresses to false, unless modules are really served inside",
        )
    return ok(PRIVATE, "look-ups that a profile or repository steers reach public addresses only")


def lookup(name: str, url: URL | None, answer: Answer | None) -> Finding:
    """Whether a place that knows packages can be asked.

    Args:
        name: of the key below ``resolver``.
        url: its value.
        answer: to a request for it; ``None`` where it is turned off.
    """
    check = f"egress.{name}"
    if url is None or answer is None:
        return skipped(check, f"resolver.{name} is empty: that look-up is turned off")
    if isinstance(answer, Silent):
        found, advice = sentences(answer, host=named(url), key=f"resolver.{name}")
        advice = f"{advice}; or set resolver.{name} to a mirror, or to nothing to turn the look-up off"
        return warning(check, found, advice)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return warning(
            check,
            f"{named(url)} is not well (HTTP {answer.status})",
            "sources of packages are not found meanwhile; check any proxy on the way",
        )
    return ok(check, f"{named(url)} answers, in {answer.milliseconds}")


def _shown(way: URL) -> str:
    return f"{way.host}:{way.port}"
