"""nginx and haproxy in front of an upstream, to see what they make of a request."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("nginx", "haproxy")
_NGINX = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_header_timeout 2s;
    client_body_timeout 2s;
    keepalive_timeout 2s;
    lingering_timeout 1s;
    upstream behind {{ server 127.0.0.1:{upstream}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://behind;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_set_header Connection "";
        }}
    }}
}}
"""
_HAPROXY = """
defaults
    mode http
    timeout connect 5s
    timeout client 2s
    timeout server 5s
    timeout http-keep-alive 2s
frontend front
    bind 127.0.0.1:{port}
    default_backend behind
backend behind
    server upstream 127.0.0.1:{upstream}
"""


def find(name: str) -> str | None:
    """A server's path; Debian keeps them where only root looks."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def version(name: str) -> str:
    """Its major and minor version, such as ``1.22``."""
    done = subprocess.run([find(name) or name, "-v"], capture_output=True, text=True, check=True)
    found = re.search(r"(\d+\.\d+)\.\d+", done.stdout + done.stderr)
    assert found
    return found[1]


@contextmanager
def running(name: str, upstream: int, folder: Path) -> Iterator[int]:
    """A server in front of the upstream's port; its own port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / f"{name}.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    form = _NGINX if name == "nginx" else _HAPROXY
    config.write_text(form.format(port=port, upstream=upstream, folder=folder, user=user))
    path = find(name) or name
    command = [path, "-c" if name == "nginx" else "-f", str(config)]
    command += ["-p", str(folder), "-e", "stderr"] if name == "nginx" else ["-db"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
        except OSError:
            continue
        return
    raise AssertionError("the server ended without a word")
