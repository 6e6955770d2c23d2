"""The command line: arguments and the environment → a configuration → run.

This is the edge: the one place that reads the environment, the configuration's files and the arguments.
"""

from __future__ import annotations

import logging
import os
import platform
import sys
from typing import TYPE_CHECKING, Final

import proxy
from proxy import config, logs
from proxy.arguments import PROG, parser
from proxy.errors import RpcError
from proxy.reloading.source import Source, UnreadableError, read_file
from proxy.tracing import opening as tracing

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

EXIT_FINE: Final = 0
EXIT_NOT_RUN: Final = 1
EXIT_FAULTS: Final = 2
EXIT_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells have it
TOKEN_VARIABLE: Final = "GITHUB_TOKEN"
REVISION_VARIABLE: Final = "SOURCEPROXY_REVISION"
# The flags of serve and the keys that they beat.
_FLAGS: Final = {
    "listen": "listen",
    "admin_listen": "admin_listen",
    "upstream_url": "upstream.url",
    "workers": "workers",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: the arguments without the program's name; those of the process when left out.

    Returns:
        The exit code: 0 fine, 1 could not run, 2 wrong usage or a faulty configuration, 130 after Ctrl-C.

    Raises:
        SystemExit: after ``--help``, ``--version`` and wrong usage, with the exit code.
    """
    try:
        code = _run(parser(_version(os.environ)).parse_args(argv), os.environ)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; leaving must not fail over what is still unwritten.
        # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_NOT_RUN
    return code


def _run(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    try:
        match options.command:
            case "serve":
                return _serve(options, environ)
            case "check-config":
                return _check(options.file, environ)
            case "resolve":
                return _resolve(options, environ)
            case "doctor":
                return _doctor(options, environ)
            case _:
                return _demo(options.listen)
    except UnreadableError as error:
        _complain(str(error))
    except config.ConfigFaults as error:
        _complain(*_faults(error, getattr(options, "file", None)))
    except BrokenPipeError:
        raise
    except OSError as error:
        _complain(f"could not run: {error}")
        return EXIT_NOT_RUN
    return EXIT_FAULTS


def _serve(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    overrides = {
        key: getattr(options, flag) for flag, key in _FLAGS.items() if getattr(options, flag) is not None
    }
    source = Source(options.file, environ, overrides)
    effective = _traceable(source.load())
    logs.configure(effective.log, sys.stderr)
    logger = logging.getLogger(__name__)
    for warning in config.warnings(effective):
        logs.log_line(logger, logging.WARNING, "check the configuration", warning=warning)
    from proxy.serving import serve  # noqa: PLC0415 - the other commands and --help need not wait for it

    return serve(effective, source, revision=environ.get(REVISION_VARIABLE, ""))


def _check(file: str, environ: Mapping[str, str]) -> int:
    effective = _load(file, environ, {})
    for warning in config.warnings(effective):
        print(f"{file}: warning: {warning}", file=sys.stderr)
    print(config.render(effective), end="")
    return EXIT_FINE


def _resolve(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    token = environ.get(TOKEN_VARIABLE, "")
    if not token:
        _complain(f"set {TOKEN_VARIABLE} to a GitHub token that may read the repository")
        return EXIT_FAULTS
    effective = _load(options.file, environ, {})
    from proxy import resolve_command  # noqa: PLC0415 - the other commands and --help need not wait for it
    from proxy.proto.source_pb2 import ExplainFileRequest  # noqa: PLC0415 - likewise

    request = ExplainFileRequest(
        repositoryURL=options.repository,
        ref=options.ref,
        localPath=options.path,
        functionName=options.function,
        rootPath=options.root_path,
        startLine=options.line,
    )
    try:
        answer = resolve_command.explain(effective, token, request)
    except RpcError as error:
        _complain(error.message)
        return EXIT_FAULTS
    colour = sys.stdout.isatty() and not environ.get("NO_COLOR")
    shown = resolve_command.as_tree(request, answer, colour=colour)
    print(resolve_command.as_json(answer) if options.json else shown, end="\n" if options.json else "")
    return EXIT_FINE if answer.found else EXIT_NOT_RUN


def _doctor(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    from proxy.doctor import command  # noqa: PLC0415 - the other commands and --help need not wait for it

    screen = command.Screen(sys.stdout, sys.stderr, environ, as_json=options.json)
    source = options.file or "the environment"
    try:
        effective = _load(options.file, environ, {})
    except config.ConfigFaults as error:
        command.show_faults(error.faults, source, screen)
        return EXIT_FAULTS
    return EXIT_FINE if command.examine(effective, source, environ, screen) else EXIT_NOT_RUN


def _demo(listen: str | None) -> int:
    # A free port for the admin listener, so that the demo may be told to use the usual one.
    overrides = {"admin_listen": "localhost:0"} | ({} if listen is None else {"listen": listen})
    address = config.parse("", {}, read_file=read_file, overrides=overrides).listen
    from proxy.demo.run import run  # noqa: PLC0415 - only the demo needs its servers and recordings

    return run(listen=None if listen is None else address)


def _load(file: str | None, environ: Mapping[str, str], overrides: Mapping[str, str]) -> config.Config:
    """Read a configuration's file, if there is one, and check everything in it.

    Raises:
        UnreadableError: when the file cannot be read.
        ConfigFaults: when it is faulty.
    """
    return _traceable(Source(file, environ, overrides).load())


def _traceable(effective: config.Config) -> config.Config:
    """The configuration, when what its tracing takes is installed.

    Raises:
        ConfigFaults: when it is not.
    """
    if effective.tracing.endpoint is not None and not tracing.is_installed():
        raise config.ConfigFaults([config.Fault("tracing.endpoint", None, tracing.MISSING)])
    return effective


def _faults(error: config.ConfigFaults, file: str | None) -> list[str]:
    count = len(error.faults)
    return [
        *(
            f"{file}: {fault}" if file and not fault.key.startswith("--") else str(fault)
            for fault in error.faults
        ),
        f"{count} fault{'' if count == 1 else 's'} in the configuration",
    ]


def _complain(*lines: str) -> None:
    for line in lines:
        print(f"{PROG}: {line}", file=sys.stderr)


def _version(environ: Mapping[str, str]) -> str:
    revision = environ.get(REVISION_VARIABLE, "")
    details = [f"revision {revision}"] if revision else []
    return f"{PROG} {proxy.__version__} ({', '.join([*details, f'Python {platform.python_version()}'])})"
