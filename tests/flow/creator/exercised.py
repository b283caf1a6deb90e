"""What a function is allowed and nobody ever made it do.

The stand-in enforces policies, so what it has let a function do is what would fail without the statement.
"""

import json
from fnmatch import fnmatchcase
from typing import Any

from programs.creator.policies import READS, WRITES
from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import Creator

# In the name of the function: by the service that reads the queue, which is no call of the stand-in's API.
BY_SERVICES = {
    "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "logs:CreateLogStream", "logs:PutLogEvents",
}  # fmt: skip
SHORTHAND = {*READS, *WRITES, "kms:Decrypt", "kms:GenerateDataKey"}  # of these, one by one is not asked for


def took(creator: Creator, function: str, wanted: str) -> bool:
    return any(action == wanted for action, _ in exercised(creator, function))


def exercised(creator: Creator, function: str) -> list[tuple[str, str]]:
    role = f"arn:aws:iam::{creator.account}:role/creator-{function}"
    found = creator.aws.sim("GET", "/rights", params={"role": role}).json()["exercised"]
    return [(action, resource) for action, resource in found]


def unneeded(statement: dict[str, Any], used: list[tuple[str, str]]) -> list[str]:
    """Actions of the statement that nobody took on what it names; of a shorthand, all or none; secrets one by one."""
    names = statement["Resource"]
    taken = {(action, name) for action, on in used for name in names if fnmatchcase(on, name)}
    actions = {action for action, _ in taken}
    if set(statement["Action"]) <= SHORTHAND:
        return [] if actions & set(statement["Action"]) else [statement["Action"][0]]
    if statement["Action"] == ["secretsmanager:GetSecretValue"]:
        return [f"{name} is never read" for name in names if ("secretsmanager:GetSecretValue", name) not in taken]
    return [action for action in statement["Action"] if action not in actions | BY_SERVICES]


def until_needed(creator: Creator, functions: list[str]) -> dict[str, list[str]]:
    """By function: what is left over when what is erased, and what is sent, has had its moment."""
    iam = creator.aws.client("iam", creator.member())

    def left() -> dict[str, list[str]]:
        found = {}
        for name in functions:
            text = iam.get_role_policy(RoleName=name, PolicyName="own")["PolicyDocument"]
            policy = text if isinstance(text, dict) else json.loads(text)
            used = exercised(creator, name.removeprefix("creator-"))
            found[name] = [each for one in policy["Statement"] for each in unneeded(one, used)]
        return {name: each for name, each in found.items() if each}

    until(lambda: not left(), seconds=60)
    return left()
