"""What is asked of a profile and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Value(NamedTuple):
    """What was spent: in the code itself, and with everything that it called."""

    self: int
    total: int


class Version(NamedTuple):
    """Where a mapping's code comes from, as Pyroscope writes it into the mapping's build id."""

    repository: str = ""
    ref: str = ""
    root_path: str = ""
    build_id: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Which function is asked about.

    Attributes:
        name: of the function, as in the profile.
        profile_type: which of the sample types counts: ``name:type:unit:period_type:period_unit``.
        call_path: names of functions, outermost first; only stacks that begin with them count.
    """

    name: str
    profile_type: str
    call_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionUse:
    """One version of a function in a profile.

    Attributes:
        file: where it is defined, as in the profile.
        start_line: the line where its definition starts, from 1; 0 where the profile does not say.
        version: of its mapping; empty parts where labels were missing.
        value: of the whole function.
        lines: of each line that was sampled, by its number; 0 where the profile does not know the line.
    """

    file: str
    start_line: int
    version: Version
    value: Value
    lines: dict[int, Value]


@dataclass(frozen=True, slots=True)
class Joined:
    """What a profile says of a function.

    Attributes:
        uses: each version of it, largest total first.
        unit: of all values, such as ``nanoseconds``.
        samples: how many samples the profile has.
        cut: whether Pyroscope left small nodes out of the profile, so that values may be too low.
    """

    uses: tuple[FunctionUse, ...] = ()
    unit: str = ""
    samples: int = 0
    cut: bool = False
