"""docs/resolution.md names every rule, and the configuration that it shows is one."""

from __future__ import annotations

import re
from pathlib import Path

from proxy.source import mapping
from proxy.source.rules import DESCRIPTIONS, RULES

DOCS = (Path(__file__).parent.parent / "docs" / "resolution.md").read_text("utf-8")


def test_every_rule_is_documented_in_its_own_words() -> None:
    assert re.findall(r"^\| `(\w+)` \| (.+) \|$", DOCS, re.MULTILINE) == [
        (rule, DESCRIPTIONS[rule]) for rule in RULES
    ]


def test_the_configuration_that_is_shown_is_valid() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    mappings = mapping.parse(example.encode())
    assert len(mappings.mappings) == 2
    assert mappings.notes == ()
