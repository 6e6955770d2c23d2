"""What the name of a Go function says: the package that it belongs to.

Names are those of the linker (``github.com/a/b.(*T[...]).Method.func1``), where a dot in the last
element of the package's path is ``%2e``: https://pkg.go.dev/cmd/link.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

# What the compiler makes for types and for itself: type:.eq.x, type..hash.x, go:buildid.
_MADE = ("type:", "type..", "go:", "go.shape.", "go.")
_END = re.compile(r"[\[(]")


def package_of(function_name: str) -> str | None:
    """The import path of the function's package, ``main`` included; ``None`` when the name has none.

    Type arguments, receivers, closures (``.func1``, ``.gowrap1``) and method values (``-fm``) follow
    the package and never matter here.
    """
    if function_name.startswith(_MADE):
        return None
    head = _END.split(function_name, maxsplit=1)[0]
    start = head.rfind("/") + 1
    dot = head.find(".", start)
    if dot <= start:  # no dot: an assembly label such as `memeqbody`
        return None
    return unquote(head[:dot])
