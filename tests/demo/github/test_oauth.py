from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.demo.github.conftest import Caller, Got
from tests.fakes.github import Clock, running_github

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from proxy.demo.github import StandIn

_BACK = "http://localhost:3000/a/back?from=ui"
_JSON = {"accept": "application/json"}
_FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Login:
    """A login at the stand-in, step by step, as an App does it."""

    caller: Caller
    parameters: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        github = self.caller.github
        self.parameters = {"client_id": github.client_id, "redirect_uri": _BACK} | self.parameters

    async def authorize(self, **more: str) -> Got:
        return await self.caller.get(f"/login/oauth/authorize?{urlencode(self.parameters | more)}")

    async def code(self, login: str = "ada", **more: str) -> str:
        got = await self.authorize(login=login, **more)
        return parse_qs(urlsplit(got.headers["location"]).query)["code"][0]

    async def exchange(self, **more: Any) -> Any:
        return (await self.send(self.caller, **more)).json

    @staticmethod
    async def send(
        caller: Caller, *, as_json: bool = False, accept: str = "application/json", **more: Any
    ) -> Got:
        github = caller.github
        body = {"client_id": github.client_id, "client_secret": github.client_secret} | more
        data = json.dumps(body) if as_json else urlencode(body)
        content_type = "application/json" if as_json else _FORM
        headers = {"content-type": content_type, "accept": accept}
        return await caller.ask("POST", "/login/oauth/access_token", headers=headers, data=data)


@pytest.fixture
def login(nobody: Caller) -> Login:
    return Login(nobody)


def _location(got: Got) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(got.headers["location"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}", parse_qs(parts.query)


async def test_login_and_refresh(login: Login, github: StandIn, clock: Clock) -> None:
    first = await login.exchange(code=await login.code())
    assert first.pop("access_token").startswith("ghu_")
    refresh = first.pop("refresh_token")
    assert refresh.startswith("ghr_")
    assert first == {
        "expires_in": 28_800,
        "refresh_token_expires_in": 15_897_600,
        "scope": "",
        "token_type": "bearer",
    }
    clock.advance(10_000)
    second = await login.exchange(grant_type="refresh_token", refresh_token=refresh)
    assert second["expires_in"] == 28_800
    assert second["refresh_token"] != refresh
    caller = Caller(login.caller.session, github, second["access_token"])
    assert (await caller.get("/user")).json["login"] == "ada"


async def test_refresh_ends_the_old_tokens(login: Login, github: StandIn) -> None:
    first = await login.exchange(code=await login.code())
    caller = Caller(login.caller.session, github, first["access_token"])
    assert (await caller.get("/user")).status == 200
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await login.exchange(**refresh)
    assert (await caller.get("/user")).status == 401
    assert (await login.exchange(**refresh))["error"] == "bad_refresh_token"
    caller.token = second["access_token"]
    assert (await caller.get("/user")).status == 200


async def test_tokens_expire(login: Login, github: StandIn, clock: Clock) -> None:
    answer = await login.exchange(code=await login.code())
    caller = Caller(login.caller.session, github, answer["access_token"])
    clock.advance(28_799)
    assert (await caller.get("/user")).status == 200
    clock.advance(1)
    got = await caller.get("/user")
    assert (got.status, got.json["message"]) == (401, "Bad credentials")
    clock.advance(15_897_600 - 28_800)
    refused = await login.exchange(grant_type="refresh_token", refresh_token=answer["refresh_token"])
    assert refused["error"] == "bad_refresh_token"


async def test_tokens_without_expiry(session: ClientSession, clock: Clock) -> None:
    async with running_github(clock=clock, expiring_tokens=False) as github:
        github.add_user("ada")
        login = Login(Caller(session, github))
        answer = await login.exchange(code=await login.code())
        assert set(answer) == {"access_token", "scope", "token_type"}
        clock.advance(10**9)
        assert (await Caller(session, github, answer["access_token"]).get("/user")).status == 200
        refused = await login.exchange(grant_type="refresh_token", refresh_token="")
        assert refused["error"] == "bad_refresh_token"


@pytest.mark.parametrize("as_json", [False, True])
async def test_bodies_and_answers(login: Login, as_json: bool) -> None:
    for accept in ("application/json", "*/*"):
        got = await login.send(login.caller, as_json=as_json, accept=accept, code=await login.code())
        if accept == "*/*":
            assert got.headers["content-type"].startswith(_FORM)
            answer = {name: value[0] for name, value in parse_qs(got.body.decode()).items()}
        else:
            answer = got.json
        assert answer["token_type"] == "bearer"
        assert answer["access_token"].startswith("ghu_")


async def test_code_is_for_one_use(login: Login) -> None:
    code = await login.code()
    assert "access_token" in await login.exchange(code=code)
    assert (await login.exchange(code=code))["error"] == "bad_verification_code"


async def test_code_expires(login: Login, clock: Clock) -> None:
    code = await login.code()
    clock.advance(600)
    assert (await login.exchange(code=code))["error"] == "bad_verification_code"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"client_secret": "wrong"}, "incorrect_client_credentials"),
        ({"client_secret": ""}, "incorrect_client_credentials"),
        ({"client_id": "wrong"}, "incorrect_client_credentials"),
        ({"client_secret": "ä"}, "incorrect_client_credentials"),
        ({"code": "wrong"}, "bad_verification_code"),
        ({}, "bad_verification_code"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "bad_refresh_token"),
        ({"grant_type": "refresh_token", "refresh_token": "wrong"}, "bad_refresh_token"),
    ],
)
async def test_refusals_come_with_200(login: Login, given: dict[str, str], error: str) -> None:
    for as_json in (False, True):
        got = await login.send(login.caller, as_json=as_json, **given)
        assert (got.status, got.json["error"]) == (200, error)
        assert got.json["error_description"]
        assert got.json["error_uri"].endswith(f"#{error}")


@pytest.mark.parametrize("body", ["", "[]", "{", "1", '{"client_id": 1}', "[" * 10_000])
async def test_body_that_is_no_object(nobody: Caller, body: str) -> None:
    headers = _JSON | {"content-type": "application/json"}
    got = await nobody.ask("POST", "/login/oauth/access_token", headers=headers, data=body)
    assert (got.status, got.json["error"]) == (200, "incorrect_client_credentials")


@pytest.mark.parametrize("name", ["client_secret", "code", "code_verifier", "refresh_token"])
async def test_secret_in_the_address_is_refused(nobody: Caller, name: str) -> None:
    got = await nobody.ask("POST", f"/login/oauth/access_token?{name}=x", headers=_JSON)
    assert got.status == 400
    assert nobody.github.calls[-1].status == 400


def _challenge(verifier: str) -> dict[str, str]:
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return {"code_challenge": challenge, "code_challenge_method": "S256"}


@pytest.mark.parametrize("given", [{}, {"code_verifier": ""}, {"code_verifier": "b" * 43}])
async def test_proof_key(login: Login, given: dict[str, str]) -> None:
    more = _challenge("a" * 43)
    answer = await login.exchange(code=await login.code(**more), code_verifier="a" * 43)
    assert "access_token" in answer
    refused = await login.exchange(code=await login.code(**more), **given)
    assert refused["error"] == "bad_verification_code"


async def test_proof_key_in_plain_is_refused(login: Login) -> None:
    got = await login.authorize(code_challenge="x", code_challenge_method="plain")
    assert got.status == 400


async def test_redirect_uri_of_the_exchange(login: Login) -> None:
    assert "access_token" in await login.exchange(code=await login.code(), redirect_uri=_BACK)
    other = await login.exchange(code=await login.code(), redirect_uri="http://localhost/other")
    assert other["error"] == "redirect_uri_mismatch"


async def test_unverified_email(login: Login, github: StandIn) -> None:
    github.add_user("new", email_verified=False)
    assert (await login.exchange(code=await login.code("new")))["error"] == "unverified_user_email"


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.logins: list[str] = []
        self.action = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found["action"]
        if tag == "input":
            self.fields[found["name"]] = found["value"]
        if tag == "button":
            self.logins.append(found["value"])


async def test_page_and_its_button(login: Login, github: StandIn) -> None:
    github.add_user("<eve>", name='"Eve" & <b>')
    state = '"><script>alert(1)</script>'
    got = await login.authorize(state=state, scope="repo", **_challenge("a" * 43))
    assert got.status == 200
    assert got.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in got.headers["content-security-policy"]
    text = got.body.decode()
    assert "<script" not in text
    assert "<eve>" not in text
    form = _Form()
    form.feed(text)
    assert form.logins == ["ada", "bob", "<eve>"]
    assert form.fields["state"] == state
    data = urlencode(form.fields | {"login": "bob"})
    pressed = await login.caller.ask("POST", form.action, headers={"content-type": _FORM}, data=data)
    assert pressed.status == 303
    where, query = _location(pressed)
    assert where == "http://localhost:3000/a/back"
    assert (query["state"], query["from"]) == ([state], ["ui"])
    answer = await login.exchange(code=query["code"][0], code_verifier="a" * 43)
    caller = Caller(login.caller.session, github, answer["access_token"])
    assert (await caller.get("/user")).json["login"] == "bob"


async def test_state_is_given_back_only_when_there_was_one(login: Login) -> None:
    assert "state" not in _location(await login.authorize(login="ada"))[1]
    assert _location(await login.authorize(login="ada", state="s t"))[1]["state"] == ["s t"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"client_id": "wrong"}, 404),
        ({"redirect_uri": ""}, 400),
        ({"redirect_uri": "javascript:alert(1)"}, 400),
        ({"redirect_uri": "//evil"}, 400),
        ({"redirect_uri": "http://[x"}, 400),
        ({"login": "nobody"}, 404),
    ],
)
async def test_wrong_authorize(login: Login, given: dict[str, str], status: int) -> None:
    assert (await login.authorize(**given)).status == status


async def test_registered_callback_urls(session: ClientSession) -> None:
    async with running_github(callback_urls=["http://a/x", "http://b/y"]) as github:
        github.add_user("ada")
        login = Login(Caller(session, github))
        where, query = _location(await login.authorize(login="ada", state="s"))
        assert (where, query) == ("http://a/x", {"error": ["redirect_uri_mismatch"], "state": ["s"]})
        where, query = _location(await login.authorize(login="ada", redirect_uri="http://b/y"))
        assert where == "http://b/y"
        assert "code" in query
        login.parameters.pop("redirect_uri")
        where, query = _location(await login.authorize(login="ada"))
        assert where == "http://a/x"
        assert "access_token" in await login.exchange(code=query["code"][0])


async def test_secrets_are_not_in_reprs(github: StandIn) -> None:
    issued = github.issue("ada")
    assert issued.access not in repr(issued)
    assert issued.refresh not in repr(issued)
    assert github.client_secret not in repr(github._state.app)
