"""Cache keys as bytes, so that every replica speaks of the same entry by the same name.

Each value is written as a tag, its length and its bytes, so no two keys are written alike:
``("a", "bc")`` and ``("ab", "c")`` differ, and so do ``1`` and ``"1"``.
"""

from __future__ import annotations


def encode_key(key: object) -> bytes:
    """The key as bytes; equal for keys that are equal, different for any others.

    Args:
        key: ``None``, a boolean, an integer, text, bytes, or a tuple of such.

    Raises:
        TypeError: it is or holds something else, which might look different in another process.
    """
    # Exact types: a subclass (an enum, a named tuple) is equal to what would be written otherwise.
    kind = type(key)
    if key is None:
        return _tagged(b"n", b"")
    if kind is bool or kind is int:
        # True and 1 are one key in a dictionary, so they are one here.
        return _tagged(b"i", b"%d" % int(key))  # type: ignore[call-overload]  # kind is int or bool
    if isinstance(key, str) and kind is str:
        # Keys hold what people send; a lone surrogate is no reason to fail.
        return _tagged(b"s", key.encode("utf-8", "surrogatepass"))
    if isinstance(key, bytes) and kind is bytes:
        return _tagged(b"b", key)
    if isinstance(key, tuple) and kind is tuple:
        return _tagged(b"t", b"".join(map(encode_key, key)))
    raise TypeError(f"a key of a shared cache cannot hold a {kind.__name__}")


def _tagged(tag: bytes, content: bytes) -> bytes:
    return b"%b%d:%b" % (tag, len(content), content)
