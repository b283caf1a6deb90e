"""Account settings: alternate contacts, and the public access block of S3 for a whole account."""

import re
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import MANAGEMENT, Cloud, serves
from sandbox.aws.errors import Answer, AwsError

FIELDS = ("Name", "Title", "EmailAddress", "PhoneNumber", "AlternateContactType")
SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def _whose(cloud: Cloud, call: Call) -> str:
    """The management account may speak for its members."""
    wanted = call.text("AccountId") or call.account
    if wanted != call.account and (call.account != MANAGEMENT or not cloud.store.get("account", wanted)):
        raise AwsError("AccessDeniedException", "You don't have sufficient access to perform this action.", 403)
    return wanted


@serves("account:PutAlternateContact")
def put(cloud: Cloud, call: Call) -> dict[str, Any]:
    if call.text("AlternateContactType") not in {"BILLING", "OPERATIONS", "SECURITY"}:
        raise AwsError("ValidationException", "AlternateContactType must be BILLING, OPERATIONS or SECURITY")
    contact = {name: call.text(name) for name in FIELDS}
    cloud.store.put("contact", f"{_whose(cloud, call)}/{contact['AlternateContactType']}", contact)
    return {}


@serves("account:GetAlternateContact", "account:DeleteAlternateContact")
def get(cloud: Cloud, call: Call) -> dict[str, Any]:
    key = f"{_whose(cloud, call)}/{call.text('AlternateContactType')}"
    found = cloud.store.get("contact", key)
    if found is None:
        raise AwsError("ResourceNotFoundException", "No contact of the inputted alternate contact type found.", 404)
    if call.operation.startswith("Delete"):
        cloud.store.delete("contact", key)
        return {}
    return {"AlternateContact": found}


@serves("s3control:PutPublicAccessBlock")
def put_block(cloud: Cloud, call: Call) -> Answer:
    text = call.body.decode()
    switches = {name: re.search(rf"<{name}>\s*true\s*</{name}>", text, re.IGNORECASE) is not None for name in SWITCHES}
    cloud.store.put("public_access", _block_owner(call), switches)
    return Answer(200)


@serves("s3control:GetPublicAccessBlock")
def get_block(cloud: Cloud, call: Call) -> Answer:
    found = cloud.store.get("public_access", _block_owner(call))
    if found is None:
        raise AwsError(
            "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", 404
        )
    inner = "".join(f"<{name}>{str(value).lower()}</{name}>" for name, value in found.items())
    name = "PublicAccessBlockConfiguration"
    return Answer(200, [("content-type", "text/xml")], f"<{name}>{inner}</{name}>".encode())


@serves("s3control:DeletePublicAccessBlock")
def delete_block(cloud: Cloud, call: Call) -> Answer:
    cloud.store.delete("public_access", _block_owner(call))
    return Answer(204)


def _block_owner(call: Call) -> str:
    if call.headers.get("x-amz-account-id") != call.account:
        raise AwsError("AccessDenied", "Access Denied", 403)
    return call.account
