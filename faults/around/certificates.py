"""Certificates for GitHub: one that the proxy trusts and one that it must not."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificates:
    """``authorities`` is the file for ``SSL_CERT_FILE``; the two contexts are a server's."""

    authorities: Path
    trusted: ssl.SSLContext
    untrusted: ssl.SSLContext


def make(folder: Path) -> Certificates:
    """Make both, for ``localhost``."""
    ours, others = trustme.CA(), trustme.CA()
    file = folder / "authorities.pem"
    ours.cert_pem.write_to_path(str(file))
    return Certificates(file, _server(ours), _server(others))


def _server(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context
