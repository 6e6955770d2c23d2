"""Which tenant a request is of, as Pyroscope decides it.

https://grafana.com/docs/pyroscope/latest/configure-server/about-tenant-ids/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADER = "X-Scope-OrgID"
ANONYMOUS = "anonymous"
_MAX_LENGTH = 150
_TENANT = re.compile(r"[A-Za-z0-9!_.*'()-]+")


def tenant_of(headers: Mapping[str, str], *, multitenancy_enabled: bool) -> str:
    """The tenant of a request to one of our own routes.

    Args:
        headers: the request's, looked up without regard to case.
        multitenancy_enabled: when off, everybody is ``anonymous`` and the header counts for nothing.

    Raises:
        RpcError: ``unauthenticated`` without a tenant, ``invalid_argument`` for one that cannot exist.
    """
    if not multitenancy_enabled:
        return ANONYMOUS
    tenant = headers.get(HEADER, "")
    if not tenant:
        raise RpcError(
            Code.UNAUTHENTICATED,
            f"no org id: set the header {HEADER} in the settings of the Grafana data source",
        )
    if len(tenant) > _MAX_LENGTH or not _TENANT.fullmatch(tenant) or tenant in {".", ".."}:
        raise RpcError(
            Code.INVALID_ARGUMENT,
            f"the header {HEADER} does not name one tenant: "
            f"up to {_MAX_LENGTH} letters, digits and characters of !-_.*'()",
        )
    return tenant
