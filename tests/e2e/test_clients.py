"""The public Python client of Connect against the running system, in all its ways to write a message."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from connectrpc.client import ConnectClient
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from pyqwest import Client as HttpClient

from tests.connect.test_python_client import RUNTIMES
from tests.e2e.conftest import GO, LARGE
from tests.fakes.system import SHOP

if TYPE_CHECKING:
    from tests.e2e.conftest import Histories
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"
SERVICE = "vcs.v1.VCSService"


class Vcs:
    """What a generated client is, with a session."""

    def __init__(self, client: ConnectClient, messages: dict[str, Any]) -> None:
        self._client = client
        self._messages = messages
        self.cookie = ""

    async def call(self, name: str, **fields: Any) -> Any:
        method = MethodInfo(
            name=name,
            service_name=SERVICE,
            input=self._messages[f"{name}Request"],
            output=self._messages[f"{name}Response"],
            idempotency_level=IdempotencyLevel.UNKNOWN,
            stream_type=StreamType.UNARY,
        )
        request = self._messages[f"{name}Request"](**fields)
        headers = {"cookie": self.cookie} if self.cookie else {}
        return await self._client.execute_unary(request=request, method=method, headers=headers)

    async def refused(self, name: str, **fields: Any) -> tuple[str, str]:
        with pytest.raises(ConnectError) as caught:
            await self.call(name, **fields)
        return caught.value.code.value, caught.value.message


@pytest.fixture(params=[None, GzipCompression()], ids=["identity", "gzip"])
def compression(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=RUNTIMES, ids=["own-proto", "own-json", "google-proto", "google-json"])
async def vcs(request: pytest.FixtureRequest, system: System, compression: Any) -> Vcs:
    messages, codec = request.param
    client = ConnectClient(
        system.url,
        codec=codec,
        accept_compression=[compression] if compression else [],
        send_compression=compression,
        http_client=HttpClient(),
    )
    return Vcs(client, messages)


async def test_a_whole_visit(vcs: Vcs, system: System, histories: Histories) -> None:
    app = await vcs.call("GithubApp")
    assert app.clientID == system.github.client_id
    code, message = await vcs.refused("GetFile", repositoryURL=SHOP, localPath=CART)
    assert (code, message[:13]) == ("unauthenticated", "invalid token")

    login = await vcs.call("GithubLogin", authorizationCode=await system.code("ada"))
    assert login.refresh_token_expires_at > login.token_expires_at > 1_700_000_000_000
    vcs.cookie = login.cookie.partition(";")[0]
    file = await vcs.call("GetFile", repositoryURL=SHOP, localPath=CART, ref="v1.0.0")
    assert base64.b64decode(file.content) == GO.encode()
    page = f"{system.github.web_url}/acme/shop/blob/{histories.first}/{CART}"
    assert str(file.URL) == page
    large = await vcs.call("GetFile", repositoryURL=SHOP, localPath="odd/large.go")
    assert base64.b64decode(large.content) == LARGE

    commit = await vcs.call("GetCommit", repositoryURL=SHOP, ref="v1.0.0")
    assert (commit.sha, commit.author.login) == (histories.first, "ada")
    assert commit.URL.endswith(f"/acme/shop/commit/{histories.first}")
    commits = await vcs.call("GetCommits", repository_url=SHOP, refs=["main", "gone"])
    assert [each.sha for each in commits.commits] == [histories.second]

    assert (await vcs.refused("GetFile", repositoryURL=SHOP, localPath="gone.rb"))[0] == "not_found"
    assert (await vcs.refused("GetCommit", repositoryURL="x", ref="main"))[0] == "invalid_argument"
    renewed = await vcs.call("GithubRefresh")
    assert (await vcs.refused("GetFile", repositoryURL=SHOP, localPath="odd/latin.py"))[
        0
    ] == "unauthenticated"
    vcs.cookie = renewed.cookie.partition(";")[0]
    assert (await vcs.call("GetFile", repositoryURL=SHOP, localPath="odd/latin.py")).content
