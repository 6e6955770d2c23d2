"""Requests in protobuf's JSON, read strictly. Pure.

Beyond what ``google.protobuf.json_format`` refuses, these are errors: a key given twice, also under a
field's two names; ``NaN`` outside a string; anything but an object where a message belongs. No error
repeats a value, because a request may hold an authorization code.

https://protobuf.dev/programming-guides/json, https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeVar

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from proxy.errors import Code, RpcError

M = TypeVar("M", bound=Message)

_WHAT_FITS = {
    FieldDescriptor.CPPTYPE_STRING: "a string",
    FieldDescriptor.CPPTYPE_INT32: "a 32-bit integer",
    FieldDescriptor.CPPTYPE_UINT32: "an unsigned 32-bit integer",
    FieldDescriptor.CPPTYPE_INT64: "a 64-bit integer, as a string or a number",
    FieldDescriptor.CPPTYPE_UINT64: "an unsigned 64-bit integer, as a string or a number",
    FieldDescriptor.CPPTYPE_DOUBLE: "a number",
    FieldDescriptor.CPPTYPE_FLOAT: "a number",
    FieldDescriptor.CPPTYPE_BOOL: "true or false",
    FieldDescriptor.CPPTYPE_ENUM: "a name or number of its enumeration",
}


def decode(message_type: type[M], body: bytes) -> M:
    """Read a message; unknown fields are ignored.

    Raises:
        RpcError: ``invalid_argument``, naming the place or the field that does not fit.
    """
    fields = _object(body)
    try:
        _check_shape(message_type.DESCRIPTOR, fields)
        return json_format.ParseDict(fields, message_type(), ignore_unknown_fields=True)
    except (json_format.ParseError, RecursionError):
        raise _misfit_of(message_type, fields) from None


def _object(body: bytes) -> dict[str, Any]:
    if not body:
        # As connect-go has it: JSON has no empty document.
        raise _invalid("body is empty; the smallest one in JSON is {}")
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_without_twins, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError:
        raise _invalid("body is not JSON: it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _invalid(f"body is not JSON: it breaks at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _invalid("JSON is nested too deeply") from None
    except ValueError:
        # Python refuses to convert numbers of thousands of digits.
        raise _invalid("JSON has a number that is far too long") from None
    if not isinstance(value, dict):
        raise _invalid("JSON is not an object; write {...}")
    return value


def _invalid(what: str) -> RpcError:
    return RpcError(Code.INVALID_ARGUMENT, f"The request's {what}.")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _invalid("JSON has an object that names one key twice")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise _invalid("JSON has NaN or Infinity outside a string")


def _fields(descriptor: Any) -> list[FieldDescriptor]:
    # Not `Descriptor`: the type stubs know two classes of that name where there is one.
    return list(descriptor.fields)


def _check_shape(descriptor: Any, fields: dict[str, Any]) -> None:
    for field in _fields(descriptor):
        given = [name for name in {field.name, field.json_name} if name in fields]
        if len(given) > 1:
            raise _invalid(f"JSON gives the field {field.name} under both of its names")
        if given and _holds_objects(field):
            _check_entries(field, given[0], fields[given[0]])


def _holds_objects(field: FieldDescriptor) -> bool:
    """Whether its JSON is plain objects; maps and protobuf's own types have forms of their own."""
    message_type = field.message_type
    if message_type is None or message_type.GetOptions().map_entry:
        return False
    return not message_type.full_name.startswith("google.protobuf.")


def _check_entries(field: FieldDescriptor, name: str, value: Any) -> None:
    if value is None:
        return
    entries = value if field.is_repeated and isinstance(value, list) else [value]
    for entry in entries:
        if not isinstance(entry, dict):
            raise _misfit(field, name)
        _check_shape(field.message_type, entry)


def _misfit_of(message_type: type[Message], fields: dict[str, Any]) -> RpcError:
    """Find the field that does not fit, by reading each alone: the parser's own words repeat values."""
    known = {
        name: field for field in _fields(message_type.DESCRIPTOR) for name in (field.name, field.json_name)
    }
    for name in (name for name in fields if name in known):
        try:
            json_format.ParseDict({name: fields[name]}, message_type(), ignore_unknown_fields=True)
        except (json_format.ParseError, RecursionError):
            return _misfit(known[name], name)
    return _invalid(f"JSON does not fit {message_type.DESCRIPTOR.full_name}")


def _misfit(field: FieldDescriptor, name: str) -> RpcError:
    if field.message_type is not None:
        what = f"an object with the fields of {field.message_type.full_name}"
    elif field.type == FieldDescriptor.TYPE_BYTES:
        what = "bytes in base64"
    else:
        what = _WHAT_FITS[field.cpp_type]
    return _invalid(f"field {name} must be " + (f"a list, each entry {what}" if field.is_repeated else what))
