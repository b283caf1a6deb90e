"""What remains of an update besides the state: history, copy, backup; and the warning about one that broke off."""

import os
import platform
import time
from typing import TYPE_CHECKING, Any

from . import VERSION
from .deploy.options import Options
from .session import Session
from .state.checkpoint import Checkpoint

if TYPE_CHECKING:
    from .update import Opened

# variables whose value is no secret and of interest; of the others only that they were set
_SWITCHES = frozenset(
    "PULUMI_DEBUG_COMMANDS PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION PULUMI_IGNORE_AMBIENT_PLUGINS "
    "PULUMI_SKIP_UPDATE_CHECK PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER".split()
)
_TEXT_FLAGS = frozenset({"refresh", "parallel", "diff"})
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class Record:
    def __init__(self, session: Session, options: Options, opened: "Opened") -> None:
        self.session, self.options, self.opened = session, options, opened
        self.runtime: dict[str, str] = {}
        self.started = int(time.time())

    def write(self, state: bytes, *, succeeded: bool, changes: dict[str, int]) -> None:
        backend, stack = self.session.backend, self.session.stack
        entry = {
            "kind": self.options.kind,
            "startTime": self.started,
            "message": self.options.message,
            "environment": self._environment(),
            "config": self._config(),
            "version": 0,
            "result": "succeeded" if succeeded else "failed",
            "endTime": int(time.time()),
            "resourceChanges": dict(sorted(changes.items())),
        }
        backend.add_history(stack, entry, state)
        backend.back_up(stack, state)

    def _environment(self) -> dict[str, str]:
        found = {
            "exec.kind": self.options.flags.get("exec-kind", "cli"),
            "pulumi.arch": _MACHINES.get(platform.machine(), platform.machine()),
        }
        for name, value in os.environ.items():
            if name.startswith("PULUMI_"):
                found[f"pulumi.env.{name}"] = value if name in _SWITCHES and value in ("true", "false") else "set"
        for flag, value in self.options.flags.items():
            found[f"pulumi.flag.{flag}"] = value if value in ("true", "false") and flag not in _TEXT_FLAGS else "set"
        found |= {"pulumi.os": platform.system().lower(), "pulumi.version": VERSION, **self.runtime}
        return dict(sorted({**found, "stack.environments": "[]", "updatePlan": "false"}.items()))

    def _config(self) -> dict[str, Any]:
        crypter = self.opened.secrets.crypter
        return {
            key: {"value": crypter.encrypt(value), "secret": True}
            if key in self.opened.secret_keys
            else {"value": value, "secret": False}
            for key, value in self.opened.config.items()
        }


def pending_warning(checkpoint: Checkpoint) -> str:
    lines = "".join(f"  * {item['resource']['urn']}, interrupted while {item['type']}\n" for item in checkpoint.pending)
    return (
        f"Attempting to deploy or update resources with {len(checkpoint.pending)} pending operations from previous "
        f"deployment.\n{lines}"
        "These resources are in an unknown state because the Pulumi CLI was interrupted while waiting for changes to "
        "these resources to complete. You should confirm whether or not the operations listed completed successfully "
        "by checking the state of the appropriate provider. For example, if you are using AWS, you can confirm using "
        "the AWS Console.\n\nOnce you have confirmed the status of the interrupted operations, you can repair your "
        "stack using `pulumi refresh` which will refresh the state from the provider you are using and clear the "
        "pending operations if there are any.\n\nNote that `pulumi refresh` will need to be run interactively to clear "
        "pending CREATE operations."
    )
