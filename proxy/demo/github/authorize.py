"""The page on which a person lets the App act for them.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from proxy.demo.github.world import User

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Authorize: stand-in for GitHub</title>
<style>
  :root {{ color-scheme: light dark; --line: light-dark(#d1d9e0, #3d444d); --go: #1f883d; }}
  body {{ margin: 0; min-height: 100vh; display: grid; place-items: center;
         font: 15px/1.5 system-ui, sans-serif; background: light-dark(#f6f8fa, #0d1117); }}
  main {{ width: min(26rem, 92vw); padding: 2rem; border: 1px solid var(--line); border-radius: 12px;
         background: light-dark(#fff, #151b23); }}
  h1 {{ font-size: 1.25rem; margin: 0 0 .25rem; }}
  p {{ margin: 0 0 1.25rem; color: light-dark(#59636e, #9198a1); }}
  code {{ font-size: .9em; }}
  button {{ width: 100%; margin-top: .6rem; padding: .7rem 1rem; border: 0; border-radius: 8px;
           background: var(--go); color: #fff; font: inherit; font-weight: 600; cursor: pointer;
           display: flex; justify-content: space-between; align-items: baseline; }}
  button:hover, button:focus-visible {{ filter: brightness(1.1); }}
  button:focus-visible {{ outline: 3px solid #0969da; outline-offset: 2px; }}
  small {{ font-weight: 400; opacity: .85; }}
  footer {{ margin-top: 1.25rem; font-size: .85rem; color: light-dark(#59636e, #9198a1); }}
</style>
</head>
<body>
<main>
  <h1>Authorize {client}</h1>
  <p>It will read the repositories that you can read.</p>
  <form method="post" action="/login/oauth/authorize">
{hidden}
{buttons}
  </form>
  <footer>This is a stand-in for GitHub on your own machine: no account, no password.
  You go back to <code>{back}</code>.</footer>
</main>
</body>
</html>
"""


def page(client: str, parameters: Mapping[str, str], users: Iterable[User], back: str) -> str:
    """The page as HTML.

    Args:
        client: the App's name for people.
        parameters: of the request, to be sent on with the button.
        users: everyone whom one can be.
        back: where the button leads in the end.
    """
    hidden = "\n".join(
        f'    <input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in parameters.items()
    )
    buttons = "\n".join(
        f'    <button name="login" value="{escape(user.login)}">'
        f"<span>Authorize as {escape(user.login)}</span>"
        f"<small>{escape(user.name)}</small></button>"
        for user in users
    )
    return _PAGE.format(client=escape(client), hidden=hidden, buttons=buttons, back=escape(back))
