"""axe-core, which finds what keeps people out; from npm, once for each state of its lock file."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Page

HERE = Path(__file__).parent / "axe"
_RUN = """async (source) => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((each) => each.html + each.failureSummary).join("; ")}`);
}"""


def source() -> str:
    """The script; skips the test where there is no npm, but never where everything has to run."""
    if shutil.which("npm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI has to run axe-core, but has no npm")
        pytest.skip("npm not found; install node 20 or later to run axe-core")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(tempfile.gettempdir()) / f"page-axe-{os.getuid()}-{hashlib.sha256(lock).hexdigest()[:16]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    # Test processes run side by side; the first one installs, the others wait for it.
    with (folder / "lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            for file in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(HERE / file, folder)
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts"], cwd=folder, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            (folder / "done").touch()
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


async def serious(page: Page, script: str) -> list[str]:
    """What is serious or critical on a page; ``script`` is axe-core's."""
    # Evaluated by the debugger, not added to the page, which lets in no script but its own.
    await page.evaluate(script)
    found: list[str] = await page.evaluate(_RUN)
    return found
