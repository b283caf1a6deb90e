"""The organisation's tree in the store: root, units, accounts, and which policies reach an account."""

import base64
import secrets
import string
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import MANAGEMENT, Cloud
from sandbox.aws.errors import AwsError
from sandbox.aws.policy import Document
from sandbox.aws.roles import parse
from sandbox.kit.store import Doc

ID = "o-sandbox00001"
ROOT = "r-sbox"
FULL_ACCESS = "p-FullAWSAccess"
OPEN = {"ACTIVE", "PENDING_ACTIVATION"}
LETTERS = string.ascii_lowercase + string.digits


def arn(kind: str, *parts: str) -> str:
    return f"arn:aws:organizations::{MANAGEMENT}:{kind}/{'/'.join((ID, *parts))}"


def random_id(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def seed(cloud: Cloud) -> None:
    """A new sandbox starts with a management account, a root and the policy that allows everything."""
    store = cloud.store
    if store.get("account", MANAGEMENT):
        return
    with store.transaction():
        put_account(cloud, MANAGEMENT, email="aws@platform.example", name="Platform", method="INVITED")
        content = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
        store.put("policy", FULL_ACCESS, {
            "id": FULL_ACCESS, "arn": "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
            "name": "FullAWSAccess", "description": "Allows access to every operation", "aws_managed": True,
            "content": content,
        })  # fmt: skip
        attach(cloud, FULL_ACCESS, ROOT)


def put_account(cloud: Cloud, id: str, *, email: str, name: str, method: str) -> Doc:
    attach(cloud, FULL_ACCESS, id)
    return cloud.store.put("account", id, {
        "id": id, "arn": arn("account", id), "email": email, "name": name, "method": method,
        "state": "ACTIVE", "joined": cloud.now(), "parent": ROOT,
    })  # fmt: skip


def account(cloud: Cloud, id: str) -> Doc:
    found = cloud.store.get("account", id)
    if found is None:
        raise AwsError("AccountNotFoundException", f"You specified an account that doesn't exist: {id}")
    return found


def unit(cloud: Cloud, id: str) -> Doc:
    found = cloud.store.get("unit", id)
    if found is None:
        raise AwsError(
            "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist."
        )
    return found


def parent_exists(cloud: Cloud, id: str) -> bool:
    return id == ROOT or cloud.store.get("unit", id) is not None


def is_open(cloud: Cloud, id: str) -> bool:
    found = cloud.store.get("account", id)
    return found is not None and found["state"] in OPEN


def joined(cloud: Cloud, id: str) -> float | None:
    found = cloud.store.get("account", id)
    return float(found["joined"]) if found else None


def attach(cloud: Cloud, policy: str, target: str) -> None:
    cloud.store.put("attachment", f"{policy}|{target}", {"policy": policy, "target": target})


def attached(cloud: Cloud, target: str) -> list[str]:
    return [found["policy"] for found in cloud.store.all("attachment", target=target)]


def controls(cloud: Cloud, id: str) -> list[list[Document]]:
    """The policies of each level from the account up to the root. They never bind the management account."""
    if id == MANAGEMENT:
        return []
    levels, node = [], id
    while node:
        documents = [cloud.store.get("policy", policy) for policy in attached(cloud, node)]
        levels.append([parse(doc["content"]) for doc in documents if doc])
        holder = cloud.store.get("account", node) or cloud.store.get("unit", node)
        node = holder["parent"] if holder else ""
    return levels


def page(call: Call, name: str, items: list[Any], *, most: int = 20) -> dict[str, Any]:
    size = int(call.params.get("MaxResults") or most)
    token = call.text("NextToken")
    start = int(base64.urlsafe_b64decode(token)) if token else 0
    found: dict[str, Any] = {name: items[start : start + size]}
    if start + size < len(items):
        found["NextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return found


def spaced(cloud: Cloud) -> None:
    """Writes to the organisation that come too close together collide."""
    last, now = cloud.store.get("write", "last"), cloud.now()
    if last and now - last["at"] < cloud.setting("write_spacing_seconds"):
        raise AwsError(
            "ConcurrentModificationException",
            "The target of the operation is currently being modified by another request.",
        )
    cloud.store.put("write", "last", {"at": now})
