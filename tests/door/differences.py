"""Write into docs/passing-through.md where nginx and haproxy do otherwise than the door, and why it is right.

    python -m tests.door.differences

writes the end of the document anew from the corpus; a test holds the two to each other, and the corpus to
what the servers do.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.door import corpus

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "passing-through.md"
MARK = "<!-- from here on written by python -m tests.door.differences -->\n"
VERSIONS = {"nginx": "1.22", "haproxy": "2.6"}
"""Those of Debian 12, which the corpus tells of."""


def _shown(told: str) -> str:
    """An outcome in a table: bodies as their length, statuses alone where nothing arrived."""
    if " or " in told:
        return " or ".join(map(_shown, told.split(" or ")))
    statuses, _, seen = told.partition(" → ")
    if seen == "nothing":
        return statuses
    requests = [one for one in re.split(r", (?=[A-Z]+ [/*h])", seen) if not one.endswith("/last")]
    lines = [re.sub(r"(?s)=(?!.*…\d+$).*", lambda m: f" + {len(m[0]) - 1} bytes", one) for one in requests]
    swallowed = "" if "GET /last" in seen.split(", ") or len(statuses.split()) < 2 else ", not the next"
    return f"{statuses}: {', '.join(f'`{line}`' for line in lines) or 'only the next'}{swallowed}"


def rendered() -> str:
    """The end of the document."""
    reasons = yaml.safe_load((Path(corpus.__file__).parent / "reasons.yaml").read_text("utf-8"))
    rows: dict[str, list[str]] = {key: [] for key in reasons}
    for group in corpus.GROUPS:
        for case in corpus.cases(group):
            if case.why:
                told = " | ".join(_shown(case.outcomes[server]) for server in corpus.SERVERS)
                rows[case.why].append(f"| {case.name} | {told} |")
    parts = [
        f"### {reason['title']}\n\n{reason['text']}\n"
        "| case | the door | nginx | haproxy |\n| --- | --- | --- | --- |\n" + "\n".join(rows[key]) + "\n"
        for key, reason in reasons.items()
    ]
    return MARK + "\n" + "\n".join(parts)


def main() -> None:
    """Write the end of the document anew."""
    start = DOCUMENT.read_text("utf-8").partition(MARK)[0]
    DOCUMENT.write_text(start + rendered(), "utf-8")


if __name__ == "__main__":
    main()
