"""``python -m faults.around``: what is around the proxy, told by lines of JSON what to do.

In: the plan, then ``[command, arguments…]`` each; out: for each a line, ``{"done": …}`` or ``{"failed": …}``.
It ends with its input, so never outlives who started it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from faults.around.remote import LONGEST_LINE
from faults.around.surroundings import Plan, Surroundings

COMMANDS = frozenset({"turn", "aim", "encrypt", "answer", "spoil", "skew", "tokens"})


async def _main() -> None:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    surroundings = Surroundings(Plan.read((await reader.readline()).decode()))
    try:
        _say({"done": await surroundings.start()})
        while line := await reader.readline():
            await _obey(surroundings, *json.loads(line))
    finally:
        await surroundings.stop()


async def _obey(surroundings: Surroundings, command: str, *arguments: Any) -> None:
    if command not in COMMANDS:
        _say({"failed": f"there is no command {command!r}"})
        return
    try:
        _say({"done": await getattr(surroundings, command)(*arguments)})
    except (OSError, KeyError, TypeError, ValueError) as error:
        _say({"failed": repr(error)})


def _say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
