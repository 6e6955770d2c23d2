"""GetFile through the whole system: every language's own files, odd files, hostile paths, mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import BINARY, FILES, GO, GO_NOW, LARGE, LATIN, LOCAL, MAPPINGS, PYTHON, TOKENS

if TYPE_CHECKING:
    from tests.e2e.conftest import Histories
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"
OWN_FILES = [
    # path, function, root path, where it is
    ("internal/cart/cart.go", "", "services/checkout", CART),
    ("/build/services/checkout/internal/cart/cart.go", "", "services/checkout", CART),
    (f"github.com/acme/shop/{CART}", "github.com/acme/shop/services/checkout/internal/cart.Total", "", CART),
    (f"/home/ci/go/src/github.com/acme/shop/{CART}", "", "services/checkout", CART),
    (CART, "", "", CART),
    (f"/src/{CART}", "", "", CART),
    (
        "/go/vendor/example.org/lib/lib.go",
        "",
        "services/checkout",
        "services/checkout/vendor/example.org/lib/lib.go",
    ),
    (
        "App.java",
        "org/example/App.main",
        "services/ads",
        "services/ads/src/main/java/org/example/App.java",
    ),
    (
        "Jobs.kt",
        "org/example/Jobs$Inner.run",
        "services/ads",
        "services/ads/src/main/kotlin/org/example/Jobs.kt",
    ),
    (
        "src/recommender/similarity.py",
        "similar",
        "services/reco",
        "services/reco/src/recommender/similarity.py",
    ),
    (
        "/app/services/reco/src/recommender/similarity.py",
        "",
        "",
        "services/reco/src/recommender/similarity.py",
    ),
    ("src/index.ts", "", "web", "web/src/index.ts"),
    ("webpack://shop/./web/src/index.ts?abc", "", "", "web/src/index.ts"),
    ("run.rb", "", "tools", "tools/run.rb"),
    ("tools/run.rb", "", "", "tools/run.rb"),
]


@pytest.mark.parametrize(("path", "function", "root_path", "where"), OWN_FILES)
async def test_the_service_s_own_files_are_found(
    system: System, ada: str, histories: Histories, *, path: str, function: str, root_path: str, where: str
) -> None:
    answer = await system.get_file(ada, path, ref=histories.first, root_path=root_path, function=function)
    expected = FILES[where]
    assert answer.content == (expected.encode() if isinstance(expected, str) else expected)
    assert answer.body["URL"] == f"{system.github.web_url}/acme/shop/blob/{histories.first}/{where}"


ODD_FILES = [
    ("odd/large.go", LARGE, "odd/large.go"),
    ("odd/binary.go", BINARY, "odd/binary.go"),
    ("odd/latin.py", LATIN, "odd/latin.py"),
    ("odd/empty.go", b"", "odd/empty.go"),
    ("odd/a b/\u00e4 \u2603.go", b"package snowman\n", "odd/a%20b/%C3%A4%20%E2%98%83.go"),
    ("odd/a+b&c=d#e?f.go", b"package signs\n", "odd/a%2Bb%26c%3Dd%23e%3Ff.go"),
    ("odd/100%/50% off.go", b"package off\n", "odd/100%25/50%25%20off.go"),
    ('odd/"quoted".go', b"package quoted\n", "odd/%22quoted%22.go"),
    ("odd/link.go", GO.encode(), "services/checkout/internal/cart/cart.go"),
    ("VERSION", b"1.2.3", "VERSION"),
]


@pytest.mark.parametrize(("path", "content", "page"), ODD_FILES, ids=[path for path, _, _ in ODD_FILES])
async def test_odd_files_arrive_byte_for_byte(
    system: System, ada: str, histories: Histories, *, path: str, content: bytes, page: str
) -> None:
    for _ in range(2):  # from GitHub, then from what is known
        answer = await system.get_file(ada, path, ref=histories.first)
        assert answer.content == content
        assert answer.body["URL"].endswith(f"/blob/{histories.first}/{page}")


async def test_a_path_that_could_be_decoded_once_more_is_not_guessed_at(
    system: System, ada: str, histories: Histories
) -> None:
    answer = await system.get_file(ada, "odd/100%/50%25.go", ref=histories.first)
    assert answer.refusal == (404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "../secret.go",
        "services/../../shop/README.md",
        "/etc/passwd",
        "a\0b.go",
        "..%2f..%2fREADME.md",
        "..\\..\\README.md",
        "%2e%2e/README.md",
        "x" * 10_000 + ".go",
        "/".join("a" * 300) + "/x.go",
        "odd",
        "\ud800.go",
    ],
)
async def test_no_path_leads_anywhere_else(system: System, ada: str, path: str) -> None:
    answer = await system.get_file(ada, path, root_path="services/checkout")
    assert answer.status in {400, 404}
    assert answer.code in {"invalid_argument", "not_found"}


@pytest.mark.parametrize("root_path", ["../other", "/../..", "a/../../b", "a\0b", "%2e%2e"])
async def test_a_root_path_that_leads_out_is_refused(system: System, ada: str, root_path: str) -> None:
    answer = await system.get_file(ada, "main.go", root_path=root_path)
    assert answer.refusal == (400, "invalid_argument")
    assert "service_root_path" in answer.message


async def test_nothing_to_look_for_is_refused(system: System, ada: str) -> None:
    assert (await system.get_file(ada, "")).refusal == (400, "invalid_argument")
    assert system.asked() == []


async def test_a_local_mapping_is_followed(system: System, ada: str, histories: Histories) -> None:
    answer = await system.get_file(ada, "/opt/app/app.py", ref=histories.first, root_path="mapped")
    assert answer.content == LOCAL.encode()
    assert answer.body["URL"].endswith(f"/acme/shop/blob/{histories.first}/mapped/lib/app.py")


async def test_a_mapping_to_another_repository_at_a_tag_is_followed(
    system: System, ada: str, histories: Histories
) -> None:
    answer = await system.get_file(ada, "/usr/lib/textkit/tokens.py", ref="v1.0.0", root_path="mapped")
    assert answer.content == TOKENS.encode()
    pinned = histories.textkit.sha("v1.0.0")
    assert answer.body["URL"].endswith(f"/acme/textkit/blob/{pinned}/src/textkit/tokens.py")


async def test_a_mapping_to_what_is_not_there_is_said(system: System, ada: str) -> None:
    answer = await system.get_file(ada, "/usr/lib/gone/x.py", root_path="mapped")
    assert answer.refusal == (404, "not_found")


async def test_a_mapping_to_a_repository_that_one_may_not_read_shows_nothing(
    system: System, ada: str, bob: str, histories: Histories
) -> None:
    system.github.make_private("acme/textkit", readers=["ada"])
    asked = ("/usr/lib/textkit/tokens.py",)
    assert (await system.get_file(ada, *asked, ref="v1.0.0", root_path="mapped")).content == TOKENS.encode()
    assert (await system.get_file(bob, *asked, ref="v1.0.0", root_path="mapped")).refusal == (
        404,
        "not_found",
    )


async def test_mappings_that_cannot_be_read_are_as_if_absent(system: System, ada: str) -> None:
    assert (await system.get_file(ada, "app.py", root_path="broken")).content == LOCAL.encode()


async def test_not_found_says_where_it_was_looked_for(system: System, ada: str) -> None:
    answer = await system.get_file(ada, "internal/cart/gone.go", root_path="services/checkout", ref="main")
    assert answer.refusal == (404, "not_found")
    assert "acme/shop at main" in answer.message
    assert "acme/shop/services/checkout/internal/cart/gone.go" in answer.message
    assert "services/checkout/.pyroscope.yaml" in answer.message


async def test_a_file_that_is_another_at_another_version(
    system: System, ada: str, histories: Histories
) -> None:
    path = "services/checkout/internal/cart/cart.go"
    assert (await system.get_file(ada, path, ref=histories.first)).content == GO.encode()
    assert (await system.get_file(ada, path, ref=histories.second)).content == GO_NOW.encode()


async def test_a_question_of_the_widest_kind_is_answered(system: System, ada: str) -> None:
    python = "/app/x/services/reco/src/recommender/similarity.py"
    assert (await system.get_file(ada, python)).content == PYTHON.encode()
    assert MAPPINGS.encode() not in (await system.get_file(ada, python)).content
