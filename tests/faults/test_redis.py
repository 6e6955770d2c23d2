from __future__ import annotations

from tests.fakes.programs import redis_server


async def test_all_values_are_garbled_at_once_and_keep_their_time() -> None:
    async with redis_server() as server:
        many = [word for number in range(3000) for word in (f"lasting {number}", "value")]
        await server.ask("MSET", *many)
        await server.ask("SET", "passing", "value", "PX", "1000000")
        assert await server.garble() == 3001
        assert b"garbled" in await server.value(b"lasting 2999")
        assert b"garbled" in await server.value(b"passing")
        assert await server.ask("TTL", "lasting 1") == [b":-1"]
        assert await server.ask("TTL", "passing") != [b":-1"]
        await server.ask("FLUSHALL")
        assert await server.garble() == 0
