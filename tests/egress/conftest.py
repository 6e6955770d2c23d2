from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme

from tests.egress.sites import Names, Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


@pytest.fixture
async def site(ca: trustme.CA, trusted: None) -> AsyncIterator[Site]:
    """Where ``go.example`` and ``other.example`` lead."""
    async with Site(ca) as running:
        yield running


@pytest.fixture
def names(site: Site) -> Names:
    return Names(go=[site.place], other=[site.place])
