"""Host names of documented configurations, each an address of its own on the loopback network."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCS = Path(__file__).parents[2] / "docs"


def addresses(count: int) -> list[str]:
    """Addresses that no other test process uses, so that every port on them is free and stays so."""
    if sys.platform != "linux":
        pytest.skip("only Linux has the whole network 127.0.0.0/8 on the loopback device")
    process = os.getpid()
    network = f"127.{64 + (process >> 14) % 128}.{process >> 6 & 255}"
    return [f"{network}.{(process & 63) * 4 + number}" for number in range(count)]


def snippet(document: str, language: str) -> str:
    """The block of a language in a document, which has to be its only one."""
    text = (DOCS / document).read_text("utf-8")
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(block)


def replaced(text: str, words: Mapping[str, str]) -> str:
    """The text with words replaced, each of which has to be there."""
    for old, new in words.items():
        assert old in text, f"{old} is not in the documented configuration"
        text = text.replace(old, new)
    return text
