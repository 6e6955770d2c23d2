"""What a recording writes: frames with expectations, listings of repositories, answers of registries."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from places import DATA

# Nothing of the machine that records may be in the data.
PRIVATE = re.compile(r"/(?:root|work|tmp)/|/home/(?!app/)")
MAX_FUNCTIONS = 2


@dataclass(frozen=True)
class Expected:
    """Where a frame's source is: a repository, a ref and a path; or why there is none (``why``)."""

    repository: str = ""
    ref: str = ""
    path: str = ""
    why: str = ""

    def as_json(self) -> dict[str, str]:
        """Only what is filled."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass
class Recording:
    """One run of one program. ``frames``: path → function → [start line, line], 0 where not known."""

    name: str
    program: str
    tool: str
    versions: str
    service: dict[str, str]
    frames: dict[str, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(dict))
    expected: dict[tuple[str, str], Expected] = field(default_factory=dict)
    functions_kept: int = MAX_FUNCTIONS

    def add(
        self, path: str, function: str, start: int, line: int, expected: Expected, *, telling: bool = False
    ) -> None:
        """One frame; of each path the first functions are kept, which tell as much as all, and the telling ones."""
        if telling or len(self.frames[path]) < self.functions_kept or not path:
            self.frames[path][function] = [start, line]
            self.expected[path, function] = expected

    def as_json(self) -> dict[str, Any]:
        """Frames of the same path and expectation stand together."""
        groups = []
        for path, functions in sorted(self.frames.items()):
            by_expectation: dict[Expected, dict[str, list[int]]] = defaultdict(dict)
            for function, lines in sorted(functions.items()):
                by_expectation[self.expected[path, function]][function] = lines
            groups += [
                {"path": path, "expected": expected.as_json(), "functions": functions}
                for expected, functions in sorted(by_expectation.items(), key=lambda each: str(each[0]))
            ]
        head = {name: getattr(self, name) for name in ("name", "program", "tool", "versions", "service")}
        return head | {"frames": groups}


@dataclass
class Worlds:
    """Repositories at their refs: which paths are there."""

    commits: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)
    """Repository → what it was called before."""

    def add(
        self, repository: str, refs: Iterable[str], paths: Iterable[str], *, commit: str = "", contents: str = ""
    ) -> None:
        """Add a commit with its refs; paths of several packages at one ref come together.

        Args:
            repository: ``owner/name``.
            refs: its tags and branches, the first names it.
            paths: of files, relative to the repository's root.
            commit: its SHA, or the start of it, where that is known.
            contents: the program whose files are in it with their contents.
        """
        names = list(refs)
        made = hashlib.sha1(f"{repository}@{names[0] if names else commit}".encode()).hexdigest()
        known = self.commits.setdefault(
            (repository, names[0] if names else commit),
            {"commit": commit + made[len(commit) :], "refs": [], "paths": set(), "contents": contents},
        )
        known["refs"] += [name for name in names if name not in known["refs"]]
        known["paths"] |= set(paths)

    def text(self) -> str:
        """``# repository former-name``, ``@ commit refs``, ``< program``, then folders with their files."""
        lines: list[str] = []
        last = ""
        for (repository, _), known in sorted(self.commits.items()):
            if repository != last:
                lines.append(f"# {repository} {self.former.get(repository, '')}".rstrip())
                last = repository
            lines.append(" ".join(["@", known["commit"], *known["refs"]]))
            if known["contents"]:
                lines.append(f"< {known['contents']}")
            folder = None
            for path in sorted(known["paths"], key=lambda each: each.rpartition("/")[::2]):
                above, _, name = path.rpartition("/")
                if above != folder:
                    lines.append(f"{above}/")
                    folder = above
                lines.append(f" {name}")
        return "\n".join(lines) + "\n"


def write(language: str, recordings: list[Recording], worlds: Worlds, web: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a language's three files."""
    text = "{\n" + f'"language": {json.dumps(language)},\n"recordings": [\n'
    text += ",\n".join(_recording(each.as_json()) for each in recordings) + "\n]\n}\n"
    answers = (
        "{\n" + ",\n".join(f"{json.dumps(lookup)}: {_lines(each)}" for lookup, each in sorted(web.items())) + "\n}\n"
    )
    DATA.mkdir(exist_ok=True)
    for name, content in (
        (f"{language}.json", text),
        (f"{language}.worlds.txt", worlds.text()),
        (f"{language}.web.json", answers),
    ):
        if private := PRIVATE.search(content):
            raise SystemExit(
                f"{name} names a place of this machine: {content[private.start() - 80 : private.end() + 80]}"
            )
        (DATA / name).write_text(content, encoding="utf-8")
        print(f"{name}: {len(content) // 1024} KiB")
    for each in recordings:
        known = sum(not expected.why for expected in each.expected.values())
        print(f"  {each.name}: {len(each.expected)} frames, {known} with source")


def _recording(value: dict[str, Any]) -> str:
    frames = value.pop("frames")
    head = json.dumps(value, ensure_ascii=False)[:-1]
    return head + ', "frames": [\n' + ",\n".join(_compact(each) for each in frames) + "\n]}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _lines(answers: Mapping[str, Any]) -> str:
    if not answers:
        return "{}"
    rows = (f"{json.dumps(path)}: {_compact(answers[path])}" for path in sorted(answers))
    return "{\n" + ",\n".join(rows) + "\n}"


def listing(folder: Path, extensions: tuple[str, ...], skip: re.Pattern[str] | None = None) -> list[str]:
    """The files of a folder with one of these endings, relative to it."""
    found = []
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name.endswith(extensions) and path.is_file() and not (skip and skip.search(name)):
            found.append(name)
    return found
