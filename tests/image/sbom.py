"""Reads bills of materials in CycloneDX's JSON."""

from __future__ import annotations

from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name


def is_valid(text: str) -> bool:
    """Whether it keeps to CycloneDX's schema to the letter."""
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert fault is None, fault
    return True


def components(bill: dict[str, Any]) -> dict[str, str]:
    """The version of each component by its name."""
    return {canonicalize_name(part["name"]): part["version"] for part in bill["components"]}
