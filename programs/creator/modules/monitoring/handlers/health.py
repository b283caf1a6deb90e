"""Whether the parts answer. The short answer is for everybody, the long one for those with the token."""

import hmac
from collections.abc import Callable

from programs.creator.runtime.aws import BotoCoreError, ClientError, client
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.secrets import value
from programs.creator.runtime.settings import text, words

handle = Routes()


@handle.add("GET /health")
def health(request: Request) -> Answer:
    found = {"ok": True, "version": text("VERSION"), "modules": list(words("MODULES"))}
    shown = request.header("x-health-token")
    if not shown:
        return Answer(200, found)
    if not hmac.compare_digest(shown.encode(), value("app", "health").encode()):
        raise Problem("forbidden", "this is not the token")
    checks = {"dynamodb": _passes(_tables), "cognito": _passes(_pool), "secrets": _passes(_secrets)}
    well = all(checks.values())
    return Answer(200 if well else 503, {**found, "ok": well, "checks": checks})


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (ClientError, BotoCoreError):
        return False


def _tables() -> bool:
    dynamodb = client("dynamodb")
    states = {dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] for name in words("ALL_TABLES")}
    return states <= {"ACTIVE", "UPDATING"}


def _pool() -> bool:
    return bool(client("cognito-idp").describe_user_pool(UserPoolId=text("POOL_ID"))["UserPool"])


def _secrets() -> bool:
    """There, with a value, and not about to be deleted."""
    keeper = client("secretsmanager")
    found = [keeper.describe_secret(SecretId=arn) for arn in words("ALL_SECRETS")]
    return all(each.get("VersionIdsToStages") and not each.get("DeletedDate") for each in found)
