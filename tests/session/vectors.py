"""The vectors as tests want them: each entry under its name."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from proxy.session import Token

FILE = Path(__file__).parent.parent / "vectors" / "sessions.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
SEALED: list[dict[str, Any]] = VECTORS["sealed"]


def each(name: str) -> pytest.MarkDecorator:
    """Run a test once for each entry of the list ``name``."""
    entries = VECTORS[name]
    return pytest.mark.parametrize("vector", entries, ids=[entry["name"] for entry in entries])


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def token_of(vector: dict[str, Any]) -> Token:
    fields = vector["token"]
    return Token(
        fields["access_token"], fields["token_type"], fields["refresh_token"], moment(fields["expiry"])
    )
