"""Who calls one of our methods, and what the labels that they send mean."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from proxy.library import Opened
from proxy.source.address import parse_repository
from proxy.tenancy import tenant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yarl import URL

    from proxy.config.model import Config
    from proxy.connect.edge import Call
    from proxy.library import Viewer, Viewers
    from proxy.live import Live
    from proxy.login import Logins
    from proxy.source.model import File, Repository


class Callers:
    """Reads requests in the light of the configuration.

    Args:
        config: for the tenancy and GitHub's address.
        logins: opens sessions.
        viewers: makes viewers of opened sessions.
        clock: Unix seconds.
    """

    def __init__(
        self,
        config: Config,
        logins: Logins,
        viewers: Live[Viewers],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._multitenancy_enabled = config.tenancy.multitenancy_enabled
        self.page = page_of(config.github.url)
        self._host = config.github.url.host or ""
        self._logins = logins
        self._viewers = viewers
        # Anew with the secrets: what one has sealed that is given up now does not open any more.
        self._opened = viewers.derive(lambda _: Opened(clock))

    def tenant(self, call: Call) -> str:
        """The tenant; see ``tenant_of`` for what is raised."""
        return tenant_of(call.headers, multitenancy_enabled=self._multitenancy_enabled)

    def cookies(self, call: Call) -> Sequence[str]:
        """The values of the ``Cookie`` headers."""
        return call.headers.getall("Cookie", [])

    def viewer(self, call: Call) -> Viewer:
        """The person whose session came along.

        Raises:
            RpcError: ``unauthenticated`` without a session that can be opened.
        """
        tenant, cookies = self.tenant(call), self.cookies(call)
        opened = self._opened.value
        key = opened.key(tenant, cookies)
        viewer = opened.get(key)
        if viewer is None:
            token = self._logins.open_session(cookies, tenant)
            viewer = self._viewers.value.viewer(tenant, token.access_token)
            opened.keep(key, viewer, token)
        return viewer

    def known_viewer(self, call: Call) -> Viewer | None:
        """The same, when the session was opened a moment ago; nothing is opened or counted."""
        opened = self._opened.value
        return opened.get(opened.key(self.tenant(call), self.cookies(call)))

    def repository(self, url: str) -> Repository:
        """The repository that a label names.

        Raises:
            RpcError: ``invalid_argument`` when it is none, or not on the GitHub that is configured.
        """
        return parse_repository(url, self._host)


def page_of(github: URL) -> Callable[[File], str]:
    """Gives a file's page on this GitHub, at the commit whose content was read."""
    web = str(github).rstrip("/")

    def page(file: File) -> str:
        snapshot = file.snapshot
        return f"{web}/{snapshot.repository}/blob/{snapshot.commit}/{quote(file.path)}"

    return page
