"""What can go wrong, and which gRPC status the engine is told."""


class Failure(Exception):
    """The vendor or the plugin refuses; nothing was created unless the call already has an id."""

    code = "FAILED_PRECONDITION"


class Invalid(Failure):
    code = "INVALID_ARGUMENT"


class Denied(Failure):
    code = "PERMISSION_DENIED"


class Exhausted(Failure):
    code = "RESOURCE_EXHAUSTED"


class Unreachable(Failure):
    code = "UNAVAILABLE"


class Cancelled(Failure):
    code = "CANCELLED"


class Exists(Failure):
    """The name is taken; `perhaps_ours` when an earlier attempt without an answer may have taken it."""

    code = "ALREADY_EXISTS"

    def __init__(self, message: str, *, perhaps_ours: bool = False) -> None:
        super().__init__(message)
        self.perhaps_ours = perhaps_ours


class Missing(Failure):
    """The object is gone: a success for Delete, an empty answer for Read."""

    code = "NOT_FOUND"
