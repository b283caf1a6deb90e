"""stack export and import."""

import json
import sys
from typing import Any

from ..errors import CommandFailed, StackLocked
from ..properties import SECRET, SIGNATURE, any_value, has_secret, rewrite
from ..session import Session
from ..state.backend import Lock
from ..state.checkpoint import Checkpoint, new_manifest
from ..state.secrets import SecretsManager
from .arguments import Arguments
from .outputs import open_state_secrets


def export(arguments: Arguments) -> None:
    session = Session(arguments)
    if arguments.given("version"):
        raise CommandFailed("unsupported: exporting an earlier version (this engine numbers every version 0)")
    checkpoint = session.checkpoint()
    deployment = checkpoint.deployment()
    if arguments.on("show-secrets") and has_secret([checkpoint.resources, checkpoint.pending]):
        try:
            deployment = _plain(deployment, open_state_secrets(session, checkpoint.salt))
        except CommandFailed as error:
            raise CommandFailed(f"could not deserialize deployment: {error}") from error
    text = json.dumps({"version": 3, "deployment": deployment}, indent=4, ensure_ascii=False)
    if path := arguments.text("file"):
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
    else:
        print(text)


def _plain(deployment: dict[str, Any], secrets: SecretsManager) -> dict[str, Any]:
    def change(marked: dict[str, Any]) -> dict[str, Any]:
        if marked[SIGNATURE] != SECRET or "ciphertext" not in marked:
            return marked
        return {SIGNATURE: SECRET, "plaintext": secrets.crypter.decrypt(marked["ciphertext"])}

    plain: dict[str, Any] = rewrite(deployment, change)
    return plain


def import_(arguments: Arguments) -> None:
    session = Session(arguments)
    session.backend.require(session.stack)
    document = json.loads(_read(arguments.text("file")))
    if document.get("version") != 3:
        raise CommandFailed(f"could not import deployment: unsupported version {document.get('version')}")
    incoming = Checkpoint.from_deployment(document.get("deployment") or {}, stack=session.stack.full)
    _check_owner(incoming, session, force=arguments.on("force"))
    if any_value([incoming.resources, incoming.pending], lambda item: isinstance(item, dict) and "plaintext" in item):
        _encrypt(incoming, session)
    incoming.manifest = new_manifest()
    try:
        with Lock(session.backend, session.stack):
            session.backend.write(session.stack, incoming.encode())
    except StackLocked as error:
        raise StackLocked(f"could not import deployment: {error}") from error
    print("Import complete.")


def _read(path: str) -> str:
    if not path:
        return sys.stdin.read()
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except OSError as error:
        raise CommandFailed(f"could not open file: {error.strerror}") from error


def _check_owner(incoming: Checkpoint, session: Session, *, force: bool) -> None:
    wanted = f"urn:pulumi:{session.stack.stack}::"
    strangers = [item["urn"] for item in incoming.resources if not item["urn"].startswith(wanted)]
    if strangers and not force:
        raise CommandFailed(
            "importing this file could be dangerous; rerun with --force to proceed anyway: "
            f"resource '{strangers[0]}' is from a different stack"
        )


def _encrypt(incoming: Checkpoint, session: Session) -> None:
    secrets = session.secrets(state_salt=incoming.salt)
    old = secrets if incoming.salt in ("", secrets.salt) else None

    def change(marked: dict[str, Any]) -> dict[str, Any]:
        if marked[SIGNATURE] != SECRET:
            return marked
        if "plaintext" in marked:
            return {SIGNATURE: SECRET, "ciphertext": secrets.crypter.encrypt(marked["plaintext"])}
        if old is None:
            raise CommandFailed("could not import deployment: it mixes plain secrets with ones of another salt")
        return marked

    incoming.resources, incoming.pending = rewrite(incoming.resources, change), rewrite(incoming.pending, change)
    incoming.salt = secrets.salt
