"""Deltas: an object written as copies from another one and insertions.

Format: https://git-scm.com/docs/pack-format#_deltified_representation
"""

from __future__ import annotations

from proxy.demo.github.gitstore.errors import GitError

_CONTINUES = 0x80
_SEVEN_BITS = 0x7F
_COPY_SIZE_DEFAULT = 0x10000
_OFFSET_BYTES = 4
_SIZE_BYTES = 3


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, lowest first; gives it and the position after it."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if not byte & _CONTINUES:
            return value, position


def apply_delta(base: bytes, delta: bytes) -> bytes:
    """Build an object from its base.

    Raises:
        GitError: the delta does not fit the base, or is damaged.
    """
    try:
        base_size, position = read_varint(delta, 0)
        size, position = read_varint(delta, position)
        parts = list(_parts(base, delta, position))
    except IndexError:
        raise GitError("a delta ends too early") from None
    result = b"".join(parts)
    if base_size != len(base) or size != len(result):
        raise GitError("a delta does not fit its base")
    return result


def _parts(base: bytes, delta: bytes, position: int) -> list[bytes]:
    parts = []
    while position < len(delta):
        instruction = delta[position]
        position += 1
        if instruction & _CONTINUES:
            offset, size, position = _copy(delta, position, instruction)
            parts.append(base[offset : offset + size])
        elif instruction:
            parts.append(delta[position : position + instruction])
            position += instruction
        else:
            raise GitError("a delta holds the reserved instruction 0")
    return parts


def _copy(delta: bytes, position: int, instruction: int) -> tuple[int, int, int]:
    numbers = []
    bit = 1
    for width in (_OFFSET_BYTES, _SIZE_BYTES):
        number = 0
        for index in range(width):
            if instruction & bit:
                number |= delta[position] << (8 * index)
                position += 1
            bit <<= 1
        numbers.append(number)
    return numbers[0], numbers[1] or _COPY_SIZE_DEFAULT, position
