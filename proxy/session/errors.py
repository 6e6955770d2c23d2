"""Why a session could not be used.

::

    RpcError
    └── InvalidSession        no session can be had from the cookies: ``unauthenticated``
        ├── MissingSession    there is no session cookie
        └── BrokenSession     there is one, but it does not open or holds nothing of use

The messages start with ``invalid token``, the words of Pyroscope's own answer.
"""

from __future__ import annotations

from proxy.errors import Code, RpcError


class InvalidSession(RpcError):  # noqa: N818 - named for what is wrong, as its base class is already called an error
    """No session can be had from what the request carries."""

    def __init__(self, why: str) -> None:
        super().__init__(Code.UNAUTHENTICATED, f"invalid token: {why}")


class MissingSession(InvalidSession):
    """The request carries no session cookie."""

    def __init__(self) -> None:
        super().__init__(
            "the request carries no cookie pyroscope_git_session; log in with GitHub. If you did, Grafana "
            "keeps the cookie back: add it to the datasource's allowed cookies (jsonData.keepCookies)"
        )


class BrokenSession(InvalidSession):
    """The request carries a session cookie that is of no use; ``why`` continues "the cookie … "."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the cookie pyroscope_git_session {why}; log in with GitHub again")
