"""Asks Pyroscope for a profile and joins it to a function while it arrives.

How it is asked:

- ``SelectMergeStacktraces`` with ``format`` 4 (pprof). A version that does not know the format refuses it or
  answers a flame graph; then ``SelectMergeProfile``, which it calls deprecated later, is asked instead, and
  first for some minutes.
- ``max_nodes`` is left out. Both methods then give the profile whole, unless the tenant's limit
  ``max_flamegraph_nodes_on_select_merge_profile`` is on: then the default number of nodes is kept, and a
  larger number would be refused where it is above another limit. What was cut can be seen in the answer.
- Nothing is changed by asking, so that a connection that Pyroscope had closed is replaced by a new one.

https://github.com/grafana/pyroscope/blob/main/pkg/frontend/readpath/queryfrontend/query_select_merge_profile.go
"""

from __future__ import annotations

import ssl
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from proxy import tracing
from proxy.errors import Code, RpcError
from proxy.forward_proxy import ForwardProxies
from proxy.joining import Answer, Joiner
from proxy.joining.body import Body
from proxy.proto import querier_pb2, types_pb2
from proxy.querier.headers import forwarded
from proxy.querier.refusals import UpstreamError, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from multidict import MultiMapping
    from prometheus_client import Counter

    from proxy.config.model import Upstream
    from proxy.metrics import Metrics
    from proxy.profile import Joined, Question
    from proxy.querier.model import Asked

SERVICE = "querier.v1.QuerierService"
STACKTRACES, PROFILE = "SelectMergeStacktraces", "SelectMergeProfile"
REMEMBERED = 300.0
"""Seconds for which it is remembered that the upstream does not know the format."""

_OK = 200
_LARGEST_REFUSAL = 64 * 1024
_NOT_KNOWN = frozenset({Code.UNIMPLEMENTED, Code.INVALID_ARGUMENT})
_KEPT_OPEN = 20.0


@asynccontextmanager
async def open_querier(upstream: Upstream, metrics: Metrics) -> AsyncIterator[Querier]:
    """Open a querier with connections and a worker of its own, and close both after it.

    The environment is read now: ``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``.
    """
    joiner = Joiner()
    async with _session(upstream) as session:
        try:
            yield Querier(session, upstream, joiner, metrics.upstream_errors, time.monotonic)
        finally:
            await joiner.close()


def _session(upstream: Upstream) -> aiohttp.ClientSession:
    """A session that keeps no cookies and unpacks nothing; the CAs are those of the environment."""
    # They take megabytes, and plain http asks for none of them.
    tls = ssl.create_default_context() if upstream.url.scheme == "https" else True
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=tls, keepalive_timeout=_KEPT_OPEN),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=None, sock_connect=upstream.connect_timeout, sock_read=upstream.response_timeout
        ),
        auto_decompress=False,
        skip_auto_headers=("User-Agent",),
    )


class Querier:
    """Asks Pyroscope.

    Args:
        session: from ``open_querier``.
        upstream: where Pyroscope is.
        joiner: joins what it answers.
        errors: counts what went wrong, by reason, as for requests that pass through.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        upstream: Upstream,
        joiner: Joiner,
        errors: Counter,
        clock: Callable[[], float],
    ) -> None:
        self._session = session
        self._upstream = upstream
        self._joiner = joiner
        self._errors = errors
        self._clock = clock
        self._proxy = ForwardProxies().to_upstream(upstream.url)
        self._unknown_until = float("-inf")

    async def join(self, asked: Asked, headers: MultiMapping[str], remaining: float | None = None) -> Joined:
        """Ask for a profile and join it to the function.

        Args:
            asked: what to ask for.
            headers: the caller's; see ``headers.forwarded``.
            remaining: seconds that the caller still waits; ``None``: it did not say.

        Raises:
            UpstreamError: Pyroscope's refusal.
            RpcError: ``unavailable`` when Pyroscope cannot be reached or breaks off, ``deadline_exceeded``
                when it is too slow, and whatever ``Joiner.join`` raises.
        """
        sent = forwarded(headers, timeout_ms=None if remaining is None else max(1, int(remaining * 1000)))
        unknown: UpstreamError | None = None
        if self._clock() >= self._unknown_until:
            try:
                joined = await self._ask(STACKTRACES, _stacktraces(asked), asked.question, sent)
            except UpstreamError as error:
                if error.code not in _NOT_KNOWN:
                    raise
                unknown = error
            else:
                if joined is not None:
                    return joined
        try:
            joined = await self._ask(PROFILE, _profile(asked), asked.question, sent)
        except UpstreamError as error:
            # A version that has dropped the older method says why it refused the newer one.
            raise (unknown if unknown and error.code is Code.UNIMPLEMENTED else error) from None
        if self._clock() >= self._unknown_until:
            # What both methods refuse, such as a selector that is none, says nothing about the format.
            self._unknown_until = self._clock() + REMEMBERED
        if joined is None:
            raise RpcError(Code.INTERNAL, "Pyroscope answered without a profile.")
        return joined

    async def _ask(
        self, method: str, body: bytes, question: Question, headers: MultiMapping[str]
    ) -> Joined | None:
        name = f"{SERVICE}/{method}"
        attributes = {"http.request.method": "POST", "url.template": f"/{name}"}
        with tracing.span(name, tracing.Kind.CLIENT, attributes) as span:
            if span.traceparent:
                headers = CIMultiDict(headers)
                headers["traceparent"] = span.traceparent
            async with self._answer(method, body, headers) as response:
                encoding = response.headers.get("Content-Encoding", "")
                span.set("http.response.status_code", response.status)
                if response.status != _OK:
                    raise refusal(response.status, await self._beginning(response, encoding))
                answer = Answer(self._chunks(response), encoding, wrapped=method == STACKTRACES)
                return await self._joiner.join(question, answer)

    @asynccontextmanager
    async def _answer(
        self, method: str, body: bytes, headers: MultiMapping[str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        url = self._upstream.url
        target = URL(f"{str(url).rstrip('/')}/{SERVICE}/{method}", encoded=True)
        try:
            response = await self._post(target, body, headers)
        except (aiohttp.ServerDisconnectedError, ConnectionResetError):
            # It was kept open from an earlier question, and Pyroscope had closed it in the meantime.
            response = await self._post(target, body, headers, again=True)
        try:
            yield response
        finally:
            # An answer that was not read to its end is not read on.
            response.close()

    async def _post(
        self, url: URL, body: bytes, headers: MultiMapping[str], *, again: bool = False
    ) -> aiohttp.ClientResponse:
        try:
            return await self._session.post(
                url, data=body, headers=headers, allow_redirects=False, proxy=self._proxy
            )
        except (aiohttp.ServerDisconnectedError, ConnectionResetError) as error:
            if again:
                raise self._failed(error) from error
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._failed(error) from error

    async def _chunks(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        try:
            async for chunk in response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise self._failed(error) from error

    async def _beginning(self, response: aiohttp.ClientResponse, encoding: str) -> bytes:
        """The beginning of a refusal, which is short; one that cannot be read tells nothing."""
        try:
            body = Body(encoding, _LARGEST_REFUSAL)
            async for chunk in self._chunks(response):
                body.feed(chunk)
            return bytes(body.finish())
        except RpcError:
            return b""

    def _failed(self, error: Exception) -> RpcError:
        """What a failed connection means to a person; the error's own text may hold addresses."""
        if isinstance(error, TimeoutError):
            self._errors.labels("timeout").inc()
            return RpcError(
                Code.DEADLINE_EXCEEDED,
                "Pyroscope did not answer in time; choose a shorter time range, or raise "
                "upstream.response_timeout.",
            )
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            self._errors.labels("connect").inc()
            return RpcError(
                Code.UNAVAILABLE, "Pyroscope's certificate is not trusted: name its CA in SSL_CERT_FILE."
            )
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientProxyConnectionError):
            self._errors.labels("connect").inc()
            return RpcError(
                Code.UNAVAILABLE, "Pyroscope cannot be reached: check upstream.url and the network."
            )
        self._errors.labels("reset").inc()
        return RpcError(Code.UNAVAILABLE, "Pyroscope broke off its answer: try again.")


def _stacktraces(asked: Asked) -> bytes:
    return querier_pb2.SelectMergeStacktracesRequest(
        profile_typeID=asked.question.profile_type,
        label_selector=asked.label_selector,
        start=asked.start,
        end=asked.end,
        format=querier_pb2.PROFILE_FORMAT_PPROF,
        stack_trace_selector=_call_site(asked),
    ).SerializeToString()


def _profile(asked: Asked) -> bytes:
    return querier_pb2.SelectMergeProfileRequest(
        profile_typeID=asked.question.profile_type,
        label_selector=asked.label_selector,
        start=asked.start,
        end=asked.end,
        stack_trace_selector=_call_site(asked),
    ).SerializeToString()


def _call_site(asked: Asked) -> types_pb2.StackTraceSelector | None:
    path = asked.question.call_path
    if not path:
        return None
    return types_pb2.StackTraceSelector(call_site=[types_pb2.Location(name=name) for name in path])
