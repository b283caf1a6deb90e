"""CreateAccount: an answer at once, an account some time later, or a reason why not."""

import re
import secrets
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import ADMIN_ROLE, MANAGEMENT, Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.organization.tagging import put_tags
from sandbox.aws.organization.tree import page, put_account, spaced
from sandbox.aws.seeds import admin_role
from sandbox.kit.store import Doc

EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
NAME = re.compile(r"[\x20-\x7e]{1,50}")
DAY = 86400


@serves("organizations:CreateAccount")
def create_account(cloud: Cloud, call: Call) -> dict[str, Any]:
    email, name = call.text("Email"), call.text("AccountName")
    if not (6 <= len(email) <= 64 and EMAIL.fullmatch(email) and NAME.fullmatch(name)):
        raise AwsError(
            "InvalidInputException", "You provided invalid values for Email or AccountName.", Reason="INVALID_PATTERN"
        )
    _throttle(cloud)
    spaced(cloud)
    request: Doc = {
        "id": f"car-{secrets.token_hex(16)}", "name": name, "email": email, "state": "IN_PROGRESS",
        "role": call.text("RoleName") or ADMIN_ROLE, "tags": call.params.get("Tags") or [],
        "requested": cloud.now(), "due": cloud.now() + float(cloud.setting("account_seconds")),
    }  # fmt: skip
    cloud.store.put("request", request["id"], request)
    return {"CreateAccountStatus": _status(request)}


def _throttle(cloud: Cloud) -> None:
    requests = cloud.store.all("request")
    if sum(request["state"] == "IN_PROGRESS" for request in requests) >= cloud.setting("creations_in_flight"):
        raise AwsError("TooManyRequestsException", "Another account creation request is already in progress.")
    if sum(request["requested"] > cloud.now() - DAY for request in requests) >= cloud.setting("accounts_per_day"):
        reason = "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"
        raise AwsError(
            "ConstraintViolationException", "You have exceeded the daily rate of account creations.", Reason=reason
        )


@serves("organizations:DescribeCreateAccountStatus")
def describe_status(cloud: Cloud, call: Call) -> dict[str, Any]:
    request = cloud.store.get("request", call.text("CreateAccountRequestId"))
    if request is None:
        raise AwsError("CreateAccountStatusNotFoundException", "We can't find a create account request with that ID.")
    return {"CreateAccountStatus": _status(request)}


@serves("organizations:ListCreateAccountStatus")
def list_statuses(cloud: Cloud, call: Call) -> dict[str, Any]:
    wanted = call.params.get("States") or ["IN_PROGRESS", "SUCCEEDED", "FAILED"]
    found = [_status(request) for request in cloud.store.all("request") if request["state"] in wanted]
    return page(call, "CreateAccountStatuses", found)


def _status(request: Doc) -> dict[str, Any]:
    found = {
        "Id": request["id"],
        "AccountName": request["name"],
        "State": request["state"],
        "RequestedTimestamp": request["requested"],
    }
    optional = {"AccountId": "account", "FailureReason": "reason", "CompletedTimestamp": "completed"}
    return found | {name: request[key] for name, key in optional.items() if key in request}


def due(cloud: Cloud) -> list[Doc]:
    return [request for request in cloud.store.all("request", state="IN_PROGRESS") if request["due"] <= cloud.now()]


async def settle(cloud: Cloud, request: Doc) -> None:
    """What AWS does in its background. The role comes first: an account that is ACTIVE can be entered."""
    reason = _refusal(cloud, request)
    if reason:
        _finish(cloud, request, state="FAILED", reason=reason)
        return
    id = request.get("account") or _new_id(cloud)
    cloud.store.put("request", request["id"], {**request, "account": id})  # a crash from here on finds the same account
    await admin_role(cloud.backend, id, request["role"])
    cloud.keeper.save("iam", id)
    with cloud.store.transaction():
        if not cloud.store.get("account", id):
            put_account(cloud, id, email=request["email"], name=request["name"], method="CREATED")
        put_tags(cloud, id, request["tags"])
        _finish(cloud, {**request, "account": id}, state="SUCCEEDED")


def _refusal(cloud: Cloud, request: Doc) -> str:
    accounts = [a for a in cloud.store.all("account") if a["id"] != request.get("account")]
    if cloud.setting("failure_reason"):
        return str(cloud.setting("failure_reason"))
    if any(account["email"].lower() == request["email"].lower() for account in accounts):
        return "EMAIL_ALREADY_EXISTS"
    members = sum(account["id"] != MANAGEMENT for account in accounts)
    return "ACCOUNT_LIMIT_EXCEEDED" if members >= cloud.setting("account_limit") else ""


def _finish(cloud: Cloud, request: Doc, **result: str) -> None:
    cloud.store.put("request", request["id"], {**request, **result, "completed": cloud.now()})


def _new_id(cloud: Cloud) -> str:
    while True:
        id = f"{secrets.randbelow(9 * 10**11) + 10**11}"
        if not cloud.store.get("account", id):
            return id
