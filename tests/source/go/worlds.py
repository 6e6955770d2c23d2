"""Repositories and answers of hosts that the transcripts of Go are played against."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from proxy.source.model import Lookup, Repository, Service

if TYPE_CHECKING:
    from tests.source.transcript import Web, World

SHOP = Service(Repository("acme", "shop"), "main")
CART = Service(Repository("acme", "shop"), "main", "services/cart")
CACHE = "/go/pkg/mod/"


def shop(go_mod: str = "", **files: str) -> World:
    found = {path.replace("__", "/"): text for path, text in files.items()}
    return {"acme/shop": {"main": {**found, **({"go.mod": go_mod} if go_mod else {})}}}


def info(module: str, version: str, **values: str) -> Web:
    return {(Lookup.GO_MODULE_PROXY, f"{module}/@v/{version}.info"): json.dumps({"Origin": values})}


def page(module: str, *tags: str) -> Web:
    metas = "".join(f'<meta name="{tag.split()[0]}" content="{tag.partition(" ")[2]}">' for tag in tags)
    return {(Lookup.GO_GET, f"https://{module}?go-get=1"): f"<head>{metas}</head>"}
