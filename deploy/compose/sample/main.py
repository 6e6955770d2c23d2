"""A service that is busy, and sends profiles of itself with the labels that lead to its source.

It reads and writes YAML with PyYAML, in pure Python, over and over. PyYAML is public, so that everyone can
open the source that the profiles are of; the labels name its repository at the version that is installed.

``main.py`` serves until SIGTERM; ``main.py --check`` tells by its exit code whether it does.
"""

from __future__ import annotations

import http.server
import os
import signal
import sys
import threading
import urllib.request
from importlib.metadata import version
from typing import TYPE_CHECKING

import pyroscope
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

PORT = 8080
ORDER = {
    "id": 4711,
    "customer": {"name": "Ada", "city": "London"},
    "lines": [{"article": f"article-{number}", "amount": number} for number in range(40)],
}


def labels(environ: Mapping[str, str]) -> dict[str, str]:
    """The three labels that the source is found by; each can be set in the environment."""
    return {
        "service_repository": environ.get("SERVICE_REPOSITORY") or "https://github.com/yaml/pyyaml",
        "service_git_ref": environ.get("SERVICE_GIT_REF") or version("pyyaml"),
        "service_root_path": environ.get("SERVICE_ROOT_PATH") or "lib",
    }


class Shop(http.server.ThreadingHTTPServer):
    """Works through orders, and tells every GET how many it has done."""

    done = 0

    def work(self, ended: threading.Event) -> None:
        """Write orders and read them again, until the end."""
        while not ended.is_set():
            text = yaml.dump(ORDER, Dumper=yaml.SafeDumper)
            if yaml.load(text, Loader=yaml.SafeLoader) != ORDER:
                raise ValueError("what was written was not what was read")
            self.done += 1
            # Busy enough to be seen in a profile, idle enough to leave the machine to others.
            ended.wait(0.05)


class _Answers(http.server.BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        body = f"{self.server.done}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing: the checks would be all that the log is about."""


def serve(environ: Mapping[str, str]) -> None:
    """Work, send profiles and answer health checks, until SIGTERM or SIGINT."""
    pyroscope.configure(
        application_name="sample",
        server_address=environ.get("PYROSCOPE_SERVER_ADDRESS", "http://localhost:4040"),
        tags=labels(environ),
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    port = int(environ.get("PORT", str(PORT)))
    with Shop(("127.0.0.1", port), _Answers) as shop:
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        sys.stderr.write(f"answers on port {shop.server_port}\n")
        shop.work(ended)
        shop.shutdown()
    # What was not sent yet is sent now.
    pyroscope.shutdown()


def healthy(environ: Mapping[str, str]) -> bool:
    """Whether the service answers."""
    url = f"http://127.0.0.1:{environ.get('PORT', PORT)}/"
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=3):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(not healthy(os.environ))
    serve(os.environ)
