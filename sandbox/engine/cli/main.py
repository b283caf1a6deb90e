"""Finds the command and runs it. Every command lives in a module that is imported only for it."""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from .. import VERSION
from ..errors import CommandFailed
from .arguments import Arguments, parse

_COMMON = frozenset(
    "non-interactive color logflow logtostderr verbose tracing cwd emoji stack disable-integrity-checking "
    "fully-qualify-stack-names memprofilerate profiling".split()
)
_UPDATE = frozenset(
    "yes skip-preview message parallel client exec-kind exec-agent event-log config-file suppress-outputs "
    "suppress-progress suppress-permalink debug diff show-config show-full-output run-program target "
    "target-dependents exclude exclude-dependents expect-no-changes continue-on-error refresh preview-only "
    "show-replacement-steps show-sames show-reads".split()
)

# command -> (module, function, flags beyond the common ones)
_COMMANDS: dict[tuple[str, ...], tuple[str, str, frozenset[str]]] = {
    ("stack",): ("stacks", "show", frozenset({"show-name", "show-ids", "show-urns", "show-secrets"})),
    ("stack", "select"): ("stacks", "select", frozenset()),
    ("stack", "init"): ("stacks", "init", frozenset({"secrets-provider", "no-select"})),
    ("stack", "ls"): ("stacks", "ls", frozenset({"json", "all"})),
    ("stack", "rm"): ("stacks", "rm", frozenset({"yes", "force", "preserve-config"})),
    ("stack", "rename"): ("stacks", "rename", frozenset()),
    ("stack", "output"): ("outputs", "output", frozenset({"json", "show-secrets"})),
    ("stack", "history"): ("history", "history", frozenset({"json", "show-secrets", "page", "page-size"})),
    ("stack", "export"): ("transfer", "export", frozenset({"show-secrets", "file", "version"})),
    ("stack", "import"): ("transfer", "import_", frozenset({"file", "force"})),
    ("config",): ("config", "show_all", frozenset({"json", "show-secrets", "config-file"})),
    ("config", "get"): ("config", "get", frozenset({"json", "path", "config-file"})),
    ("config", "set"): ("config", "set_", frozenset({"plaintext", "secret", "path", "config-file"})),
    ("config", "set-all"): ("config", "set_all", frozenset({"plaintext", "secret", "path", "json", "config-file"})),
    ("config", "rm"): ("config", "rm", frozenset({"path", "config-file"})),
    ("config", "rm-all"): ("config", "rm_all", frozenset({"path", "config-file"})),
    ("config", "refresh"): ("config", "refresh", frozenset({"force", "config-file"})),
    ("whoami",): ("account", "whoami", frozenset({"json", "verbose"})),
    ("plugin", "ls"): ("account", "plugins", frozenset({"json"})),
    ("cancel",): ("stacks", "cancel", frozenset({"yes"})),
    ("up",): ("operations", "up", _UPDATE | {"replace", "target-replace"}),
    ("preview",): ("operations", "preview", _UPDATE | {"replace", "target-replace", "json"}),
    ("refresh",): ("operations", "refresh", _UPDATE | {"clear-pending-creates", "skip-pending-creates"}),
    ("destroy",): ("operations", "destroy", _UPDATE | {"exclude-protected"}),
}  # fmt: skip
_SUBCOMMANDS = {
    group: frozenset(path[1] for path in _COMMANDS if len(path) == 2 and path[0] == group)
    for group in ("stack", "config", "plugin")
}


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(argv: list[str]) -> int:
    try:
        return _dispatch(argv)
    except CommandFailed as failure:
        if str(failure):
            print(f"error: {failure}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:  # before an update has begun
        return 1
    except BrokenPipeError:  # the reader died; nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _dispatch(argv: list[str]) -> int:
    if argv[:1] in (["version"], ["--version"]):
        print(VERSION)
        return 0
    arguments = parse(argv, subcommands=_SUBCOMMANDS)
    if arguments.command == ("version",):
        print(VERSION)
        return 0
    handler = _handler(arguments)
    if arguments.given("cwd"):
        os.chdir(arguments.text("cwd"))
    return handler(arguments) or 0


def _handler(arguments: Arguments) -> Callable[[Arguments], int | None]:
    entry = _COMMANDS.get(arguments.command)
    if entry is None:
        raise CommandFailed(
            f'unknown command "{" ".join(arguments.command)}" for "pulumi" (this engine does not have it)'
        )
    module, function, flags = entry
    for flag, _ in arguments.flags:
        if flag not in _COMMON and flag not in flags:
            raise CommandFailed(f"unsupported flag for {' '.join(arguments.command)}: --{flag}")
    handler: Any = getattr(import_module(f"..{module}", __name__), function)
    found: Callable[[Arguments], int | None] = handler
    return found
