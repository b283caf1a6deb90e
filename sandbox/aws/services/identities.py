"""SES identities: a domain is verified by its DKIM records in the DNS, an address by the link in a mail."""

import secrets
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.consequences import follows
from sandbox.aws.errors import Answer, AwsError
from sandbox.aws.services.mailbox import keep
from sandbox.kit.store import Doc

FEEDBACK = "feedback-smtp."
VERIFY_PATH = "/_aws/ses/verify"


def find(cloud: Cloud, call: Call, name: str) -> Doc | None:
    found: Doc | None = cloud.backend.module("ses_v2")._identities.get_scoped(call.account, call.region, name)
    return found


def get(cloud: Cloud, call: Call) -> Doc:
    found = find(cloud, call, call.text("EmailIdentity"))
    if found is None:
        message = f"Email identity {call.text('EmailIdentity')} does not exist."
        raise AwsError("NotFoundException", message, 404)
    return found


@serves("sesv2:CreateEmailIdentity")
async def create(cloud: Cloud, call: Call) -> dict[str, Any]:
    name = call.text("EmailIdentity")
    if find(cloud, call, name):
        raise AwsError("AlreadyExistsException", f"Email identity {name} already exist.")
    await cloud.backend.forward(call)
    found = get(cloud, call)
    found |= {
        "VerifiedForSendingStatus": False, "VerificationStatus": "PENDING", "FeedbackForwardingStatus": True,
        "ConfigurationSetName": call.params.get("ConfigurationSetName"), "Policies": {},
    }  # fmt: skip
    if found["IdentityType"] == "DOMAIN":
        found["DkimAttributes"] |= {"SigningEnabled": True, "Status": "PENDING"}
    else:
        _ask(cloud, call, name)
    return {name: found[name] for name in ("IdentityType", "VerifiedForSendingStatus", "DkimAttributes")}


def _ask(cloud: Cloud, call: Call, address: str) -> None:
    token = secrets.token_urlsafe(24)
    cloud.store.put(
        "ses_proof", token, {"token": token, "account": call.account, "region": call.region, "address": address}
    )
    text = f"Confirm that you own {address}: {cloud.url}{VERIFY_PATH}?token={token}"
    keep(
        cloud,
        call,
        sender="no-reply-aws@amazon.com",
        to=[address],
        subject="Email Address Verification Request",
        text=text,
    )


def confirm(cloud: Cloud, token: str) -> str | None:
    """The link of a verification mail was followed; the account that it was for."""
    proof = cloud.store.get("ses_proof", token)
    store = cloud.backend.module("ses_v2")._identities
    found = store.get_scoped(proof["account"], proof["region"], proof["address"]) if proof else None
    if not proof or not found:
        return None
    found |= {"VerifiedForSendingStatus": True, "VerificationStatus": "SUCCESS"}
    return str(proof["account"])


def settle(cloud: Cloud) -> set[str]:
    """Look at the DNS for every domain; the accounts in which something changed."""
    changed = set()
    for (account, _, name), found in list(cloud.backend.module("ses_v2")._identities._data.items()):
        if found["IdentityType"] == "DOMAIN" and "VerificationStatus" in found and _settle(cloud, name, found):
            changed.add(account)
    return changed


def _settle(cloud: Cloud, domain: str, found: Doc) -> bool:
    status = (
        "SUCCESS" if all(_signed(cloud, domain, token) for token in found["DkimAttributes"]["Tokens"]) else "PENDING"
    )
    before = found["DkimAttributes"]["Status"]
    if before == "SUCCESS" and status == "PENDING":
        status = "TEMPORARY_FAILURE"  # records that vanish do not take the right to send away at once
    found["DkimAttributes"]["Status"] = status
    found |= {"VerifiedForSendingStatus": status != "PENDING", "VerificationStatus": status}
    returns = _returns(cloud, found.get("MailFromAttributes") or {})
    return returns or bool(before != status)


def _returns(cloud: Cloud, wanted: Doc) -> bool:
    """Where bounces come back to: proved by its MX; the mails go out without it, under the vendor's own name."""
    domain = wanted.get("MailFromDomain")
    if not domain:
        return False
    found = {record.value.rstrip(".").lower() for record in cloud.home.dns.lookup(domain, "MX")}
    before = wanted["MailFromDomainStatus"]
    wanted["MailFromDomainStatus"] = "SUCCESS" if any(host.startswith(FEEDBACK) for host in found) else "PENDING"
    return bool(before != wanted["MailFromDomainStatus"])


def _signed(cloud: Cloud, domain: str, token: str) -> bool:
    found = cloud.home.dns.lookup(f"{token}._domainkey.{domain}", "CNAME")
    return any(record.value.rstrip(".").lower() == f"{token}.dkim.amazonses.com" for record in found)


@serves("sesv2:GetEmailIdentity")
async def shown(cloud: Cloud, call: Call) -> dict[str, Any]:
    settle(cloud)
    found = get(cloud, call)
    return {
        name: value
        for name, value in found.items()
        if value is not None and name not in {"EmailIdentity", "CreatedTimestamp"}
    }


@serves("sesv2:ListEmailIdentities")
def listed(cloud: Cloud, call: Call) -> dict[str, Any]:
    settle(cloud)
    store = cloud.backend.module("ses_v2")._identities.items_scoped(call.account, call.region)
    return {"EmailIdentities": [
        {"IdentityType": found["IdentityType"], "IdentityName": name, "SendingEnabled": True,
         "VerificationStatus": found.get("VerificationStatus", "SUCCESS")}
        for name, found in store
    ]}  # fmt: skip


@serves("sesv2:PutEmailIdentityConfigurationSetAttributes")
def configuration_set(cloud: Cloud, call: Call) -> dict[str, Any]:
    get(cloud, call)["ConfigurationSetName"] = call.params.get("ConfigurationSetName")
    return {}


@serves("sesv2:PutEmailIdentityMailFromAttributes")
def mail_from(cloud: Cloud, call: Call) -> dict[str, Any]:
    domain = call.text("MailFromDomain")
    behaviour = {"BehaviorOnMxFailure": call.text("BehaviorOnMxFailure") or "USE_DEFAULT_VALUE"}
    state = {"MailFromDomain": domain, "MailFromDomainStatus": "PENDING"} if domain else {}
    get(cloud, call)["MailFromAttributes"] = behaviour | state
    return {}


@serves("sesv2:PutEmailIdentityDkimAttributes", "sesv2:PutEmailIdentityFeedbackAttributes")
def switches(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = get(cloud, call)
    if call.operation == "PutEmailIdentityDkimAttributes":
        found["DkimAttributes"]["SigningEnabled"] = bool(call.params.get("SigningEnabled"))
    else:
        found["FeedbackForwardingStatus"] = bool(call.params.get("EmailForwardingEnabled"))
    return {}


@follows("sesv2:DeleteEmailIdentity")
async def forgotten(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    for proof in cloud.store.all("ses_proof", account=call.account):
        if proof["address"] == call.text("EmailIdentity"):
            cloud.store.delete("ses_proof", proof["token"])
    return answer
