"""The dashboard as it is delivered."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.deploy.monitoring.rules import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = ROOT / "deploy" / "helm" / "files" / "dashboards" / "source-proxy.json"
TEXT = FILE.read_text("utf-8")
DASHBOARD: dict[str, Any] = json.loads(TEXT)
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
_BUILT_IN = {"$__rate_interval": "5m"}


def targets() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every query of a panel, with the panel's title."""
    for panel in PANELS:
        yield from ((panel["title"], target) for target in panel["targets"])


def expressions() -> list[str]:
    """Every expression, as Grafana sends it when everything is chosen."""
    annotations = [it["expr"] for it in DASHBOARD["annotations"]["list"] if "expr" in it]
    return [chosen(it) for it in (*annotations, *(target["expr"] for _, target in targets()))]


def chosen(text: str) -> str:
    """With the variables replaced."""
    values = dict(_BUILT_IN)
    for variable in DASHBOARD["templating"]["list"]:
        values["$" + variable["name"]] = str(variable.get("allValue", variable["query"]))
    return re.sub(r"\$\w+", lambda found: values[found[0]], text)
