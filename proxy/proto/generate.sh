#!/bin/sh
# Writes *_pb2.py and *_pb2.pyi beside the .proto files, or below the folder given as first argument.
# PYTHON names the interpreter to use; it needs grpcio-tools. What is committed was made with grpcio-tools 1.76.0:
# generated code runs with the protobuf of its own release and later ones only, and we promise protobuf 6.33.
set -eu
cd "$(dirname "$0")/../.."
out=${1:-.}
exec "${PYTHON:-python3}" -m grpc_tools.protoc --proto_path=. --python_out="$out" --pyi_out="$out" proxy/proto/*.proto
