"""A root directory that holds the interpreter, shared libraries and the image's prefix, and nothing else.

All of it is read-only, there is no shell in it, no ``/tmp`` and no ``/dev/shm``, and whoever enters is the
image's user. That takes root and Linux; elsewhere the prefix is made read-only and entered as it is.
"""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from tests.image.building import INTERPRETER, Image

if TYPE_CHECKING:
    from collections.abc import Sequence

# $1: the new root; $2: the user; $3: how many paths follow that are to be in it; then the command.
_ENTER = """
set -eu
root=$1 user=$2 count=$3
shift 3
mount -t tmpfs -o mode=755 image "$root"
while [ "$count" -gt 0 ]; do
    if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root${1%/*}" && : > "$root$1"; fi
    mount -o bind "$1" "$root$1"
    mount -o remount,bind,ro "$root$1"
    shift
    count=$((count - 1))
done
mkdir "$root/proc"
mount -t proc -o ro proc "$root/proc"
mount -o remount,ro "$root"
exec "$CHROOT" --userspec="$user" "$root" "$@"
"""
_LIBRARIES = ("/lib", "/lib64", "/usr/lib")
_DEVICES = ("/dev/null", "/dev/urandom")


@functools.cache
def possible() -> bool:
    """Whether this machine lets us mount."""
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("chroot") is None:
        return False
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "trial", "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def entering(image: Image, command: Sequence[str], *, root: Path) -> list[str]:
    """The command that runs one inside.

    Args:
        image: whose user and environment it has.
        command: what to run, its first word found on the image's ``PATH``.
        root: an empty folder to mount on.
    """
    settings = [f"{name}={value}" for name, value in image.environ.items()]
    if not possible():
        return ["env", "-i", *settings, *command]
    paths = [path for path in _LIBRARIES + _DEVICES if Path(path).exists()]
    paths += [str(INTERPRETER), sysconfig.get_path("stdlib")]
    paths += [str(path) for path in (INTERPRETER.parents[1] / "lib").glob("libpython*") if path.is_file()]
    paths.append(str(image.prefix))
    chroot = shutil.which("chroot")
    assert chroot is not None
    script = _ENTER.replace('"$CHROOT"', shlex.join(["env", "-i", *settings, chroot]))
    return [
        *("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "enter"),
        *(str(root), image.user, str(len(paths)), *paths, *command),
    ]
