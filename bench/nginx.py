"""nginx twice: as the upstream that serves files, and as the proxy to be compared with."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

INSTALL = "apt-get install nginx-light"
IN_CHUNKS = "/in-chunks/"


def find() -> str | None:
    """Nginx's path; Debian keeps it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def command(nginx: str, config: Path) -> list[str]:
    """Run it in the foreground with everything that it writes beside ``config``."""
    return [nginx, "-p", str(config.parent), "-e", "stderr", "-c", str(config)]


def upstream_config(port: int, folder: Path) -> str:
    """Serve the files of ``folder``; below ``IN_CHUNKS`` without a length, as includes would change it."""
    return _config(
        f"""
    server {{
        listen 127.0.0.1:{port};
        root {folder};
        location / {{ }}
        location {IN_CHUNKS} {{
            alias {folder}/;
            ssi on;
            ssi_types *;
            output_buffers 2 128k;
        }}
    }}"""
    )


def proxy_config(port: int, upstream_port: int) -> str:
    """Pass everything to the upstream over kept-alive connections, nothing spooled to disk.

    ``proxy_set_header`` stands once and in one block: a second one further down would drop those
    above, and with ``Connection`` the upstream's keep-alive.
    https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header
    """
    return _config(
        f"""
    upstream pyroscope {{
        server 127.0.0.1:{upstream_port};
        keepalive 64;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 0;
        location / {{
            proxy_pass http://pyroscope;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $proxy_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_buffer_size 16k;
            proxy_buffers 16 16k;
            proxy_max_temp_file_size 0;
            proxy_request_buffering off;
        }}
    }}"""
    )


def _config(http: str) -> str:
    # Its workers give up root, and may then not read a private temporary folder.
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "\n".join(
        f"    {kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""{user}
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
{temporary}
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 300s;
    keepalive_requests 1000000000;
    default_type application/octet-stream;{http}
}}
"""
