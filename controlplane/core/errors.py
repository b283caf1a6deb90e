"""Errors say what happens next.

    ProductError
    ├── Problem                    an answer to whoever called (RFC 9457), with a next step
    │   ├── Invalid          422   ├── Unauthenticated 401   ├── Forbidden   403
    │   ├── NotFound         404   ├── Conflict        409   ├── Gone        410
    │   ├── PreconditionFailed 412 ├── TooLarge        413   ├── WrongType   415
    │   └── RateLimited      429   └── Unavailable     503
    └── Outcome                    how a job's work ended when it did not succeed
        ├── TryLater               the same work again, after a while
        ├── NeedsPerson            somebody named must act first
        └── Refused                never: the request itself is wrong

Anything else is a bug: recorded on its row, retried with back-off, then parked for a person.
"""

from datetime import timedelta
from typing import Any, ClassVar


class ProductError(Exception):
    pass


class Problem(ProductError):
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    code: ClassVar[str] = "internal"

    def __init__(self, detail: str = "", *, code: str = "", next_step: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.problem_code = code or self.code
        self.next_step = next_step
        self.extra = extra

    @property
    def headers(self) -> dict[str, str]:
        return {}


class Invalid(Problem):
    status, title, code = 422, "The request is not valid", "invalid"


class Unauthenticated(Problem):
    status, title, code = 401, "Sign in first", "unauthenticated"

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    status, title, code = 403, "Not allowed", "forbidden"


class NotFound(Problem):
    status, title, code = 404, "There is no such thing", "not_found"


class Conflict(Problem):
    status, title, code = 409, "That conflicts with the present state", "conflict"


class Gone(Problem):
    status, title, code = 410, "No longer available", "gone"


class PreconditionFailed(Problem):
    status, title, code = 412, "It has changed since you read it", "changed"


class TooLarge(Problem):
    status, title, code = 413, "Too large", "too_large"


class WrongType(Problem):
    status, title, code = 415, "Not a type that is read here", "wrong_type"


class _Waiting(Problem):
    def __init__(self, detail: str = "", *, after: timedelta = timedelta(seconds=30), **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.after = after

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(max(1, round(self.after.total_seconds())))}


class RateLimited(_Waiting):
    status, title, code = 429, "Too many requests", "rate_limited"


class Unavailable(_Waiting):
    status, title, code = 503, "Not available just now", "unavailable"


class Outcome(ProductError):
    reason: str


class TryLater(Outcome):
    def __init__(self, reason: str, *, after: timedelta = timedelta(seconds=30)) -> None:
        super().__init__(reason)
        self.reason, self.after = reason, after


class NeedsPerson(Outcome):
    def __init__(self, reason: str, *, who: str = "operator", next_action: str) -> None:
        super().__init__(f"{reason} ({who}: {next_action})")
        self.reason, self.who, self.next_action = reason, who, next_action


class Refused(Outcome):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
