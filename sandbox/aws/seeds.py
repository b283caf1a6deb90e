"""What a new member account is born with."""

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sandbox.aws.cloud import MANAGEMENT

if TYPE_CHECKING:
    from sandbox.aws.backend import Backend

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}, "Action": "sts:AssumeRole"},
]}  # fmt: skip
ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


async def admin_role(backend: "Backend", account: str, role: str) -> None:
    """The role through which the management account enters a member; creating it twice changes nothing."""
    common = {"RoleName": role, "Version": "2010-05-08"}
    trust = {"Action": "CreateRole", "AssumeRolePolicyDocument": json.dumps(TRUST), **common}
    policy = {
        "Action": "PutRolePolicy",
        "PolicyName": "AdministratorAccess",
        "PolicyDocument": json.dumps(ADMINISTRATOR),
    }
    for form in (trust, policy | common):
        answer = await backend.invoke(account, "us-east-1", "iam", headers=FORM, body=urlencode(form).encode())
        if answer.status not in {200, 409}:
            raise RuntimeError(f"the administrator role of {account} was refused: {answer.status}")
