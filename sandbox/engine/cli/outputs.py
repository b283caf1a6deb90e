"""stack output."""

import json
from typing import Any

from ..errors import CommandFailed
from ..properties import has_secret, redact, reveal
from ..session import Session
from ..state.secrets import ADVICE, WRONG, PassphraseUnset, PassphraseWrong, SecretsManager, passphrase
from .arguments import Arguments


def output(arguments: Arguments) -> None:
    session = Session(arguments)
    checkpoint = session.checkpoint()
    stack = checkpoint.find_stack() or {}
    found: dict[str, Any] = stack.get("outputs") or {}
    if arguments.on("show-secrets") and has_secret(found):
        found = reveal(open_state_secrets(session, checkpoint.salt).unseal(found))
    shown = redact(found)
    if arguments.words:
        _one(arguments, shown, session.stack.stack)
    elif arguments.on("json"):
        print(json.dumps(shown, indent=2, ensure_ascii=False, sort_keys=True))
    else:
        _table(shown)


def _one(arguments: Arguments, shown: dict[str, Any], stack: str) -> None:
    name = arguments.words[0]
    if name not in shown:
        raise CommandFailed(f"current stack does not have output property '{name}'")
    value = shown[name]
    plain = isinstance(value, str) and not arguments.on("json")
    print(value if plain else json.dumps(value, indent=2, ensure_ascii=False))


def _table(shown: dict[str, Any]) -> None:
    if not shown:
        print("No output values currently in this stack")
        return
    print(f"Current stack outputs ({len(shown)}):\n    {'OUTPUT':24}  VALUE")
    for name, value in sorted(shown.items()):
        print(f"    {name:24}  {value if isinstance(value, str) else json.dumps(value)}")


def open_state_secrets(session: Session, salt: str) -> SecretsManager:
    """The manager named by the state itself; errors in the official words."""
    try:
        return SecretsManager.open(salt, passphrase(session.environment))
    except PassphraseUnset as error:
        raise CommandFailed(
            f'constructing secrets manager of type "passphrase": constructing secrets manager: {error}'
        ) from error
    except PassphraseWrong as error:
        raise CommandFailed(f"failed to decrypt: {WRONG}, {ADVICE}") from error
