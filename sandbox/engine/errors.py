"""What the command line reports: a text for stderr and an exit code."""


class CommandFailed(Exception):
    def __init__(self, message: str, *, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class StackMissing(CommandFailed):
    def __init__(self, name: str) -> None:
        super().__init__(f"no stack named '{name}' found", code=6)


class StackLocked(CommandFailed):
    """Raised with the text that the SDK turns into ConcurrentUpdateError."""


class DeploymentFailed(CommandFailed):
    """The update ran and failed; everything about it has been printed already."""

    def __init__(self, *, code: int = 1, message: str = "") -> None:
        super().__init__(message, code=code)
