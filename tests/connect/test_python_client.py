"""The public Python client, over a real socket, with its own protobuf runtime and with Google's."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import pytest
from connectrpc.client import ConnectClient
from connectrpc.codec import proto_binary_codec, proto_json_codec
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from protobuf._codegen import file_desc
from pyqwest import Client as HttpClient

from proxy.connect.edge import Call, Method
from proxy.errors import Code
from proxy.proto import vcs_pb2
from tests.connect.descriptors import described
from tests.connect.service import LOGIN, SERVICE, serving

if TYPE_CHECKING:
    from connectrpc.codec import Codec
    from connectrpc.compression import Compression
    from google.protobuf.message import Message
    from yarl import URL

# What the client's own generator would write into a module: the messages, made from their description.
OWN = {
    message.name: message.type
    for message in file_desc(described(vcs_pb2.DESCRIPTOR).SerializeToString(), (), {}).messages
}
GOOGLE = {name: getattr(vcs_pb2, name) for name in vcs_pb2.DESCRIPTOR.message_types_by_name}
RUNTIMES: list[tuple[dict[str, Any], Codec[Any, Any]]] = [
    (OWN, proto_binary_codec()),
    (OWN, proto_json_codec()),
    (GOOGLE, google_protobuf_binary_codec()),
    (GOOGLE, google_protobuf_json_codec()),
]
GZIP = GzipCompression()


class Vcs:
    """The client of one service; ``call`` is what a generated method does."""

    def __init__(self, client: ConnectClient, messages: dict[str, Any]) -> None:
        self._client = client
        self._messages = messages

    async def call(self, name: str, *, timeout_ms: int | None = None, **fields: Any) -> Any:
        method = MethodInfo(
            name=name,
            service_name=SERVICE,
            input=self._messages[f"{name}Request"],
            output=self._messages[f"{name}Response"],
            idempotency_level=IdempotencyLevel.UNKNOWN,
            stream_type=StreamType.UNARY,
        )
        request = self._messages[f"{name}Request"](**fields)
        return await self._client.execute_unary(request=request, method=method, timeout_ms=timeout_ms)


def connect(
    url: URL, runtime: tuple[dict[str, Any], Codec[Any, Any]], compression: Compression | None
) -> Vcs:
    messages, codec = runtime
    client = ConnectClient(
        str(url.origin()),
        codec=codec,
        accept_compression=[compression] if compression else [],
        send_compression=compression,
        http_client=HttpClient(),
    )
    return Vcs(client, messages)


@pytest.fixture(params=RUNTIMES, ids=["own-proto", "own-json", "google-proto", "google-json"])
def runtime(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=[None, GZIP], ids=["identity", "gzip"])
async def client(request: pytest.FixtureRequest, vcs: URL, runtime: Any) -> Vcs:
    return connect(vcs, runtime, request.param)


async def test_messages_arrive_whole(client: Vcs) -> None:
    answer = await client.call("GetFile", ref="3000", localPath="ä.go", repositoryURL="r", functionName="f")
    assert base64.b64decode(answer.content) == "ä.go".encode() * 3000
    assert answer.URL == "r"


async def test_empty_messages_arrive(client: Vcs) -> None:
    assert (await client.call("GithubApp")).clientID == "client"


async def test_64_bit_integers_arrive_exactly(client: Vcs) -> None:
    answer = await client.call("GithubLogin", authorizationCode="c")
    assert answer.refresh_token_expires_at == LOGIN.refresh_token_expires_at
    assert answer.cookie == LOGIN.cookie


async def test_repeated_and_nested_fields_arrive(client: Vcs) -> None:
    answer = await client.call("GetCommits", repository_url="r", refs=["a", "b"])
    assert [(commit.sha, commit.author.avatarURL) for commit in answer.commits] == [("a", "r"), ("b", "r")]


@pytest.mark.parametrize("code", Code)
async def test_every_code_arrives_with_its_message(client: Vcs, code: Code) -> None:
    with pytest.raises(ConnectError) as caught:
        await client.call("GetFile", ref=code.value)
    assert (caught.value.code.value, caught.value.message) == (code.value, f"“{code.value}” was asked for")


async def test_an_unexpected_error_is_internal(client: Vcs) -> None:
    with pytest.raises(ConnectError, match="Something went wrong here") as caught:
        await client.call("GetCommit", ref="x")
    assert caught.value.code.value == "internal"


async def test_an_unknown_method_is_unimplemented(vcs: URL, runtime: Any) -> None:
    renamed = {
        "GetFilesRequest": runtime[0]["GetFileRequest"],
        "GetFilesResponse": runtime[0]["GetFileResponse"],
    }
    with pytest.raises(ConnectError) as caught:
        await connect(vcs, (renamed, runtime[1]), GZIP).call("GetFiles")
    assert caught.value.code.value == "unimplemented"


async def test_a_timeout_ends_the_call_and_the_handler(runtime: Any) -> None:
    ended = asyncio.Event()
    deadlines: list[float | None] = []

    async def handler(_: vcs_pb2.GithubAppRequest, call: Call) -> Message:
        deadlines.append(call.deadline)
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        try:
            return await future
        finally:
            ended.set()

    async with serving([Method("GithubApp", vcs_pb2.GithubAppRequest, handler)]) as url:
        # On a busy machine the time may be over before the handler has begun.
        codes = []
        for timeout_ms in (200, 2000, 20_000):
            with pytest.raises(ConnectError) as caught:
                await connect(url, runtime, None).call("GithubApp", timeout_ms=timeout_ms)
            codes.append(caught.value.code.value)
            if deadlines:
                break
        await ended.wait()
    assert set(codes) == {"deadline_exceeded"}
    assert deadlines[0] is not None
