"""stack select, init, ls, rm, rename; cancel."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from ..errors import CommandFailed
from ..project import StackSettings
from ..session import Session
from ..state.backend import Lock, StackName
from ..state.checkpoint import Checkpoint
from ..state.secrets import SecretsManager, passphrase
from .arguments import Arguments


def show(arguments: Arguments) -> None:
    session = Session(arguments)
    if arguments.on("show-name"):
        print(session.stack.stack)
        return
    checkpoint = session.checkpoint()
    print(
        f"Current stack is {session.stack.stack}:\n    Managed by {session.backend.url}\n"
        f"Current stack resources ({len(checkpoint.resources)}):"
    )
    for item in checkpoint.resources:
        print(f"    {item['type']}  {item['urn'].rsplit('::', 1)[-1]}")


def select(arguments: Arguments) -> None:
    session = Session(arguments)
    if arguments.words and not arguments.given("stack"):
        session.stack = session.name_stack(arguments.words[0])
    session.backend.require(session.stack)
    session.select(session.stack)


def init(arguments: Arguments) -> None:
    session = Session(arguments)
    name = arguments.words[0] if arguments.words else arguments.text("stack")
    if not name:
        raise CommandFailed("missing stack name")
    session.stack = session.name_stack(name)
    _refuse_provider(arguments.text("secrets-provider"))
    if session.backend.exists(session.stack):
        raise CommandFailed(f"stack '{session.stack.full}' already exists")
    secrets = _initial_secrets(session)
    session.backend.write(session.stack, Checkpoint(session.stack.full, salt=secrets.salt).encode())
    if not arguments.on("no-select"):
        session.select(session.stack)
    print(f"Created stack '{session.stack.stack}'", file=sys.stderr)


def _refuse_provider(provider: str) -> None:
    if provider not in ("", "default", "passphrase"):
        raise CommandFailed(f"unsupported secrets provider {provider!r}: this engine knows passphrase only")


def _initial_secrets(session: Session) -> SecretsManager:
    phrase = passphrase(session.environment)
    if session.settings.salt:
        return SecretsManager.open(session.settings.salt, phrase)
    secrets = SecretsManager.new(phrase)
    session.settings.salt = secrets.salt
    session.settings.save()
    return secrets


def ls(arguments: Arguments) -> None:
    session = Session(arguments)
    project = None if arguments.on("all") else session.project.name
    current = session.current_stack()
    rows = [_row(session, name, current) for name in session.backend.stacks(project)]
    if arguments.on("json"):
        print(json.dumps(rows, indent=2))
        return
    print(f"{'NAME':24}  {'LAST UPDATE':24}  RESOURCE COUNT")
    for row in rows:
        print(f"{row['name'] + ('*' if row['current'] else ''):24}  {row['lastUpdate']:24}  {row['resourceCount']}")


def _row(session: Session, name: StackName, current: str) -> dict[str, Any]:
    path = session.backend.checkpoint(name)
    count = len(Checkpoint.parse(path.read_bytes(), stack=name.full).resources)
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    shown = name.stack if name.project == session.project.name else name.full
    return {"name": shown, "current": name.full == current, "lastUpdate": changed, "resourceCount": count}


def rm(arguments: Arguments) -> None:
    session = Session(arguments)
    if arguments.words:
        session.stack = session.name_stack(arguments.words[0])
    session.backend.require(session.stack)
    with Lock(session.backend, session.stack):
        if session.checkpoint().resources and not arguments.on("force"):
            raise CommandFailed(_still_has_resources(session.stack.stack))
        session.backend.remove(session.stack)
    if not arguments.on("preserve-config"):
        session.settings_path.unlink(missing_ok=True)
    if session.current_stack() == session.stack.full:
        session.select(None)
    print(f"Stack '{session.stack.stack}' has been removed!")


def _still_has_resources(stack: str) -> str:
    return (
        f"'{stack}' still has resources; removal rejected. Possible actions:\n"
        "- Make sure that '" + stack + "' is the stack that you want to destroy\n"
        "- Run `pulumi destroy` to delete the resources, then run `pulumi stack rm`\n"
        "- Run `pulumi stack rm --force` to override this error"
    )


def rename(arguments: Arguments) -> None:
    session = Session(arguments)
    if not arguments.words:
        raise CommandFailed("missing new stack name")
    old, new = session.stack, session.name_stack(arguments.words[0])
    session.backend.require(old)
    if session.backend.exists(new):
        raise CommandFailed(f"stack '{new.full}' already exists")
    if new.project != old.project:
        raise CommandFailed("unsupported: moving a stack to another project")
    with Lock(session.backend, old):
        text = session.backend.read(old).decode()
        text = text.replace(f"urn:pulumi:{old.stack}::", f"urn:pulumi:{new.stack}::").replace(
            f'"{old.full}"', f'"{new.full}"'
        )
        text = text.replace(f'::{old.project}-{old.stack}"', f'::{new.project}-{new.stack}"')
        session.backend.rename(old, new, text.encode())
    _rename_settings(session.settings, new)
    session.select(new)
    print(f"Renamed {old.stack} to {new.full}")


def _rename_settings(settings: StackSettings, new: StackName) -> None:
    if settings.path.exists():
        settings.path.replace(settings.path.with_name(f"Pulumi.{new.stack}.yaml"))


def cancel(arguments: Arguments) -> None:
    session = Session(arguments)
    if arguments.words:
        session.stack = session.name_stack(arguments.words[0])
    session.backend.require(session.stack)
    session.backend.cancel(session.stack)
    print(f"The currently running update for '{session.stack.stack}' has been canceled!")
