"""What came of one HTTP request, and what its failing says in any group. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from proxy.doctor.model import failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yarl import URL

    from proxy.doctor.model import Finding

SLOW_SECONDS = 2.0
"""From here on an answer without any work in it is called slow."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer.

    Attributes:
        status: of HTTP.
        headers: names looked up without regard to case.
        body: its beginning.
        seconds: from sending the request to the end of the answer.
        at: the local clock half-way, Unix seconds.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    seconds: float
    at: float

    def json(self) -> dict[str, Any] | None:
        """The body as a JSON object; ``None`` when it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def milliseconds(self) -> str:
        """How long it took, for people."""
        return f"{self.seconds * 1000:.0f} ms"


class Trouble(Enum):
    """Why there was no answer."""

    DNS = "dns"
    CONNECT = "connect"
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"
    TLS = "tls"
    PROXY = "proxy"
    CLOSED = "closed"
    NOT_HTTP = "not_http"


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer: why, and the system's own words for it where they help."""

    trouble: Trouble
    detail: str = ""


Answer = Heard | Silent

_SENTENCES = {
    Trouble.DNS: (
        "the name {host} is not known to the name server",
        "correct {key}, or the name servers of this machine (Kubernetes: dnsPolicy, and egress to port 53)",
    ),
    Trouble.CONNECT: (
        "{host} cannot be connected to{detail}",
        "check that it runs, its port in {key}, and firewalls and network policies on the way",
    ),
    Trouble.TIMEOUT: (
        "{host} did not answer within {detail}",
        "check {key}, and firewalls and network policies on the way, which drop packets without a word",
    ),
    Trouble.CERTIFICATE: (
        "the certificate of {host} is not trusted{detail}",
        "name a file with its CA in SSL_CERT_FILE, and check that {key} has the name in the certificate",
    ),
    Trouble.TLS: (
        "{host} does not speak TLS as it has to",
        "check that {key} has the right scheme and port, and what breaks TLS open on the way",
    ),
    Trouble.PROXY: (
        "the proxy that the environment names does not lead to {host}{detail}",
        "correct HTTPS_PROXY, have the proxy allow {host}, or add it to NO_PROXY",
    ),
    Trouble.CLOSED: (
        "{host} closed the connection without an answer",
        "check that {key} has the right scheme and port, and the log of what listens there",
    ),
    Trouble.NOT_HTTP: (
        "what {host} answers is not HTTP",
        "check that {key} has the right scheme and port",
    ),
}


def sentences(silent: Silent, *, host: str, key: str) -> tuple[str, str]:
    """What was found and what to do when there was no answer.

    Args:
        silent: why.
        host: who was asked.
        key: the key of the configuration that says so.
    """
    found, advice = _SENTENCES[silent.trouble]
    detail = silent.detail
    if detail and silent.trouble is not Trouble.TIMEOUT:
        detail = f" ({detail})"
    return found.format(host=host, detail=detail), advice.format(host=host, key=key)


def unanswered(check: str, silent: Silent, *, host: str, key: str) -> Finding:
    """The finding for what has to answer and does not."""
    return failure(check, *sentences(silent, host=host, key=key))


def named(url: URL) -> str:
    """The host of an address, with its port where that is not its scheme's own."""
    host = url.host_subcomponent or ""
    return host if url.is_default_port() else f"{host}:{url.port}"


def is_redirect(status: int) -> bool:
    """Whether an answer sends the asker elsewhere."""
    return (
        HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST and status != HTTPStatus.NOT_MODIFIED
    )
