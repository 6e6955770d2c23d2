"""The edge of our RPCs: Connect unary over HTTP/1.1, in JSON and protobuf.

- ``headers`` reads what a call says about itself in its headers (pure).
- ``codec`` turns bytes into messages and messages and errors into bytes (pure).
- ``jsonpb`` reads JSON requests, strictly (pure).
- ``edge`` is the aiohttp side: methods become routes, whatever happens becomes one answer.

https://connectrpc.com/docs/protocol
"""
