"""What this process may have: addresses, descriptors, memory, CAs; and the operator's own file."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.doctor.judging.egress import Authorities
from proxy.doctor.judging.machine import Binding, Memory
from proxy.source import mapping

if TYPE_CHECKING:
    from proxy.config.model import HostPort
    from proxy.source.mapping import Mappings

_CGROUP = Path("/sys/fs/cgroup")
_LIMITS = ("memory.max", "memory.limit_in_bytes")
"""Of cgroup v2 and v1: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files"""
_NO_LIMIT = 2**60


async def try_address(where: HostPort) -> Binding:
    """Bind to every address of a host, without listening, and let go of it again."""
    try:
        infos = await asyncio.get_running_loop().getaddrinfo(
            where.host or None, where.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError:
        return Binding.UNKNOWN_NAME
    found = [_bind(info[0], info[4]) for info in infos]
    # As the proxy does it: a family that the machine lacks is left out where another one is there.
    worst = [binding for binding in found if binding is not Binding.NOT_HERE]
    return next((binding for binding in worst if binding is not Binding.FREE), (worst or found)[0])


def _bind(family: int, address: tuple[object, ...]) -> Binding:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            # What has just been closed there does not count; what listens there does.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return Binding.TAKEN
        return Binding.FORBIDDEN if error.errno in {errno.EACCES, errno.EPERM} else Binding.NOT_HERE
    return Binding.FREE


def descriptor_limit() -> int:
    """How many file descriptors this process may have open now."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _NO_LIMIT if soft == resource.RLIM_INFINITY else soft


def memory_limit(cgroups: Path = _CGROUP, own: Path = Path("/proc/self/cgroup")) -> Memory | None:
    """The tightest limit of the control groups around this process, else the machine's memory.

    Args:
        cgroups: where the file system of control groups is.
        own: the file that says in which of them this process is.
    """
    limits = [limit for folder in _groups(cgroups, own) if (limit := _limit(folder)) is not None]
    if limits:
        return Memory(min(limits), "the control group's limit")
    with suppress(OSError, ValueError):
        return Memory(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), "the machine's memory")
    return None


def _groups(cgroups: Path, own: Path) -> list[Path]:
    """The folders of this process' groups and of all above them, as the host or the container sees them."""
    folders = [cgroups, cgroups / "memory"]
    with suppress(OSError, ValueError):
        for line in own.read_text("utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in {"", "memory"}:
                below = (cgroups / "memory" if controllers else cgroups) / path.lstrip("/")
                folders += [folder for folder in (below, *below.parents) if folder.is_relative_to(cgroups)]
    return folders


def _limit(folder: Path) -> int | None:
    for name in _LIMITS:
        with suppress(OSError, ValueError):
            found = int((folder / name).read_text("ascii"))
            return found if found < _NO_LIMIT else None
    return None


def authorities(file: str) -> Authorities:
    """The CAs that are trusted; ``file`` is what ``SSL_CERT_FILE`` names, empty where it is not set."""
    if file:
        try:
            with Path(file).open("rb"):
                pass
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(file)
        except ssl.SSLError:
            return Authorities(file, "holds no certificate in PEM", 0)
        except OSError as error:
            return Authorities(file, f"cannot be read: {error.strerror}", 0)
        return Authorities(file, "", context.cert_store_stats()["x509_ca"])
    count = ssl.create_default_context().cert_store_stats()["x509_ca"]
    folder = ssl.get_default_verify_paths().capath
    # Those of a folder are looked up when they are needed.
    return Authorities("", "", count or (None if folder and any(Path(folder).iterdir()) else 0))


def read_mappings(path: str) -> Mappings | str | None:
    """The operator's own mappings, or why they cannot be used; ``None`` for no path."""
    if not path:
        return None
    try:
        return mapping.parse(Path(path).read_bytes())
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except mapping.InvalidMappingsError as error:
        return f"is not valid: {'; '.join(error.faults)}"
