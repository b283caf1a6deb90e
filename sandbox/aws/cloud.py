"""What every part of the AWS stand-in shares."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.aws.call import Call
from sandbox.aws.errors import Answer
from sandbox.kit import Store
from sandbox.kit.home import Home

if TYPE_CHECKING:
    from sandbox.aws.backend import Backend
    from sandbox.aws.keeper import Keeper
    from sandbox.aws.services.timeline import Timeline

MANAGEMENT = "100000000001"  # the account that owns the organisation; its credentials are in secrets.json
ADMIN_ROLE = "OrganizationAccountAccessRole"


@dataclass
class Cloud:
    home: Home
    port: int
    store: Store
    backend: "Backend"
    timeline: "Timeline"
    keeper: "Keeper"
    exercised: dict[str, set[tuple[str, str]]] = field(default_factory=dict)  # by role: what it was let do, and on what

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> float:
        return self.home.clock.now().timestamp()

    def setting(self, name: str) -> Any:
        """A switch of the control routes, else its default."""
        found = self.store.get("setting", name)
        return found["value"] if found else SETTINGS[name]


SETTINGS: dict[str, Any] = {
    "account_seconds": 0.3,  # CreateAccount: IN_PROGRESS for so long, in emulated time
    "close_seconds": 0.3,  # CloseAccount: PENDING_CLOSURE for so long
    "account_limit": 200,  # members including closed ones; more end in FAILED / ACCOUNT_LIMIT_EXCEEDED
    "accounts_per_day": 200,  # more: ConstraintViolation ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED
    "creations_in_flight": 5,  # more: TooManyRequestsException
    "write_spacing_seconds": 0.0,  # organisation writes closer together: ConcurrentModificationException
    "closings_in_flight": 3,
    "close_quota": None,  # per 30 days; None: 10 % of the members, at least 10
    "failure_reason": None,  # the next accounts fail with this reason
    "readiness": {},  # service -> seconds after the account was created until it can be used
    "cloudfront_unverified": [],  # accounts whose distributions are refused until support verifies them
    "lambda_quota": 1000,  # unreserved concurrency that a fresh account gets
    "ses_production": False,  # what GetAccount says of fresh accounts
    "quota_seconds": 0.3,  # until a quota increase is granted
    "pitr_lag_seconds": 1.0,  # how far behind the newest restorable second is (on AWS about 300)
    "kms_through_services": True,  # secrets, tables and queues with a customer key ask for the key, too
    "warm_seconds": 60,  # how long the worker of a function waits for its next call
    "schedules": True,  # EventBridge rules fire by the emulated clock
}


Handler = Callable[[Cloud, Call], Any]
OPERATIONS: dict[str, Handler] = {}


def serves(*names: str) -> Callable[[Handler], Handler]:
    """Register an operation (`service:Operation`) that the stand-in answers itself."""

    def register(handler: Handler) -> Handler:
        OPERATIONS.update(dict.fromkeys(names, handler))
        return handler

    return register


Respond = Callable[[Call], Awaitable[Answer]]
