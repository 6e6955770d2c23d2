"""Settings replaced in the running system: what people see of it, and that nothing is taken over by half."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from proxy.config.model import Config, Secret, Session
from proxy.session import COOKIE_NAME, Token, current_cookie_value, derive_key, seal
from proxy.settings import Settings
from proxy.source import mapping
from tests.fakes.github import GitRepository
from tests.fakes.system import SECRET, System, running_system, session_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

FRAME = "/srv/build/main.go"
MAPPINGS = """\
version: v1
source_code:
  mappings:
    - path: [{prefix: /srv/build}]
      language: go
      source: {local: {path: %s}}
"""


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    repository = GitRepository(tmp_path / "shop")
    repository.commit({"one/main.go": "package one\n", "two/main.go": "package two\n"}, "Start")
    async with running_system() as system:
        system.github.add_repository("acme", "shop", repository.path, private=True, readers=["ada"])
        yield system


def change(system: System, to: Callable[[Config], Config]) -> None:
    settings = system.proxy.live.value
    system.proxy.replace(replace(settings, config=to(settings.config)))


def with_secrets(*secrets: str) -> Callable[[Config], Config]:
    return lambda config: replace(config, session=Session(tuple(map(Secret, secrets))))


async def test_people_stay_logged_in_while_the_secret_changes(system: System) -> None:
    cookie = await system.login("ada")
    assert (await system.get_commit(cookie, "main")).status == 200
    change(system, with_secrets("a new secret of many characters", SECRET))
    assert (await system.get_commit(cookie, "main")).status == 200
    newer = await system.login("ada")
    change(system, with_secrets("a new secret of many characters"))
    assert (await system.get_commit(newer, "main")).status == 200


async def test_a_session_of_a_secret_that_is_given_up_is_closed_at_once(system: System) -> None:
    cookie = session_of(system.github.token_for("ada"))
    assert (await system.get_commit(cookie, "main")).status == 200
    change(system, with_secrets("a new secret of many characters"))
    assert (await system.get_commit(cookie, "main")).refusal == (401, "unauthenticated")


async def test_a_private_file_is_proved_anew_under_the_new_secret(system: System) -> None:
    """The people in the cache are known by a hash that the first secret keys."""
    cookie, other = await system.login("ada"), await system.login("bob")
    for _ in range(2):
        system.github.forget_calls()
        assert (await system.get_file(cookie, "one/main.go")).content == b"package one\n"
    assert system.asked() == []
    change(system, with_secrets("a new secret of many characters", SECRET))
    assert (await system.get_file(cookie, "one/main.go")).content == b"package one\n"
    assert system.asked() != []
    assert (await system.get_file(other, "one/main.go")).code == "not_found"


async def test_the_app_is_the_one_of_now(system: System) -> None:
    change(
        system,
        lambda config: replace(
            config, github=replace(config.github, client_id="Iv1.newer", callback_url="https://g.example/c")
        ),
    )
    answer = await system.call("GithubApp")
    assert answer.body == {"clientID": "Iv1.newer", "callbackURL": "https://g.example/c"}
    login = f"{system.url}/-/source/login"
    async with system.http.get(login, allow_redirects=False) as response:
        assert "client_id=Iv1.newer" in response.headers["Location"]


async def test_a_login_on_the_page_survives_the_change(system: System) -> None:
    async with system.http.get(f"{system.url}/-/source/login", allow_redirects=False) as response:
        to_github, ticket = response.headers["Location"], response.headers["Set-Cookie"].partition(";")[0]
    change(system, with_secrets("a new secret of many characters", SECRET))
    async with system.http.get(f"{to_github}&login=ada", allow_redirects=False) as response:
        back = response.headers["Location"]
    async with system.http.get(back, headers={"Cookie": ticket}, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/-/source/")


async def test_files_are_found_by_the_mappings_of_now(system: System) -> None:
    cookie = await system.login("ada")
    assert (await system.get_file(cookie, FRAME)).code == "not_found"
    for place in ("one", "two", "one"):
        settings = Settings(system.proxy.live.value.config, mapping.parse((MAPPINGS % place).encode()))
        system.proxy.replace(settings)
        for _ in range(2):  # the second time from what is known
            assert (await system.get_file(cookie, FRAME)).content == b"package %s\n" % place.encode()


async def test_what_depends_on_more_than_the_configuration_is_renewed_with_it(system: System) -> None:
    renewed: list[str] = []

    def prepare(config: Config) -> Callable[[], None]:
        if config.github.client_id == "refused":
            raise OSError("the certificate cannot be read")
        return lambda: renewed.append(config.github.client_id)

    def with_id(client_id: str) -> Callable[[Config], Config]:
        return lambda config: replace(config, github=replace(config.github, client_id=client_id))

    system.proxy.renewals.append(prepare)
    change(system, with_id("taken"))
    with pytest.raises(OSError, match="certificate"):
        change(system, with_id("refused"))
    assert (renewed, system.proxy.live.value.config.github.client_id) == (["taken"], "taken")
    # Also where the configuration is the same: what is in the certificate's file may be new.
    system.proxy.replace(system.proxy.live.value)
    assert renewed == ["taken", "taken"]


async def test_what_would_leave_no_secret_to_share_with_changes_nothing(tmp_path: Path) -> None:
    def shared(config: Config) -> Config:
        url = Secret(f"unix://{tmp_path}/none.sock")
        return replace(config, cache=replace(config.cache, redis_url=url))

    async with running_system(shared) as system:
        token = Token(system.github.token_for("ada"), "bearer", "", datetime(2099, 1, 1, tzinfo=UTC))
        sealed = seal(token, derive_key(SECRET, "anonymous"), b"0123456789ab")
        with pytest.raises(ValueError, match="needs a session secret"):
            change(system, with_secrets())
        answer = await system.get_commit(f"{COOKIE_NAME}={current_cookie_value(sealed)}", "main")
        assert answer.code != "unauthenticated"
