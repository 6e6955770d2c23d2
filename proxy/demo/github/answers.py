"""What the stand-in answers: bodies, headers, and GitHub's refusals.

The shape of errors: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

DOCS = "https://docs.github.com/rest"
JSON_TYPE = "application/json; charset=utf-8"
_BASE64_LINE = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it becomes HTTP; ``headers`` are besides the ones that every answer has."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class RefusalError(Exception):
    """GitHub says no.

    Attributes:
        status: of the REST answer.
        message: GitHub's words.
        kind: the ``type`` of the error in a GraphQL answer.
        headers: more headers of the REST answer.
        extra: more members of its body.
        documentation_url: where GitHub explains it.
    """

    status: int
    message: str
    kind: str = "FORBIDDEN"
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    documentation_url: str = DOCS

    def answer(self) -> Answer:
        """As a REST answer."""
        body = {
            "message": self.message,
            **self.extra,
            "documentation_url": self.documentation_url,
            "status": str(self.status),
        }
        return json_answer(body, self.status, self.headers)


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """A JSON answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Answer(status, body, headers=headers or {})


def wrapped_base64(data: bytes) -> str:
    """Base64 as GitHub gives it: a line break after every 60 characters and at the end."""
    text = base64.b64encode(data).decode("ascii")
    return "".join(text[at : at + _BASE64_LINE] + "\n" for at in range(0, len(text), _BASE64_LINE))


def not_found(documentation_url: str = DOCS) -> RefusalError:
    """Not there, or not to be seen: GitHub does not tell the two apart."""
    return RefusalError(404, "Not Found", "NOT_FOUND", documentation_url=documentation_url)
