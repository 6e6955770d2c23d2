"""One target under atheris, which never comes back: ``python -m fuzz.engine TARGET FOLDERS FLAGS``.

https://github.com/google/atheris
"""

from __future__ import annotations

import sys
from zlib import crc32

import atheris

with atheris.instrument_imports(include=["proxy"]):
    from fuzz.targets import TARGETS

from fuzz.work import assert_in_bounds, stretched

_COUNTED, _STRETCHED = 64, 500
"""Of so many inputs, one has its work counted, and one is stretched: both take several times as long."""
_LONG = 256 * 1024
"""What is quadratic, in a regular expression too, does not end at this length in the time it is given."""


def main(target: str, arguments: list[str]) -> None:
    """Fuzz until time is up or a rule does not hold; ends the process."""
    check = TARGETS[target].check

    def one(data: bytes) -> None:
        chosen = crc32(data)
        if not chosen % _COUNTED:
            assert_in_bounds(check, data)
        elif not chosen % _STRETCHED:
            check(stretched(data, _LONG))
        else:
            check(data)

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
