"""What a command works on: project, backend, stack, settings and secrets, opened only when asked for."""

import json
import os
from functools import cached_property
from pathlib import Path

from .cli.arguments import Arguments
from .errors import CommandFailed
from .project import Project, StackSettings, find_project
from .state.backend import FileBackend, StackName
from .state.checkpoint import Checkpoint
from .state.secrets import ADVICE, WRONG, PassphraseWrong, SecretsManager, passphrase


def pulumi_home() -> Path:
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")


class Session:
    def __init__(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.environment = os.environ

    @cached_property
    def project(self) -> Project:
        return find_project(Path.cwd())

    @cached_property
    def backend(self) -> FileBackend:
        url = self.environment.get("PULUMI_BACKEND_URL") or self.project.backend or _logged_in()
        backend = FileBackend(url)
        backend.prepare()
        return backend

    @cached_property
    def stack(self) -> StackName:
        name = self.arguments.text("stack") or self.current_stack()
        if not name:
            raise CommandFailed(
                "no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one"
            )
        return self.name_stack(name)

    def name_stack(self, text: str) -> StackName:
        *owner, stack = text.split("/")
        if (owner and owner[0] != "organization") or len(owner) > 2 or not stack:
            raise CommandFailed(f"invalid stack name {text!r}: expected STACK or organization/PROJECT/STACK")
        return StackName(owner[1] if len(owner) == 2 else self.project.name, stack)

    @property
    def settings_path(self) -> Path:
        if self.arguments.given("config-file"):
            return Path(self.arguments.text("config-file"))
        return self.project.root / self.project.stack_config_dir / f"Pulumi.{self.stack.stack}.yaml"

    @cached_property
    def settings(self) -> StackSettings:
        return StackSettings.load(self.settings_path)

    def checkpoint(self) -> Checkpoint:
        return Checkpoint.parse(self.backend.read(self.stack), stack=self.stack.full)

    def secrets(self, *, state_salt: str) -> SecretsManager:
        """That of the settings, or by wish that of the state, else a new one; its salt is written down."""
        phrase = passphrase(self.environment)
        if self.settings.salt:
            return SecretsManager.open(self.settings.salt, phrase)
        if state_salt and self.environment.get("PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER", "").lower() in ("true", "1"):
            manager = _open_state(state_salt, phrase)
        else:
            manager = SecretsManager.new(phrase)
        self.settings.salt = manager.salt
        self.settings.save()
        return manager

    # --- the stack that is selected, per project folder -----------------------------------------------------------

    @property
    def _workspace_file(self) -> Path:
        from hashlib import sha1

        digest = sha1(str(self.project.root / "Pulumi.yaml").encode(), usedforsecurity=False).hexdigest()
        return pulumi_home() / "workspaces" / f"{self.project.name}-{digest}-workspace.json"

    def current_stack(self) -> str:
        try:
            stacks = json.loads(self._workspace_file.read_text()).get("stacks") or {}
        except (OSError, ValueError):
            return ""
        return str(stacks.get(self.backend.url, ""))

    def select(self, name: StackName | None) -> None:
        path = self._workspace_file
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps({"stacks": {self.backend.url: name.full} if name else {}}))
        temporary.replace(path)


def _open_state(salt: str, phrase: str) -> SecretsManager:
    try:
        return SecretsManager.open(salt, phrase)
    except PassphraseWrong as error:
        raise PassphraseWrong(f"failed to decrypt: {WRONG}, {ADVICE}") from error


def _logged_in() -> str:
    try:
        found = json.loads((pulumi_home() / "credentials.json").read_text()).get("current")
    except (OSError, ValueError):
        found = None
    if not found:
        raise CommandFailed("PULUMI_BACKEND_URL environment variable must be set to a file:// backend")
    return str(found)
