"""up, preview, refresh, destroy."""

import gc
import sys
from threading import Thread
from typing import Any

from ..configuration import Configuration
from ..deploy.options import DEFAULT_PARALLEL, Options
from ..errors import CommandFailed
from ..session import Session
from ..state.checkpoint import Checkpoint
from ..state.secrets import ADVICE, WRONG, PassphraseUnset, PassphraseWrong, SecretsManager, passphrase
from .arguments import Arguments

# what needs the passphrase: managers for new and for known ciphertexts, configuration, names of its secrets
Unlocked = tuple[SecretsManager, SecretsManager, dict[str, str], list[str]]


def up(arguments: Arguments) -> int:
    _require_yes(arguments)
    return _operate(arguments, "update", preview=False, run_program=True)


def preview(arguments: Arguments) -> int:
    return _operate(arguments, "update", preview=True, run_program=True)


def refresh(arguments: Arguments) -> int:
    planned = arguments.on("preview-only")
    if not planned:
        _require_yes(arguments)
    return _operate(arguments, "refresh", preview=planned, run_program=arguments.on("run-program"))


def destroy(arguments: Arguments) -> int:
    planned = arguments.on("preview-only")
    if not planned:
        _require_yes(arguments)
    return _operate(arguments, "destroy", preview=planned, run_program=arguments.on("run-program"))


def _require_yes(arguments: Arguments) -> None:
    if not arguments.on("yes") and not arguments.on("skip-preview"):
        raise CommandFailed("--yes or --skip-preview must be passed in to proceed when running in non-interactive mode")


def _operate(arguments: Arguments, kind: str, *, preview: bool, run_program: bool) -> int:
    session = Session(arguments)
    options = _options(arguments, kind, preview=preview, run_program=run_program)
    if run_program and not options.client:
        raise CommandFailed("unsupported: this engine runs inline programs only (--client is missing)")
    checkpoint = session.checkpoint()
    if options.exclude_protected and kind == "destroy":
        _stop_if_all_protected(checkpoint)
    gc.set_threshold(100_000)  # a process of seconds: collecting what an update keeps anyway costs a tenth of its time
    opening = Opening(session, checkpoint)
    opening.start()
    import asyncio

    code = asyncio.run(_update(session, checkpoint, options, opening))
    if code == 0 and kind == "destroy" and not preview:
        _tell_what_is_left(session.stack.stack)
    return _explain(code, options)


async def _update(session: Session, checkpoint: Checkpoint, options: Options, opening: "Opening") -> int:
    """Deriving the key, booting plugins and loading gRPC take equally long: all at the same time."""
    import asyncio

    from ..deploy.lookup import EarlyStart, ReservedPort

    port = ReservedPort()
    early = EarlyStart(session.project, port.address)
    early.begin(checkpoint.resources)
    await asyncio.sleep(0)
    try:
        from ..update import Opened, Update

        await asyncio.to_thread(opening.join)
        secrets, state_secrets, config, secret_keys = opening.result()
        opened = Opened(session, checkpoint, secrets, state_secrets, config, secret_keys, early, port)
        return await Update(opened, options).run()
    finally:
        await early.stop()
        port.release()


def _explain(code: int, options: Options) -> int:
    if code == 7:
        print(f"error: no changes were expected for {options.kind} but changes were proposed", file=sys.stderr)
    if code == 8:
        print("error: update cancelled", file=sys.stderr)
    return code


def _tell_what_is_left(stack: str) -> None:
    print(
        "The resources in the stack have been deleted, but the history and configuration associated with the stack are "
        f"still maintained. \nIf you want to remove the stack completely, run `pulumi stack rm {stack}`."
    )


def _stop_if_all_protected(checkpoint: Checkpoint) -> None:
    """Nothing to do is no error, and no update either."""
    from ..deploy.deployment import needed_by
    from ..state.resource import Resource

    items = [Resource.from_json(item) for item in checkpoint.resources]
    kept = needed_by({item.urn for item in items if item.protect}, items)
    if kept and all(item.urn in kept for item in items):
        print(
            f"There were no unprotected resources to destroy. There are still {len(kept)} protected resources "
            "associated with this stack."
        )
        raise CommandFailed("", code=0)


class Opening(Thread):
    """Opens the secrets in a thread: most of the work is done outside of Python."""

    def __init__(self, session: Session, checkpoint: Checkpoint) -> None:
        super().__init__(daemon=True)
        self._session, self._checkpoint = session, checkpoint
        self._unlocked: Unlocked | None = None
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._unlocked = _open(self._session, self._checkpoint)
        except Exception as error:
            self._error = error

    def result(self) -> Unlocked:
        if isinstance(self._error, PassphraseUnset | PassphraseWrong):
            raise CommandFailed(
                f"getting stack configuration: get stack secrets manager: {self._error}"
            ) from self._error
        if self._error is not None:
            raise self._error
        assert self._unlocked
        return self._unlocked


def _open(session: Session, checkpoint: Checkpoint) -> Unlocked:
    secrets = session.secrets(state_salt=checkpoint.salt)
    state_secrets = secrets
    if checkpoint.salt and checkpoint.salt != secrets.salt:
        state_secrets = _state_secrets(session, checkpoint.salt)
    configuration = Configuration(session, secrets)
    secret_keys = [key for key in configuration.names() if configuration.is_secret(key)]
    return secrets, state_secrets, configuration.plain_texts(), secret_keys


def _state_secrets(session: Session, salt: str) -> SecretsManager:
    try:
        return SecretsManager.open(salt, passphrase(session.environment))
    except PassphraseWrong as error:
        raise CommandFailed(f"failed to decrypt: {WRONG}, {ADVICE}") from error


def _options(arguments: Arguments, kind: str, *, preview: bool, run_program: bool) -> Options:
    switches: dict[str, Any] = {name: arguments.on(name.replace("_", "-")) for name in _SWITCHES}
    parallel = arguments.text("parallel")
    if parallel and not parallel.isdigit():
        raise CommandFailed(f'invalid argument "{parallel}" for "-p, --parallel" flag')
    return Options(
        kind=kind,
        preview=preview,
        run_program=run_program,
        parallel=int(parallel) if parallel else DEFAULT_PARALLEL,
        targets=tuple(arguments.all("target")),
        excludes=tuple(arguments.all("exclude")),
        replaces=(*arguments.all("replace"), *arguments.all("target-replace")),
        message=arguments.text("message"),
        client=arguments.text("client"),
        event_log=arguments.text("event-log"),
        color=arguments.text("color", "never"),
        flags=dict(arguments.flags),
        **switches,
    )


_SWITCHES = (
    "target_dependents", "exclude_dependents", "continue_on_error", "refresh", "clear_pending_creates",
    "exclude_protected",
    "expect_no_changes", "json", "suppress_outputs",
)  # fmt: skip
