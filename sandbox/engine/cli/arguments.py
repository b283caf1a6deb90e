"""The command line: nested commands, `--flag value`, `--flag=value`, flags anywhere, `--` before plain words."""

from dataclasses import dataclass, field

from ..errors import CommandFailed

_SHORT = {
    "s": "stack", "v": "verbose", "m": "message", "p": "parallel", "y": "yes", "f": "force", "C": "cwd", "e": "emoji",
    "t": "target", "r": "refresh", "d": "debug", "j": "json", "i": "show-ids", "a": "all", "u": "show-urns",
}  # fmt: skip
_VALUES = frozenset(
    "stack verbose message parallel color tracing cwd exec-kind exec-agent client event-log replace target exclude "
    "target-replace config-file secrets-provider file version page page-size "
    "memprofilerate profiling suppress-stream-logs-for policy-pack policy-pack-config plan save-plan import-file "
    "copy-config-from teams show-full-output out from".split()
)
_SET_ALL = frozenset({"plaintext", "secret", "json"})  # switches everywhere else
_GROUPS = frozenset({"stack", "config", "plugin"})


@dataclass
class Arguments:
    command: tuple[str, ...]
    words: list[str] = field(default_factory=list)
    flags: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for flag, value in self.flags if flag == name]

    def text(self, name: str, default: str = "") -> str:
        found = self.all(name)
        return found[-1] if found else default

    def given(self, name: str) -> bool:
        return bool(self.all(name))

    def on(self, name: str) -> bool:
        return self.text(name, "false") == "true"


def parse(argv: list[str], *, subcommands: dict[str, frozenset[str]]) -> Arguments:
    rest = list(argv)
    words: list[str] = []
    flags: list[tuple[str, str]] = []
    while rest:
        token = rest.pop(0)
        if token == "--":
            words += rest
            break
        if not token.startswith("-") or token == "-":
            words.append(token)
            continue
        flags.append(_flag(token, rest, in_set_all=words[:2] == ["config", "set-all"]))
    command = words[: _depth(words, subcommands)]
    return Arguments(tuple(command), words[len(command) :], flags)


def _depth(words: list[str], subcommands: dict[str, frozenset[str]]) -> int:
    if len(words) > 1 and words[0] in _GROUPS and words[1] in subcommands.get(words[0], frozenset()):
        return 2
    return min(1, len(words))


def _flag(token: str, rest: list[str], *, in_set_all: bool) -> tuple[str, str]:
    name, equals, value = token.lstrip("-").partition("=")
    if not token.startswith("--"):
        name = _SHORT.get(name, name)
    if equals:
        return name, value
    if name not in _VALUES and not (in_set_all and name in _SET_ALL):
        return name, "true"
    if not rest:
        raise CommandFailed(f"flag needs an argument: {token}")
    return name, rest.pop(0)
