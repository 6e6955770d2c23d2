"""haproxy as the proxy to be compared with."""

from __future__ import annotations

import shutil

INSTALL = "apt-get install haproxy"


def find() -> str | None:
    """Haproxy's path; Debian keeps it where only root looks."""
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")


def command(haproxy: str, config: str) -> list[str]:
    """Run it in the foreground, in one process."""
    return [haproxy, "-db", "-q", "-f", config]


def proxy_config(port: int, upstream_port: int) -> str:
    """Pass everything to the upstream over kept-alive connections that all clients share, on one thread.

    https://docs.haproxy.org/2.6/configuration.html#4.2-http-reuse
    """
    return f"""
global
    nbthread 1
    maxconn 2000
defaults
    mode http
    timeout connect 5s
    timeout client 300s
    timeout server 300s
    timeout http-keep-alive 300s
    http-reuse always
    option forwardfor
frontend listener
    bind 127.0.0.1:{port}
    default_backend pyroscope
backend pyroscope
    server one 127.0.0.1:{upstream_port} pool-max-conn 64
"""
