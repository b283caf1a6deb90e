"""The policy documents of a principal, read from the IAM store of the backend."""

import json
from typing import Any
from urllib.parse import unquote

from sandbox.aws.cloud import Cloud
from sandbox.aws.policy import Document
from sandbox.aws.sessions import Identity

EVERYTHING: Document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def role_of(cloud: Cloud, account: str, name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = cloud.backend.module("iam")._roles.get_scoped(account, None, name)
    return found


def identity_policies(cloud: Cloud, identity: Identity) -> list[Document]:
    if identity.is_administrator:
        return [EVERYTHING]
    if identity.role:
        role = role_of(cloud, identity.account, identity.role) or {}
        return _documents(cloud, identity.account, role, list((role.get("InlinePolicies") or {}).values()))
    return _user_policies(cloud, identity.account, identity.arn.rpartition("/")[2])


def boundary(cloud: Cloud, identity: Identity) -> Document | None:
    store = cloud.backend.module("iam")._roles if identity.role else cloud.backend.module("iam")._users
    holder = store.get_scoped(identity.account, None, identity.role or identity.arn.rpartition("/")[2]) or {}
    arn = holder.get("PermissionsBoundary")
    if not arn:
        return None
    # A boundary whose policy is gone allows nothing.
    return _managed(cloud, identity.account, arn) or {"Statement": []}


def session_policy(identity: Identity) -> Document | None:
    return parse(identity.policy) if identity.policy else None


def _user_policies(cloud: Cloud, account: str, name: str) -> list[Document]:
    iam = cloud.backend.module("iam")
    user = iam._users.get_scoped(account, None, name) or {}
    inline = iam._user_inline_policies.get_scoped(account, None, name) or {}
    found = _documents(cloud, account, user, list(inline.values()))
    for (owner, group), record in list(iam._groups._data.items()):
        if owner == account and name in record.get("Users", []):
            texts = (iam._group_inline_policies.get_scoped(account, None, group) or {}).values()
            found += _documents(cloud, account, record, list(texts))
    return found


def _documents(cloud: Cloud, account: str, holder: dict[str, Any], inline: list[Any]) -> list[Document]:
    attached = [_managed(cloud, account, arn) for arn in holder.get("AttachedPolicies", [])]
    return [parse(text) for text in inline] + [doc for doc in attached if doc]


def _managed(cloud: Cloud, account: str, arn: str) -> Document | None:
    iam = cloud.backend.module("iam")
    record = iam._lookup_policy(arn) if ":aws:policy/" in arn else iam._policies.get_scoped(account, None, arn)
    if not record:
        return None
    version = record.get("Versions", {}).get(record.get("DefaultVersionId", "v1"), {})
    return parse(version["Document"]) if version.get("Document") else None


def parse(text: Any) -> Document:
    if not isinstance(text, str):
        return dict(text)
    found: Document = json.loads(text if text.lstrip().startswith("{") else unquote(text))
    return found
