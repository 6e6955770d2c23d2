"""A real nginx that ends TLS before a proxy, as docs/load-balancers.md configures it."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import trustme

from tests.e2e.hosts import addresses, replaced, snippet
from tests.fakes.programs import path_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_TRIES = 1000
_TEMPORARY = "\n".join(
    f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)


@dataclass(frozen=True)
class Ingress:
    """Where it is reached, and whom a client has to trust for that.

    Attributes:
        host: the address that it listens on and that clients ask for.
        url: the same with scheme and port.
        trust: knows the authority that made its certificate.
    """

    host: str
    url: str
    trust: ssl.SSLContext


@asynccontextmanager
async def running_nginx(proxy: str, folder: Path) -> AsyncIterator[Ingress]:
    """Run it before a proxy.

    Args:
        proxy: the address of the proxy, ``HOST:PORT``.
        folder: for what nginx writes.
    """
    program, (host,) = path_of("nginx"), addresses(1)
    authority = trustme.CA()
    certificate = authority.issue_cert(host)
    certificate.private_key_pem.write_to_path(folder / "tls.key")
    for part in certificate.cert_chain_pems:
        part.write_to_path(folder / "tls.crt", append=True)
    # One replica here; the documented second one is refused, as one is that is being replaced.
    words = {"listen 443": f"listen {host}:8443", "proxy-1:4041": proxy, "proxy-2:4041": f"{host}:1"}
    config = _around(replaced(snippet("load-balancers.md", "nginx"), words | {"profiles.example.com": host}))
    (folder / "nginx.conf").write_text(config)
    command = [program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    process = await asyncio.to_thread(subprocess.Popen, command)
    try:
        await _wait_for(process, host, 8443)
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        yield Ingress(host, f"https://{host}:8443", trust)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


def _around(http: str) -> str:
    """A whole configuration: what a packaged nginx brings, kept in one folder."""
    # Its workers give up root, and may then not read a private temporary folder.
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""{user}
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr crit;
events {{ worker_connections 256; }}
http {{
access_log off;
{_TEMPORARY}
{http}
}}
"""


async def _wait_for(process: subprocess.Popen[bytes], host: str, port: int) -> None:
    for _ in range(_TRIES):
        try:
            _, writer = await asyncio.open_connection(host, port)
        except ConnectionRefusedError:
            assert process.poll() is None, "nginx has ended"
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return
    raise AssertionError("nginx does not listen")
