"""How often: by actor when there is one, else by address; tighter where guessing or spending is possible."""

from datetime import timedelta

from controlplane.core.errors import RateLimited
from controlplane.core.limits import Limit, Taken
from controlplane.gateways import Gateways
from controlplane.identity.actor import Actor, ActorKind

UNLIMITED = frozenset({"health", "webhooks"})
BAD_SIGNATURES = Limit("bad_signatures", 60)
BAD_TOKENS = Limit("bad_tokens", 30)
SIGN_IN_ADDRESS = Limit("sign_in_address", 20, minutes=15)
SIGN_IN_ACCOUNT = Limit("sign_in_account", 5, minutes=15)
TOKENS = Limit("tokens", 120)  # an edge location signs everybody in from a few addresses


class LimitReached(RateLimited):
    def __init__(self, limit: Limit, taken: Taken) -> None:
        super().__init__(
            f"More than {taken.limit} in {limit.minutes} min.",
            after=timedelta(seconds=taken.seconds),
            code=f"limit_{limit.name}",
        )
        self._taken = taken

    @property
    def headers(self) -> dict[str, str]:
        return {**super().headers, **self._taken.headers}


def of_request(gateways: Gateways, *, group: str, method: str, path: str, by: str) -> Taken | None:
    """The tightest of those that apply; raises when one is used up."""
    if group in UNLIMITED:
        return None
    taken = [require(gateways, limit, by) for limit in _applying(gateways, group, method, path)]
    return min(taken, key=lambda one: one.left / one.limit)


def require(gateways: Gateways, limit: Limit, key: str) -> Taken:
    taken = gateways.limiter.take(limit, key)
    if not taken.allowed:
        raise LimitReached(limit, taken)
    return taken


def counted_by(actor: Actor, address: str) -> str:
    return f"address:{address}" if actor.kind is ActorKind.ANONYMOUS else str(actor)


def _applying(gateways: Gateways, group: str, method: str, path: str) -> list[Limit]:
    settings = gateways.settings.limits
    limits = [Limit("api", settings.api_per_minute)]
    if method not in {"GET", "HEAD", "OPTIONS"}:
        limits.append(Limit("writes", settings.writes_per_minute))
    if group == "checkout" and method == "POST":
        limits.append(Limit("checkouts", settings.checkouts_per_hour, minutes=60))
    if path.startswith("/v1/slugs/"):
        limits.append(Limit("slug_checks", settings.slug_checks_per_minute))
    return limits
