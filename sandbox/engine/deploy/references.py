"""Outputs of other stacks of the same backend."""

from ..properties import Properties, has_secret
from ..session import Session
from ..state.checkpoint import Checkpoint
from ..state.secrets import SecretsManager, passphrase
from .answers import ProviderError
from .builtin import BuiltinProvider


class StackReader:
    def __init__(self, session: Session, known: SecretsManager) -> None:
        self._session = session
        self._managers = {known.salt: known}

    def provider(self) -> BuiltinProvider:
        return BuiltinProvider(self.outputs)

    def outputs(self, text: str) -> Properties:
        name = self._session.name_stack(text)
        if not self._session.backend.exists(name):
            raise ProviderError(f"unknown stack {text!r}")
        checkpoint = Checkpoint.parse(self._session.backend.read(name), stack=name.full)
        stack = checkpoint.find_stack() or {}
        found: Properties = stack.get("outputs") or {}
        if not has_secret(found):
            return found
        if checkpoint.salt not in self._managers:
            self._managers[checkpoint.salt] = SecretsManager.open(
                checkpoint.salt, passphrase(self._session.environment)
            )
        plain: Properties = self._managers[checkpoint.salt].unseal(found)
        return plain
