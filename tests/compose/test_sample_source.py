"""What the sample's labels and frames lead to, through the whole proxy: PyYAML's own file."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import yaml.scanner

from tests.fakes.github import GitRepository
from tests.fakes.system import running_system

if TYPE_CHECKING:
    from proxy.config.model import Config

SCANNER = Path(yaml.scanner.__file__).read_bytes()
# Where the official image of Python has what is installed.
INSTALLED = "/usr/local/lib/python3.13/site-packages/yaml/scanner.py"


def without_lookups(config: Config) -> Config:
    return replace(config, resolver=replace(config.resolver, python_index=None))


async def test_a_frame_of_the_sample_is_found_in_the_public_repository(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path / "pyyaml")
    repository.commit({"lib/yaml/scanner.py": SCANNER, "README.md": "PyYAML"})
    repository.tag(version("pyyaml"))
    repository.commit({"lib/yaml/scanner.py": "# what came later"})
    async with running_system(without_lookups) as system:
        system.github.add_repository("yaml", "pyyaml", repository.path)
        answer = await system.get_file(
            await system.login("ada"),
            INSTALLED,
            repository="https://github.com/yaml/pyyaml",
            ref=version("pyyaml"),
            root_path="lib",
        )
        assert answer.content == SCANNER
