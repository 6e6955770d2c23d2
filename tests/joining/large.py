"""Profiles with very many samples, made by repeating encoded ones."""

from __future__ import annotations

from proxy.profile import Question
from tests.profile.building import CPU, Builder

QUESTION = Question("f", CPU)


def large(samples: int) -> bytes:
    """A profile of so many samples, each of ten nanoseconds in line 3 of ``f``."""
    builder = Builder()
    f, main = builder.at("f", 3), builder.at("main", 9)
    tables = builder.encoded()
    builder.profile.ClearField("sample")
    for _ in range(1000):
        builder.sample(10, f, *[main] * 10)
    thousand = b"".join(
        type(builder.profile)(sample=[sample]).SerializeToString() for sample in builder.profile.sample
    )
    return tables + thousand * (samples // 1000)
