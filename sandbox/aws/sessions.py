"""Credentials: the management account's key, IAM users' keys and the sessions that STS hands out."""

import hashlib
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import MANAGEMENT, Cloud
from sandbox.aws.errors import AwsError
from sandbox.aws.signature import Credential, Signed, verify


@dataclass(frozen=True)
class Identity:
    """Who is behind an access key."""

    key: str
    secret: str
    account: str
    arn: str  # arn:aws:sts::<account>:assumed-role/<role>/<session>, or of an IAM user
    role: str = ""  # name of the assumed role
    token: str = ""
    expires: float | None = None
    policy: str = ""  # session policy
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def principal(self) -> str:
        """The ARN that policies name: of the role, not of its session."""
        return f"arn:aws:iam::{self.account}:role/{self.role}" if self.role else self.arn

    @property
    def is_administrator(self) -> bool:
        return self.account == MANAGEMENT and self.arn.endswith(":user/platform")


def issue(cloud: Cloud, *, account: str, role: str, session: str, seconds: float | None, **more: Any) -> Identity:
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/{session}"
    identity = Identity(
        key=f"ASIA{secrets.token_hex(8).upper()}", secret=secrets.token_urlsafe(30), account=account, arn=arn,
        role=role, token=secrets.token_urlsafe(96), expires=None if seconds is None else time.time() + seconds, **more,
    )  # fmt: skip
    cloud.store.put("session", identity.key, asdict(identity))
    return identity


def of_function(cloud: Cloud, *, account: str, role: str, function: str) -> Identity:
    """A worker keeps its environment, so its session never ends; the same worker finds the same one again."""
    key = "ASIA" + hashlib.sha256(f"{account}:{role}:{function}".encode()).hexdigest()[:16].upper()
    known = cloud.store.get("session", key)
    if known:
        return _identity(known)
    made = issue(cloud, account=account, role=role, session=function, seconds=None)
    cloud.store.delete("session", made.key)
    cloud.store.put("session", key, {**asdict(made), "key": key})
    return Identity(**{**asdict(made), "key": key})


def authenticate(cloud: Cloud, call: Call) -> Identity | None:
    """Who signed this call; None for an unsigned one. A wrong signature is refused."""
    credential = call.credential
    if credential is None:
        return None
    identity = _find(cloud, credential)
    if identity is None:
        raise _unknown(call)
    if identity.token and credential.token != identity.token:
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    if identity.expires is not None and identity.expires < time.time():
        raise AwsError("ExpiredToken", "The security token included in the request is expired", 403)
    verify(Signed(call.method, call.raw_path, call.query, call.headers, call.body), credential, identity.secret)
    return identity


def _unknown(call: Call) -> AwsError:
    if call.service == "s3":
        return AwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
    code = "InvalidClientTokenId" if call.protocol == "query" else "UnrecognizedClientException"
    return AwsError(code, "The security token included in the request is invalid.", 403)


def _find(cloud: Cloud, credential: Credential) -> Identity | None:
    known = cloud.store.get("session", credential.key)
    if known:
        return _identity(known)
    if credential.key == cloud.home.secrets["aws_access_key_id"]:
        secret = cloud.home.secrets["aws_secret_access_key"]
        return Identity(credential.key, secret, MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:user/platform")
    return _user_key(cloud, credential.key)


def _user_key(cloud: Cloud, key: str) -> Identity | None:
    """A key of an IAM user in any account."""
    for (account, known), record in list(cloud.backend.module("iam")._access_keys._data.items()):
        if known == key and record["Status"] == "Active":
            return Identity(
                key, record["SecretAccessKey"], account, f"arn:aws:iam::{account}:user/{record['UserName']}"
            )
    return None


def _identity(doc: dict[str, Any]) -> Identity:
    return Identity(**{**doc, "tags": tuple((name, value) for name, value in doc["tags"])})


def caller(cloud: Cloud, call: Call) -> Identity:
    """The identity of a call that was authenticated before."""
    found = _find(cloud, call.credential) if call.credential else None
    if found is None:
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    return found
