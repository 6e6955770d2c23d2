"""Where npm packages come from: repository, tag and folder, written down by hand.

``built`` says which published files a build makes, and what each is made of; all other published files
are in the repository as they are. Packages that are not in here are left out of the recordings: for
many, it is not publicly written down which of their files are built. None of this is asked of the
code that is tested.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Home(NamedTuple):
    """A package's repository, how it names tags, its folder there, and what is built: pattern → origin.

    A tag of ``?`` means that it is not known whether versions have a ``v``: both lead to it.
    """

    repository: str
    tag: str = "v{version}"
    folder: str = ""
    built: tuple[str, str] = (r"(?!)", "")


_PLAIN, _EITHER = "{version}", "?"
HOMES = {
    "@fastify/ajv-compiler": Home("fastify/ajv-compiler"),
    "@fastify/error": Home("fastify/fastify-error"),
    "@fastify/fast-json-stringify-compiler": Home("fastify/fast-json-stringify-compiler"),
    "@fastify/merge-json-schemas": Home("fastify/merge-json-schemas"),
    "@hapi/hoek": Home("hapijs/hoek"),
    "@npmcli/config": Home("npm/cli", "config-v{version}", "workspaces/config"),
    "@npmcli/map-workspaces": Home("npm/map-workspaces"),
    "@npmcli/name-from-folder": Home("npm/name-from-folder"),
    "@colors/colors": Home("DABH/colors.js"),
    "abbrev": Home("npm/abbrev-js"),
    "accepts": Home("jshttp/accepts", _EITHER),
    "ajv": Home("ajv-validator/ajv", built=(r"dist/(.+)\.js", r"lib/\1.ts")),
    "argparse": Home("nodeca/argparse", _EITHER),
    "avvio": Home("fastify/avvio"),
    "axios": Home("axios/axios"),
    "body-parser": Home("expressjs/body-parser", _EITHER),
    "ci-info": Home("watson/ci-info"),
    "content-disposition": Home("jshttp/content-disposition", _EITHER),
    "content-type": Home("jshttp/content-type", _EITHER),
    "dayjs": Home("iamkun/dayjs", built=(r"dayjs\.min\.js", "src/index.js")),
    "debug": Home("debug-js/debug", _PLAIN),
    "depd": Home("dougwilson/nodejs-depd", _EITHER),
    "ejs": Home("mde/ejs"),
    "encodeurl": Home("pillarjs/encodeurl", _EITHER),
    "etag": Home("jshttp/etag", _EITHER),
    "express": Home("expressjs/express", _PLAIN),
    "fast-json-stringify": Home("fastify/fast-json-stringify"),
    "fast-querystring": Home("anonrig/fast-querystring"),
    "fast-uri": Home("fastify/fast-uri"),
    "fastify": Home("fastify/fastify"),
    "fastq": Home("mcollina/fastq"),
    "finalhandler": Home("pillarjs/finalhandler", _EITHER),
    "find-my-way": Home("delvedor/find-my-way"),
    "follow-redirects": Home("follow-redirects/follow-redirects"),
    "forwarded": Home("jshttp/forwarded", _EITHER),
    "fresh": Home("jshttp/fresh", _EITHER),
    "handlebars": Home("handlebars-lang/handlebars.js", built=(r"dist/cjs/(.+)\.js", r"lib/\1.js")),
    "http-errors": Home("jshttp/http-errors", _EITHER),
    "iconv-lite": Home("ashtuchkin/iconv-lite"),
    "ini": Home("npm/ini"),
    "js-yaml": Home("nodeca/js-yaml", _PLAIN),
    "light-my-request": Home("fastify/light-my-request"),
    "lodash": Home("lodash/lodash", _PLAIN),
    "logform": Home("winstonjs/logform"),
    "mime-types": Home("jshttp/mime-types", _EITHER),
    "moment": Home("moment/moment", _PLAIN),
    "nopt": Home("npm/nopt"),
    "on-finished": Home("jshttp/on-finished", _EITHER),
    "parseurl": Home("pillarjs/parseurl", _EITHER),
    "path-to-regexp": Home("pillarjs/path-to-regexp"),
    "pino": Home("pinojs/pino"),
    "pino-std-serializers": Home("pinojs/pino-std-serializers"),
    "process-warning": Home("fastify/process-warning"),
    "proxy-addr": Home("jshttp/proxy-addr", _EITHER),
    "proxy-from-env": Home("Rob--W/proxy-from-env"),
    "qs": Home("ljharb/qs"),
    "raw-body": Home("stream-utils/raw-body", _EITHER),
    "read-package-json-fast": Home("npm/read-package-json-fast"),
    "readable-stream": Home("nodejs/readable-stream"),
    "reusify": Home("mcollina/reusify"),
    "rfdc": Home("davidmarkclements/rfdc"),
    "safe-stable-stringify": Home("BridgeAR/safe-stable-stringify"),
    "secure-json-parse": Home("fastify/secure-json-parse"),
    "semver": Home("npm/node-semver"),
    "send": Home("pillarjs/send", _EITHER),
    "side-channel": Home("ljharb/side-channel"),
    "sonic-boom": Home("pinojs/sonic-boom"),
    "statuses": Home("jshttp/statuses", _EITHER),
    "thread-stream": Home("pinojs/thread-stream"),
    "type-is": Home("jshttp/type-is", _EITHER),
    "undici": Home("nodejs/undici"),
    "uuid": Home("uuidjs/uuid", built=(r"dist/(?:cjs/|esm-node/|commonjs-browser/)?(.+)\.js", r"src/\1.js")),
    "vary": Home("jshttp/vary", _EITHER),
    "winston": Home("winstonjs/winston"),
    "winston-transport": Home("winstonjs/winston-transport"),
    "ws": Home("websockets/ws", _PLAIN),
    "zod": Home("colinhacks/zod", built=(r"lib/(.+)\.js", r"src/\1.ts")),
}
# What repositories were called when the packages were published: GitHub leads on from there.
FORMER = {
    "debug-js/debug": "visionmedia/debug",
    "pillarjs/path-to-regexp": "component/path-to-regexp",
    "pinojs/thread-stream": "mcollina/thread-stream",
}
# Node's own modules that are copies of other projects: where they are in its repository.
VENDORED = {
    "internal/deps/acorn/acorn/dist/acorn": "deps/acorn/acorn/dist/acorn.js",
    "internal/deps/acorn/acorn-walk/dist/walk": "deps/acorn/acorn-walk/dist/walk.js",
    "internal/deps/cjs-module-lexer/dist/lexer": "deps/cjs-module-lexer/dist/lexer.js",
    "internal/deps/cjs-module-lexer/lexer": "deps/cjs-module-lexer/lexer.js",
    "internal/deps/minimatch/index": "deps/minimatch/index.js",
    "internal/deps/undici/undici": "deps/undici/undici.js",
}


def tags(home: Home, version: str) -> list[str]:
    """The tags of a version, the likely one first."""
    if home.tag == _EITHER:
        return [version, f"v{version}"]
    return [home.tag.format(version=version)]


def origin(home: Home, inner: str) -> str:
    """What a built file is made of; empty when the file is not built."""
    pattern, made_of = home.built
    found = re.fullmatch(pattern, inner)
    return found.expand(made_of) if found else ""


def of_node(module: str) -> str:
    """Where a module of Node itself is in nodejs/node."""
    return VENDORED.get(module, f"lib/{module}.js")
