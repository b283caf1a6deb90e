"""Groups of a user pool can be changed."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services.shelf import chosen


@serves("cognito-idp:UpdateGroup")
def update(cloud: Cloud, call: Call) -> dict[str, Any]:
    cognito = cloud.backend.module("cognito")
    pool = cognito._user_pools.get_scoped(call.account, call.region, call.text("UserPoolId"))
    if pool is None:
        message = f"User pool {call.text('UserPoolId')} does not exist."
        raise AwsError("ResourceNotFoundException", message)
    group = pool["_groups"].get(call.text("GroupName"))
    if group is None:
        raise AwsError("ResourceNotFoundException", "Group not found.")
    group |= {**chosen(call, "Description", "RoleArn", "Precedence"), "LastModifiedDate": cloud.now()}
    return {"Group": cognito._group_out(group)}
