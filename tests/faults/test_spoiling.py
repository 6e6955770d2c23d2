"""Values of other types, which no parser may take for the right ones."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from faults.around.github import changed_type

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def types(found: Any) -> Any:
    """The same with the kind of each value in its place."""
    match found:
        case dict():
            return {name: types(value) for name, value in found.items()}
        case list():
            return [types(value) for value in found]
        case bool() | None | str():
            return type(found)
        case _:
            return float


@given(found=JSON, seed=st.integers())
def test_one_value_is_of_another_type_and_none_is_null(found: Any, seed: int) -> None:
    changed = changed_type(found, random.Random(seed))  # noqa: S311 - repeatable, not secret
    assert types(changed) != types(found)
    assert changed is not None
