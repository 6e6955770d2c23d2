"""Whether the proxy of this container is ready: ``python3 -m proxy.healthcheck [HOST:PORT]``.

The image's health check: it needs neither a shell nor curl, and takes no longer than a few seconds.
"""

from __future__ import annotations

import http.client
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ADDRESS: Final = "127.0.0.1:4043"
"""The admin listener on its default port."""
TIMEOUT_SECONDS: Final = 3.0
_READY: Final = 200


def main(argv: Sequence[str]) -> int:
    """Ask ``/-/ready`` of the admin listener.

    Args:
        argv: the arguments without the program's name: at most an address, ``HOST:PORT``.

    Returns:
        The exit code, in the meaning of ``HEALTHCHECK``: 0 ready, 1 not. Why not is on standard error.
        https://docs.docker.com/reference/dockerfile/#healthcheck
    """
    address = argv[0] if argv else ADDRESS
    refusal = _ask(address)
    if refusal:
        sys.stderr.write(f"{address} is not ready: {refusal}\n")
    return 1 if refusal else 0


def _ask(address: str) -> str:
    """Why it is not ready; empty when it is."""
    try:
        connection = http.client.HTTPConnection(address, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", "/-/ready")
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        return str(error) or type(error).__name__
    return "" if status == _READY else f"it answers {status}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
