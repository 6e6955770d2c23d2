"""The command line: arguments and the environment → a configuration → run.

This is the edge: the one place that reads the environment, the configuration's files and the arguments.
"""

from __future__ import annotations

import argparse
import errno
import logging
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import proxy
from proxy import config, logs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROG: Final = "pyroscope-source-proxy"
EXIT_FINE: Final = 0
EXIT_NOT_RUN: Final = 1
EXIT_FAULTS: Final = 2
EXIT_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells have it
MAX_FILE_BYTES: Final = 1024 * 1024
REVISION_VARIABLE: Final = "SOURCEPROXY_REVISION"
# The flags of serve and the keys that they beat.
_FLAGS: Final = {"listen": "listen", "admin_listen": "admin_listen", "upstream_url": "upstream.url"}

_EPILOG: Final = """\
examples:
  pyroscope-source-proxy demo
      the whole system on this machine, nothing to install or sign up for
  pyroscope-source-proxy serve --upstream-url http://pyroscope:4040
      in front of a Pyroscope, everything else on its defaults
  pyroscope-source-proxy check-config config.yaml
      tell every fault of a configuration, or print what it amounts to

exit codes:
  0  fine
  1  could not run, for example because a port is taken
  2  wrong usage or a faulty configuration; each fault is on standard error
"""
_SERVE_EPILOG: Final = """\
examples:
  pyroscope-source-proxy serve --config config.yaml
  pyroscope-source-proxy serve --listen 127.0.0.1:4041 --upstream-url http://localhost:4040

Flags beat the file, the file beats the environment. Without a file, the defaults hold and
GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET, GITHUB_SESSION_SECRET and GITHUB_CALLBACK_URL are read from
the environment. SIGTERM stops it after the requests in flight.
"""
_CHECK_EPILOG: Final = """\
Prints the effective configuration on standard output, secrets masked, and warnings on standard error.
The environment counts as it does for serve. Exits with 2 when there are faults and lists all of them.

example:
  pyroscope-source-proxy check-config config.yaml
"""
_DEMO_EPILOG: Final = """\
Starts a sample Pyroscope, a stand-in for GitHub and the proxy, on loopback, and prints what to open
and what to try. Ctrl-C ends all of it.

example:
  pyroscope-source-proxy demo
"""


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the examples, and gives the longest flag its column."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)


class UnreadableError(Exception):
    """The configuration's file cannot be read; the message says which and why."""


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
        code = _run(_parser(os.environ).parse_args(argv), os.environ)
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
    effective = _load(options.file, environ, overrides)
    logs.configure(effective.log, sys.stderr)
    logger = logging.getLogger(__name__)
    for warning in config.warnings(effective):
        logs.log_line(logger, logging.WARNING, "check the configuration", warning=warning)
    from proxy.app import serve  # noqa: PLC0415 - the other commands and --help need not wait for it

    return serve(effective, revision=environ.get(REVISION_VARIABLE, ""))


def _check(file: str, environ: Mapping[str, str]) -> int:
    effective = _load(file, environ, {})
    for warning in config.warnings(effective):
        print(f"{file}: warning: {warning}", file=sys.stderr)
    print(config.render(effective), end="")
    return EXIT_FINE


def _demo(listen: str | None) -> int:
    # A free port for the admin listener, so that the demo may be told to use the usual one.
    overrides = {"admin_listen": "localhost:0"} | ({} if listen is None else {"listen": listen})
    address = config.parse("", {}, read_file=_read_file, overrides=overrides).listen
    from proxy.demo.run import run  # noqa: PLC0415 - only the demo needs its servers and recordings

    return run(listen=None if listen is None else address)


def _load(file: str | None, environ: Mapping[str, str], overrides: Mapping[str, str]) -> config.Config:
    """Read a configuration's file, if there is one, and check everything in it.

    Raises:
        UnreadableError: when the file cannot be read.
        ConfigFaults: when it is faulty.
    """
    try:
        text = "" if file is None else _read_file(file)
    except OSError as error:
        raise UnreadableError(f"cannot read {file}: {error.strerror}") from None
    except ValueError:
        raise UnreadableError(f"cannot read {file}: it is not text in UTF-8") from None
    return config.parse(text, environ, read_file=_read_file, overrides=overrides)


def _read_file(name: str) -> str:
    """Read a text file of bounded length; relative names start at the working directory.

    Raises:
        OSError: when it cannot be read or is too large.
        ValueError: when it is not UTF-8, or the name cannot be one.
    """
    with Path(name).open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content.decode("utf-8-sig")


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


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROG,
        description="Stands between Grafana and Pyroscope and shows profiled code line by line.",
        epilog=_EPILOG,
        formatter_class=_HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=_version(environ))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    serve = _command(commands, "serve", "run the proxy", _SERVE_EPILOG)
    serve.add_argument("--config", dest="file", metavar="FILE", help="the configuration, YAML")
    serve.add_argument("--listen", metavar="HOST:PORT", help="where to serve (default 0.0.0.0:4041)")
    serve.add_argument(
        "--admin-listen", metavar="HOST:PORT", help="where metrics and health are (default 0.0.0.0:4043)"
    )
    serve.add_argument("--upstream-url", metavar="URL", help="Pyroscope (default http://localhost:4040)")
    demo = _command(commands, "demo", "show the whole system on this machine", _DEMO_EPILOG)
    demo.add_argument(
        "--listen", metavar="HOST:PORT", help="where the proxy serves (default: a free port on loopback)"
    )
    check = _command(
        commands, "check-config", "tell all faults of a configuration, or print it", _CHECK_EPILOG
    )
    check.add_argument("file", metavar="FILE", help="the configuration, YAML")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, epilog: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=epilog,
        formatter_class=_HelpFormatter,
        allow_abbrev=False,
    )
