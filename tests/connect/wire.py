"""Plain HTTP, as it goes over the wire."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp
    from google.protobuf.message import Message
    from multidict import CIMultiDictProxy
    from yarl import URL

JSON = {"Content-Type": "application/json"}
PROTO = {"Content-Type": "application/proto"}
BACKEND = PROTO | {
    "Connect-Protocol-Version": "1",
    "Accept-Encoding": "gzip",
    "User-Agent": "connect-go/1.19.1",
}


def zipped(body: bytes) -> bytes:
    """Gzip without a time in it, so that the name of a test does not change from run to run."""
    return gzip.compress(body, mtime=0)


async def never() -> Message:
    future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
    return await future


async def post(
    http: aiohttp.ClientSession,
    url: URL,
    body: bytes | dict[str, Any] = b"{}",
    headers: dict[str, str] | None = None,
) -> tuple[int, CIMultiDictProxy[str], bytes]:
    data = io.BytesIO(json.dumps(body).encode() if isinstance(body, dict) else body)
    async with http.post(url, data=data, headers=JSON if headers is None else headers) as response:
        return response.status, response.headers, await response.read()


async def refused(*args: Any, **kwargs: Any) -> tuple[int, str, str]:
    """Status, code and message of an answer that has to be an error of the protocol."""
    status, headers, body = await post(*args, **kwargs)
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "no-store"
    error = json.loads(body)
    assert set(error) == {"code", "message"}
    return status, error["code"], error["message"]
