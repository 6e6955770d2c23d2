"""``.gitmodules``: where submodules come from.

Format: https://git-scm.com/docs/gitmodules
"""

from __future__ import annotations

import re

_SECTION = re.compile(r'\[\s*submodule\s+"(?P<name>[^"]*)"\s*\]')
_SETTING = re.compile(r"(?P<key>path|url|branch)\s*=\s*(?P<value>.*)", re.IGNORECASE)


def submodules(text: str) -> dict[str, dict[str, str]]:
    """Each submodule by its path: its ``name``, ``path``, and ``url`` and ``branch`` where given."""
    sections: list[dict[str, str]] = []
    for line in text.splitlines():
        section = _SECTION.match(line.strip())
        setting = _SETTING.match(line.strip())
        if section:
            sections.append({"name": section["name"]})
        elif setting and sections:
            sections[-1][setting["key"].lower()] = setting["value"].strip().strip('"')
    return {section["path"]: section for section in sections if "path" in section}
