"""CloseAccount with its quotas: three at a time, a share of the members per 30 days, and no way back."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import MANAGEMENT, Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.organization.tree import account, spaced
from sandbox.kit.store import Doc

MONTH = 30 * 86400


@serves("organizations:CloseAccount")
def close_account(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = account(cloud, call.text("AccountId"))
    if found["id"] == MANAGEMENT:
        raise AwsError(
            "ConstraintViolationException",
            "You can't close the management account.",
            Reason="CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
        )
    if found["state"] in {"PENDING_CLOSURE", "CLOSED"}:
        raise AwsError("AccountAlreadyClosedException", "You attempted to close an account that is already closed.")
    _quota(cloud)
    spaced(cloud)
    now = cloud.now()
    cloud.store.put("account", found["id"], {
        **found, "state": "PENDING_CLOSURE", "closing": now, "due": now + float(cloud.setting("close_seconds")),
    })  # fmt: skip
    return {}


def _quota(cloud: Cloud) -> None:
    accounts = cloud.store.all("account")
    if sum(found["state"] == "PENDING_CLOSURE" for found in accounts) >= cloud.setting("closings_in_flight"):
        raise AwsError(
            "ConstraintViolationException", "You have too many accounts in closing at the same time.",
            Reason="CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
        )  # fmt: skip
    closed = sum(found.get("closing", 0) > cloud.now() - MONTH for found in accounts)
    quota = cloud.setting("close_quota")
    if closed >= (max(10, len(accounts) // 10) if quota is None else quota):
        reason = "CLOSE_ACCOUNT_QUOTA_EXCEEDED"
        raise AwsError(
            "ConstraintViolationException", "You have exceeded close account quota for the past 30 days.", Reason=reason
        )


def due(cloud: Cloud) -> list[Doc]:
    return [found for found in cloud.store.all("account", state="PENDING_CLOSURE") if found["due"] <= cloud.now()]


def settle(cloud: Cloud, found: Doc) -> None:
    cloud.store.put("account", found["id"], {**found, "state": "CLOSED", "closed": cloud.now()})
