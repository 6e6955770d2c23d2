"""A small server of files for where nginx is not installed: ``python -m bench.upstream PORT FOLDER``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bench.nginx import IN_CHUNKS

MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def answers_of(folder: Path) -> dict[bytes, bytes]:
    """For each file of a folder the request's paths and the whole answers: with a length, and in a chunk."""
    sized = {f"/{path.name}".encode(): answer_with(path.read_bytes()) for path in folder.iterdir()}
    return sized | {
        f"{IN_CHUNKS}{path.name}".encode(): answer_in_a_chunk(path.read_bytes()) for path in folder.iterdir()
    }


def answer_with(body: bytes) -> bytes:
    """An answer as it goes over the wire."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def answer_in_a_chunk(body: bytes) -> bytes:
    """An answer of unsaid length as it goes over the wire."""
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


async def serve(port: int, answers: dict[bytes, bytes]) -> None:
    """Answer each GET from memory, until the process ends."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(answers.get(head.split(b" ", 2)[1], MISSING))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), answers_of(Path(sys.argv[2]))))
