"""Go: standard library, modules, vendored and own code, by path, function name and go.mod."""

from proxy.source.go.room import ROOM, is_go

__all__ = ["ROOM", "is_go"]
