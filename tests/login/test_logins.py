from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from proxy.config.model import GitHub, Secret
from proxy.errors import Code, RpcError
from proxy.session import InvalidSession, MissingSession, Token, derive_key, open_sealed
from tests.login.conftest import SECRETS, START, Stage, cookies

if TYPE_CHECKING:
    from proxy.login import Established

NOW = datetime.fromtimestamp(START, UTC)
IN_8_HOURS = NOW + timedelta(hours=8)
END_MS = int((START + 15_897_600) * 1000)
KEYS = [derive_key(SECRETS[0], "anonymous")]
EXPIRING = Token("ghu_0", "bearer", "ghr_0", NOW + timedelta(minutes=4))
LASTING = Token("ghu_forever", "bearer")


def legacy(established: Established) -> dict[str, object]:
    """What Grafana's page sees in the cookie."""
    pair, expires, *rest = established.cookie.split("; ")
    name, _, value = pair.partition("=")
    assert name == "pyroscope_git_session"
    assert expires == "Expires=Sat, 22 May 2027 10:00:00 GMT"
    assert rest == ["Secure", "SameSite=Lax"]
    fields: dict[str, object] = json.loads(base64.b64decode(value, validate=True))
    assert set(fields) == {"metadata", "expiry"}
    return fields


async def test_a_login_becomes_a_session(stage: Stage) -> None:
    logins = stage.logins()
    established = await logins.login(" good ", "anonymous")
    assert open_sealed(established.token, KEYS) == Token("ghu_1", "bearer", "ghr_1", IN_8_HOURS)
    assert established.token_expires_at == int((START + 28800) * 1000)
    assert established.refresh_token_expires_at == END_MS
    assert legacy(established) == {
        "metadata": established.token,
        "expiry": established.token_expires_at,
    }
    assert logins.open_session([established.cookie.partition(";")[0]], "anonymous").access_token == "ghu_1"
    assert stage.events() == {"login": 1}
    assert stage.github.queries == [""]


async def test_a_login_proves_what_it_was_started_with(stage: Stage) -> None:
    await stage.logins().login("good", "anonymous", redirect_uri="https://p/cb", code_verifier="v")
    assert stage.github.asked[0]["redirect_uri"] == "https://p/cb"
    assert stage.github.asked[0]["code_verifier"] == "v"


async def test_a_login_belongs_to_its_tenant(stage: Stage) -> None:
    logins = stage.logins()
    established = await logins.login("good", "team-a")
    cookie = [established.cookie.partition(";")[0]]
    assert logins.open_session(cookie, "team-a").access_token == "ghu_1"
    with pytest.raises(InvalidSession):
        logins.open_session(cookie, "team-b")


async def test_where_tokens_do_not_expire_the_page_has_nothing_to_refresh(stage: Stage) -> None:
    stage.github.expiring = False
    established = await stage.logins().login("good", "anonymous")
    assert open_sealed(established.token, KEYS) == Token("ghu_1", "bearer")
    assert established.token_expires_at == established.refresh_token_expires_at == END_MS
    assert legacy(established)["expiry"] == END_MS


async def test_a_lasting_session_is_refreshed_without_github(stage: Stage) -> None:
    established = await stage.logins().refresh(cookies(LASTING), "anonymous")
    assert open_sealed(established.token, KEYS) == LASTING
    assert established.token_expires_at == END_MS
    assert legacy(established)["expiry"] == END_MS
    assert stage.github.asked == []
    assert stage.events() == {"refresh": 1}


async def test_a_session_without_refresh_token_lasts_as_long_as_it_does(stage: Stage) -> None:
    token = replace(EXPIRING, refresh_token="")
    established = await stage.logins().refresh(cookies(token), "anonymous")
    assert open_sealed(established.token, KEYS) == token
    stage.now += 240
    with pytest.raises(RpcError, match=r"^token is expired") as caught:
        await stage.logins().refresh(cookies(token), "anonymous")
    assert caught.value.code is Code.UNAUTHENTICATED
    assert stage.github.asked == []


@pytest.mark.parametrize("minutes", [-60 * 24 * 30, -1, 0, 4, 400])
async def test_a_session_is_refreshed_before_and_after_its_expiry(stage: Stage, minutes: int) -> None:
    token = replace(EXPIRING, expiry=NOW + timedelta(minutes=minutes))
    established = await stage.logins().refresh(cookies(token), "anonymous")
    assert open_sealed(established.token, KEYS) == Token("ghu_1", "bearer", "ghr_1", IN_8_HOURS)
    assert established.token_expires_at == int((START + 28800) * 1000)
    assert established.refresh_token_expires_at == END_MS
    assert [form["refresh_token"] for form in stage.github.asked] == ["ghr_0"]
    assert stage.github.queries == [""]
    assert stage.events() == {"refresh": 1}


async def test_a_refresh_seals_with_the_first_secret(stage: Stage) -> None:
    established = await stage.logins().refresh(cookies(EXPIRING, secret=SECRETS[1]), "anonymous")
    assert open_sealed(established.token, KEYS).access_token == "ghu_1"


async def test_a_refresh_that_gives_no_new_refresh_token_keeps_the_old(stage: Stage) -> None:
    stage.github.without_refresh_token = True
    established = await stage.logins().refresh(cookies(EXPIRING), "anonymous")
    assert open_sealed(established.token, KEYS) == Token("ghu_1", "bearer", "ghr_0", IN_8_HOURS)


async def test_a_session_lasts_once_the_app_stopped_expiring_tokens(stage: Stage) -> None:
    stage.github.expiring = False
    established = await stage.logins().refresh(cookies(EXPIRING), "anonymous")
    assert open_sealed(established.token, KEYS) == Token("ghu_1", "bearer")
    assert established.token_expires_at == END_MS


@pytest.mark.parametrize("code", ["", "  ", "\n"])
async def test_an_empty_code_is_the_callers_fault(stage: Stage, code: str) -> None:
    with pytest.raises(RpcError, match="authorizationCode is empty") as caught:
        await stage.logins().login(code, "anonymous")
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert stage.github.asked == []


async def test_a_refused_login_is_counted_and_tells_no_secret(stage: Stage) -> None:
    with pytest.raises(RpcError, match="bad_verification_code") as caught:
        await stage.logins().login("used-before", "anonymous")
    assert caught.value.code is Code.UNAUTHENTICATED
    assert "used-before" not in caught.value.message
    assert stage.events() == {"rejected": 1}


async def test_a_refused_refresh_is_counted_and_tells_no_secret(stage: Stage) -> None:
    with pytest.raises(RpcError, match="bad_refresh_token") as caught:
        await stage.logins().refresh(cookies(replace(EXPIRING, refresh_token="ghr_used")), "anonymous")
    assert caught.value.code is Code.UNAUTHENTICATED
    assert "ghr_used" not in caught.value.message
    assert stage.events() == {"rejected": 1}


async def test_github_being_down_is_no_rejection(stage: Stage) -> None:
    stage.github.says = [web.Response(status=503), web.Response(status=429, headers={"Retry-After": "9"})]
    with pytest.raises(RpcError) as down:
        await stage.logins().login("good", "anonymous")
    with pytest.raises(RpcError) as limited:
        await stage.logins().refresh(cookies(EXPIRING), "anonymous")
    assert down.value.code is Code.UNAVAILABLE
    assert (limited.value.code, limited.value.retry_after) == (Code.RESOURCE_EXHAUSTED, 9)
    assert stage.events() == {}


@pytest.mark.parametrize(
    ("config", "secrets", "missing"),
    [
        (GitHub(), ("",), ["client_id", "client_secret", "session.secrets"]),
        (GitHub(client_id="a"), SECRETS, ["client_secret"]),
        (GitHub(client_secret=Secret("hidden")), SECRETS, ["client_id"]),
        (GitHub(client_id="a", client_secret=Secret("hidden")), ("",), ["session.secrets"]),
    ],
)
async def test_what_is_not_configured_is_named(
    stage: Stage, config: GitHub, secrets: tuple[str, ...], missing: list[str]
) -> None:
    logins = stage.logins(*secrets, config=config)
    for call in (logins.login("good", "anonymous"), logins.refresh(cookies(EXPIRING), "anonymous")):
        with pytest.raises(RpcError, match=r"^GitHub integration is not configured") as caught:
            await call
        assert caught.value.code is Code.UNIMPLEMENTED
        named = [
            key for key in ("client_id", "client_secret", "session.secrets") if key in caught.value.message
        ]
        assert named == missing
        assert "hidden" not in caught.value.message


async def test_a_configured_app_passes(stage: Stage) -> None:
    stage.logins().require_configured()


async def test_open_session_gives_the_token_until_it_expires(stage: Stage) -> None:
    logins = stage.logins()
    assert logins.open_session(cookies(EXPIRING), "anonymous") == EXPIRING
    assert logins.open_session(cookies(EXPIRING), "anonymous", START + 239) == EXPIRING
    assert logins.open_session(cookies(LASTING), "anonymous", START + 1e9) == LASTING
    assert stage.events() == {}
    with pytest.raises(RpcError, match=r"^token is expired") as caught:
        logins.open_session(cookies(EXPIRING), "anonymous", START + 240)
    assert caught.value.code is Code.UNAUTHENTICATED
    stage.now += 240
    with pytest.raises(RpcError, match=r"^token is expired"):
        logins.open_session(cookies(EXPIRING), "anonymous")
    assert stage.events() == {"rejected": 2}


async def test_open_session_refuses_what_is_no_session(stage: Stage) -> None:
    logins = stage.logins()
    with pytest.raises(MissingSession, match=r"^invalid token"):
        logins.open_session([], "anonymous")
    for broken in (cookies(EXPIRING, "other"), cookies(EXPIRING, secret="x"), ["pyroscope_git_session=x"]):
        with pytest.raises(InvalidSession, match=r"^invalid token") as caught:
            logins.open_session(broken, "anonymous")
        assert caught.value.code is Code.UNAUTHENTICATED
    with pytest.raises(RpcError, match=r"^no org id"):
        logins.open_session(cookies(EXPIRING), "")
    assert stage.events() == {"rejected": 5}


async def test_without_a_secret_no_session_opens_and_the_operator_is_told(stage: Stage) -> None:
    with pytest.raises(InvalidSession, match=r"^invalid token: .*session\.secrets"):
        stage.logins("").open_session(cookies(EXPIRING), "anonymous")


async def test_what_is_established_never_shows(stage: Stage) -> None:
    established = await stage.logins().login("good", "anonymous")
    assert established.token not in repr(established)
    assert established.cookie not in repr(established)
