"""Our messages described for other protobuf runtimes, as protoc hands files to its plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

if TYPE_CHECKING:
    from google.protobuf.descriptor import FileDescriptor


def described(file: FileDescriptor) -> FileDescriptorProto:
    """The description of a file with the JSON names filled in, which generated Python code leaves out."""
    found = FileDescriptorProto()
    file.CopyToProto(found)
    for message in found.message_type:
        _name_fields(message, file.message_types_by_name[message.name])
    return found


def _name_fields(message: Any, descriptor: Any) -> None:
    for field in message.field:
        field.json_name = descriptor.fields_by_name[field.name].json_name
    for nested in message.nested_type:
        _name_fields(nested, descriptor.nested_types_by_name[nested.name])


def described_set(*files: FileDescriptor) -> bytes:
    """A FileDescriptorSet of files that import nothing outside the set, in the order given."""
    return FileDescriptorSet(file=[described(file) for file in files]).SerializeToString()
