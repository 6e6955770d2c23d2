"""What can be said on the command line, and the help that explains it."""

from __future__ import annotations

import argparse
from typing import Final

PROG: Final = "pyroscope-source-proxy"
_EPILOG: Final = """\
examples:
  pyroscope-source-proxy demo
      the whole system on this machine, nothing to install or sign up for
  pyroscope-source-proxy serve --upstream-url http://pyroscope:4040
      in front of a Pyroscope, everything else on its defaults
  pyroscope-source-proxy check-config config.yaml
      tell every fault of a configuration, or print what it amounts to
  pyroscope-source-proxy doctor --config config.yaml
      ask everything that the proxy depends on, and say what to fix

exit codes:
  0  fine
  1  could not run, for example because a port is taken; nothing found; a check that failed
  2  wrong usage or a faulty configuration; each fault is on standard error
"""
_SERVE_EPILOG: Final = """\
examples:
  pyroscope-source-proxy serve --config config.yaml
  pyroscope-source-proxy serve --listen 127.0.0.1:4041 --upstream-url http://localhost:4040

Flags beat the file, the file beats the environment. Without a file, the defaults hold and
GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET, GITHUB_SESSION_SECRET and GITHUB_CALLBACK_URL are read from
the environment. SIGTERM stops it after the requests in flight. SIGHUP reads the configuration anew, as
does a change of its files: secrets, the GitHub App, mappings and logging are taken over while it runs.
"""
_CHECK_EPILOG: Final = """\
Prints the effective configuration on standard output, secrets masked, and warnings on standard error.
The environment counts as it does for serve. Exits with 2 when there are faults and lists all of them.

example:
  pyroscope-source-proxy check-config config.yaml
"""
_RESOLVE_EPILOG: Final = """\
Asks GitHub with the token in GITHUB_TOKEN and prints every step. Exits with 1 when no file is found.

example:
  GITHUB_TOKEN=… pyroscope-source-proxy resolve --repository https://github.com/acme/shop --ref v1.2.3 \\
      --path /app/internal/cart/cart.go --function github.com/acme/shop/internal/cart.Total
"""
_DOCTOR_EPILOG: Final = """\
Checks the configuration, Pyroscope, GitHub and the App's credentials, Redis, the way out, the clock and
the limits of this machine, all at once, and says for each what was found and what to do. Run it where
the proxy runs: in its pod, as its user, with its environment. It may run beside a running proxy.
Exits with 1 when something fails, with 0 when all is well or there are warnings only.

examples:
  pyroscope-source-proxy doctor --config config.yaml
  kubectl exec deploy/pyroscope-source-proxy -- pyroscope-source-proxy doctor --json
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


def parser(version: str) -> argparse.ArgumentParser:
    """The arguments of every command; ``version`` is what ``--version`` prints."""
    found = argparse.ArgumentParser(
        prog=PROG,
        description="Stands between Grafana and Pyroscope and shows profiled code line by line.",
        epilog=_EPILOG,
        formatter_class=_HelpFormatter,
        allow_abbrev=False,
    )
    found.add_argument("--version", action="version", version=version)
    commands = found.add_subparsers(dest="command", metavar="COMMAND", required=True)
    serve = _command(commands, "serve", "run the proxy", _SERVE_EPILOG)
    serve.add_argument("--config", dest="file", metavar="FILE", help="the configuration, YAML")
    serve.add_argument("--listen", metavar="HOST:PORT", help="where to serve (default 0.0.0.0:4041)")
    serve.add_argument(
        "--admin-listen", metavar="HOST:PORT", help="where metrics and health are (default 0.0.0.0:4043)"
    )
    serve.add_argument("--upstream-url", metavar="URL", help="Pyroscope (default http://localhost:4040)")
    serve.add_argument("--workers", metavar="N", help="processes that share the listener (default 1)")
    demo = _command(commands, "demo", "show the whole system on this machine", _DEMO_EPILOG)
    demo.add_argument(
        "--listen",
        metavar="HOST:PORT",
        help="where the proxy serves (default 127.0.0.1:4041, or a free port where that is taken)",
    )
    check = _command(
        commands, "check-config", "tell all faults of a configuration, or print it", _CHECK_EPILOG
    )
    check.add_argument("file", metavar="FILE", help="the configuration, YAML")
    _add_resolve(commands)
    doctor = _command(
        commands, "doctor", "check everything that the proxy depends on, and say what to fix", _DOCTOR_EPILOG
    )
    doctor.add_argument("--config", dest="file", metavar="FILE", help="the configuration, YAML")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    return found


def _add_resolve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    resolve = _command(commands, "resolve", "explain how the file of one frame is found", _RESOLVE_EPILOG)
    resolve.add_argument("--repository", metavar="URL", required=True, help="label service_repository")
    resolve.add_argument("--ref", metavar="REF", default="", help="label service_git_ref (default HEAD)")
    resolve.add_argument("--path", metavar="PATH", default="", help="the frame's file, as the profile has it")
    resolve.add_argument("--function", metavar="NAME", default="", help="the frame's function, likewise")
    resolve.add_argument("--root-path", metavar="P", default="", help="label service_root_path")
    resolve.add_argument("--line", metavar="N", type=int, default=0, help="where the function starts")
    resolve.add_argument("--config", dest="file", metavar="FILE", help="the configuration, YAML")
    resolve.add_argument("--json", action="store_true", help="print JSON")


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
