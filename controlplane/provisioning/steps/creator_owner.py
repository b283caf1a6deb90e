"""Letting a creator in who lost both: the site's own function does it, as it does for the creator's visitors.

It is on record there, every session is ended, and the person is told by mail. The password goes on being asked for.
"""

import json

from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.provisioning.steps.creator_stack import member
from controlplane.provisioning.work import Facts, Work
from controlplane.vendors.aws_member import Member


def unlock(work: Work) -> Facts:
    entered = member(work)
    told = {"userId": _owner(entered, work.tenant.facts["user_pool_id"]), "by": work.operation.requested_by}
    event = {"routeKey": "platform unlock", "body": json.dumps(told)}
    answer = entered.invoke("creator-auth", json.dumps(event))
    if answer["statusCode"] == 503:
        raise TryLater("the site's own function cannot do it now")
    if answer["statusCode"] != 200:
        raise NeedsPerson(
            f"the site's own function refused: {answer['body'][:200]}", next_action="read why, then retry"
        )
    return dict(json.loads(answer["body"]))


def _owner(entered: Member, pool: str) -> str:
    """By the group that only the owner is in: the address may be another one by now."""
    group = {"UserPoolId": pool, "GroupName": "admin"}
    found = list(entered.caller.pages("cognito-idp", "list_users_in_group", "Users", **group))
    if len(found) != 1:
        raise NeedsPerson(f"{len(found)} people run this site", next_action="find out who they are")
    return next(str(each["Value"]) for each in found[0]["Attributes"] if each["Name"] == "sub")
