"""Frames without source: the kernel, the runtime's own machine code, libraries without debug information."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.source import own, rules

if TYPE_CHECKING:
    from proxy.source.inquiry import Discovery
    from proxy.source.model import Asking
    from proxy.source.room import Case

_LIBRARY = re.compile(r"\[?[^\]\n]{1,200}\.(?:so(?:[.\d]{1,20})?|dylib|dll|pyd|node)\]?", re.IGNORECASE)
_KERNEL = re.compile(r"\[(?:kernel[\w.]*|vdso|vsyscall|guest\.kernel[\w.]*)\]|.{1,300}_\[k\]", re.DOTALL)
_MACHINE = re.compile(
    r"\[(?:unknown|no_Java_frame|unknown_Java|not_walkable_Java|GC_active|deopt\w*|break_\w+)[\w ]*\]"
    r"|(?:I2C/C2I adapters|vtable stub|itable stub|call_stub|Interpreter|StubRoutines?\b.*|_?_?libc_start\w*)"
)
_NATIVE = re.compile(r"[\w~]{1,200}(?:::~?[\w<>~]{1,200}){1,20}(?:\(.*)?", re.DOTALL)
_LIMIT = 512


def native_code(case: Case) -> Asking[Discovery | None]:
    """Says that a frame has no source; never finds any."""
    texts = (case.frame.path[-_LIMIT:], case.frame.function_name[:_LIMIT])
    what = ""
    if any(_KERNEL.fullmatch(text) for text in texts):
        what = "code of the kernel"
    elif any(_LIBRARY.fullmatch(text.rpartition("/")[2]) for text in texts):
        what = "code of a native library"
    elif any(_MACHINE.fullmatch(text) for text in texts):
        what = "code that the runtime made or could not name"
    elif not case.frame.path and _NATIVE.fullmatch(texts[1]):
        what = "native code, of which the profile has no file"
    if what:
        text = f"{own.shown(case.frame)} is {what}: there is no source to show."
        yield from case.inquiry.blame(rules.ROOT_PATH, text, curable=False)
    return None
