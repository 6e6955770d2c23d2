"""From a document, the environment and flags to a configuration, or to every fault in them.

What comes first wins: a flag, the document (``x`` or ``x_file``, never both), the environment
variable that stands for the key, the default.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import yaml

from proxy.config.document import Entry, entries
from proxy.config.expansion import expand
from proxy.config.faults import ConfigFaults, Fault
from proxy.config.keys import KEYS, Key
from proxy.config.model import Config
from proxy.config.values import InvalidValueError, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
_LONGEST_SHOWN = 60


def parse(
    text: str,
    environ: Mapping[str, str],
    *,
    read_file: Callable[[str], str],
    overrides: Mapping[str, str] = {},
) -> Config:
    """Read a configuration.

    Args:
        text: the document, YAML; an empty one leaves everything to the environment and the defaults.
        environ: the environment, for ``${NAME}`` and for the variables that fill keys.
        read_file: gives the text of a file that a key names, such as an ``x_file``; what it raises as
            ``OSError`` or ``ValueError`` becomes a fault.
        overrides: flags, by the paths of the keys that they beat; a fault in ``upstream.url`` is told
            as one in ``--upstream-url``. Variables are not expanded in them.

    Returns:
        The configuration, checked.

    Raises:
        ConfigFaults: with every fault that was found.
    """
    reading = _Reading(environ, read_file)
    found = entries(text, reading.faults)
    for path, key in KEYS.items():
        reading.key(path, key, found.get(path), found.get(f"{path}_file") if key.secret else None)
    reading.faults.sort(key=lambda fault: (fault.line is None, fault.line))
    for path, value in overrides.items():
        reading.flag(path, value)
    config = _build(reading.values)
    if config.listen == config.admin_listen and config.listen.port:
        reading.faults.append(Fault("admin_listen", None, "must not be the same address as listen"))
    for given, missing in (("cert_file", "key_file"), ("key_file", "cert_file")):
        if getattr(config.listen_tls, given) and not getattr(config.listen_tls, missing):
            message = f"is missing, while listen_tls.{given} is given"
            reading.faults.append(Fault(f"listen_tls.{missing}", None, message))
    if reading.faults:
        raise ConfigFaults(reading.faults)
    return config


@dataclass(slots=True)
class _Reading:
    """What was read so far: ``values`` by path, and the faults."""

    environ: Mapping[str, str]
    read_file: Callable[[str], str]
    values: dict[str, object] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def key(self, path: str, key: Key, entry: Entry | None, file_entry: Entry | None) -> None:
        """Read one key from where it is given."""
        if entry and file_entry:
            message = f"given on line {entry.line} and as {path.rpartition('.')[2]}_file here; keep one"
            self.faults.append(Fault(path, file_entry.line, message))
        elif entry and key.many:
            self._many(path, key, entry)
        elif entry:
            self._one(path, key, entry)
        elif file_entry:
            self._file(path, key, file_entry)
        elif key.variable and self.environ.get(key.variable):
            self._variable(path, key, self.environ[key.variable])

    def flag(self, path: str, value: str) -> None:
        """Read one flag, which beats what was read before."""
        try:
            self.values[path] = KEYS[path].read(Scalar(value))
        except InvalidValueError as error:
            name = "--" + path.replace(".", "-").replace("_", "-")
            self.faults.append(Fault(name, None, _message(error, KEYS[path], value)))

    def _one(self, path: str, key: Key, entry: Entry) -> None:
        try:
            self.values[path] = key.read(self._scalar(entry.node))
        except InvalidValueError as error:
            raw = entry.node.value if isinstance(entry.node, yaml.ScalarNode) else ""
            self.faults.append(Fault(path, entry.line, _message(error, key, raw)))
        else:
            self._named_file(path, key, entry)

    def _named_file(self, path: str, key: Key, entry: Entry) -> None:
        """Check what is in a file that the configuration only names."""
        name = str(self.values[path])
        if key.file_faults is None or not name:
            return
        try:
            faults = key.file_faults(self._content(name))
        except InvalidValueError as error:
            faults = [str(error)]
        self.faults.extend(Fault(path, entry.line, f"{entry.node.value}: {fault}") for fault in faults)

    def _many(self, path: str, key: Key, entry: Entry) -> None:
        if isinstance(entry.node, yaml.ScalarNode) and entry.node.tag.endswith(":null"):
            self.values[path] = ()
            return
        if not isinstance(entry.node, yaml.SequenceNode):
            self.faults.append(Fault(path, entry.line, "must be a list, one item per line after a dash"))
            return
        items = []
        for index, node in enumerate(entry.node.value):
            try:
                items.append(key.read(self._scalar(node)))
            except InvalidValueError as error:
                self.faults.append(Fault(f"{path}[{index}]", node.start_mark.line + 1, str(error)))
        # An empty item is left out, so that ${OLD_SECRET:-} may be set or not.
        self.values[path] = tuple(filter(None, items))

    def _file(self, path: str, key: Key, entry: Entry) -> None:
        # The name of the file is not shown: it may be the secret itself, given under the wrong key.
        try:
            self.values[path] = _from_file(key, self._content(self._scalar(entry.node).text))
        except InvalidValueError as error:
            self.faults.append(Fault(f"{path}_file", entry.line, str(error)))

    def _content(self, name: str) -> str:
        if not name:
            raise InvalidValueError("names no file")
        try:
            return self.read_file(name)
        except OSError as error:
            raise InvalidValueError(
                f"cannot be read: {error.strerror or 'the system gives no reason'}"
            ) from None
        except ValueError:
            raise InvalidValueError("cannot be read: it is not text in UTF-8") from None

    def _variable(self, path: str, key: Key, value: str) -> None:
        try:
            one = key.read(Scalar(value))
        except InvalidValueError as error:
            self.faults.append(Fault(path, None, f"{key.variable} from the environment {error}"))
        else:
            self.values[path] = (one,) if key.many else one

    def _scalar(self, node: yaml.Node) -> Scalar:
        if not isinstance(node, yaml.ScalarNode):
            raise InvalidValueError("must be a single value, not a list or a mapping")
        if node.tag not in _CORE_TAGS:
            raise InvalidValueError("has a tag, which is not understood here (quote a text with a !)")
        if node.tag.endswith(":null"):
            return Scalar("")
        expanded = expand(node.value, self.environ)
        # In {…} and […], YAML wants ${NAME} in quotes; they say nothing of the type then.
        return Scalar(expanded, plain=node.style is None or expanded != node.value)


def _from_file(key: Key, text: str) -> object:
    """Read a secret as a file holds it: without the line breaks at its end; of a list, one per line."""
    if not text.strip():
        raise InvalidValueError("names an empty file")
    if key.many:
        return tuple(key.read(Scalar(one)) for one in text.splitlines() if one.strip())
    return key.read(Scalar(text.rstrip("\r\n")))


def _message(error: InvalidValueError, key: Key, raw: str) -> str:
    """Put what was written before what is wrong with it, never what variables made of it."""
    if not key.shown:
        return str(error)
    shown = raw if len(raw) <= _LONGEST_SHOWN else raw[:_LONGEST_SHOWN] + "…"
    return f"{shown!r} {error}" if raw else str(error)


def _build(values: Mapping[str, object]) -> Config:
    sections: dict[str, dict[str, Any]] = {}
    for path, value in values.items():
        section, _, name = path.rpartition(".")
        sections.setdefault(section, {})[name] = value
    changes = sections.pop("", {})
    defaults = Config()
    for section, changed in sections.items():
        changes[section] = replace(getattr(defaults, section), **changed)
    return replace(defaults, **changes)
