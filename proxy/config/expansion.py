"""``${NAME}`` and ``${NAME:-default}`` in the scalars of a document.

Expanding happens after the YAML was read, scalar by scalar, so that no value of the environment
can add a key or change another one. What was put in is not expanded again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.config.values import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFERENCE = re.compile(
    r"(?P<escaped>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<default>:-[^{}]*)?\}|(?P<broken>\$\{)",
    re.ASCII,
)


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Put the environment's values into a text.

    As in a shell, the default of ``${NAME:-default}`` also stands in for an empty value.
    ``$${`` is a literal ``${``; any other ``$`` is itself.

    Raises:
        InvalidValueError: for a variable without a value and without a default, and for a ``${``
            that opens no reference.
    """
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "${"
        if match["broken"]:
            raise InvalidValueError(
                "holds a ${ that is neither ${NAME} nor ${NAME:-default} (a literal one is written $${)"
            )
        name, default = match["name"], match["default"]
        found = environ.get(name)
        if default is not None:
            return found or default.removeprefix(":-")
        if found is None:
            missing.append(name)
        return found or ""

    expanded = _REFERENCE.sub(value, text)
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise InvalidValueError(
            f"needs {names} from the environment, which is not set"
            f" (set it, or give a default as in ${{{missing[0]}:-default}})"
        )
    return expanded


def escape(text: str) -> str:
    """Write a text so that ``expand`` gives it back as it is."""
    return text.replace("${", "$${")
