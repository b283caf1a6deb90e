"""ACM: a certificate is issued when its records are in the DNS, renewed while they stay, expired otherwise."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.consequences import follows
from sandbox.aws.errors import Answer

PATIENCE = 72 * 3600  # seconds until an unvalidated request times out
VALIDITY, RENEWAL = 395 * 86400, 60 * 86400
ISSUERS = {"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}  # any of them allows Amazon
UNISSUED = ("IssuedAt", "NotBefore", "NotAfter")
Certificate = dict[str, Any]


@follows("acm:RequestCertificate")
async def requested(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    arn = json.loads(answer.body)["CertificateArn"]
    found = cloud.backend.module("acm")._certificates.get_scoped(call.account, call.region, arn)
    found |= {"Status": "PENDING_VALIDATION", "CreatedAt": _iso(cloud.now()), "requested": cloud.now()}
    for option in found["DomainValidationOptions"]:
        option |= {
            "ValidationStatus": "PENDING_VALIDATION",
            "ResourceRecord": _proof(call.account, option["DomainName"]),
        }
    return answer


def _proof(account: str, domain: str) -> dict[str, str]:
    """The same for a name and its wildcard, and for every request of the account, as on AWS."""
    base = domain.removeprefix("*.")
    name, value = (hashlib.md5(f"{part}{account}{base}".encode()).hexdigest() for part in ("name", "value"))  # noqa: S324
    return {"Name": f"_{name}.{base}.", "Type": "CNAME", "Value": f"_{value}.sandboxzone.acm-validations.aws."}


@follows("acm:DescribeCertificate")
async def described(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    settle(cloud)  # others do so as well: what the backend has said is older in any case
    answer = await cloud.backend.forward(call)
    found = json.loads(answer.body)
    if found["Certificate"]["Status"] in {"PENDING_VALIDATION", "VALIDATION_TIMED_OUT", "FAILED"}:
        kept = {name: value for name, value in found["Certificate"].items() if name not in UNISSUED}
        known = cloud.backend.module("acm")._certificates.get_scoped(call.account, call.region, kept["CertificateArn"])
        if kept["Status"] == "FAILED":
            kept["FailureReason"] = known["FailureReason"]
        return answer.with_body(json.dumps({"Certificate": kept}).encode())
    return answer


def settle(cloud: Cloud) -> set[str]:
    """Look at the DNS for every certificate; the accounts in which something changed."""
    changed = set()
    for (account, _, _), found in list(cloud.backend.module("acm")._certificates._data.items()):
        if "requested" in found and _settle(cloud, found):
            changed.add(account)
    return changed


def _settle(cloud: Cloud, found: Certificate) -> bool:
    before, options = found["Status"], found["DomainValidationOptions"]
    shown = [option["ValidationStatus"] for option in options]
    if before == "PENDING_VALIDATION":
        for option in options:
            option["ValidationStatus"] = "SUCCESS" if _proven(cloud, option) else "PENDING_VALIDATION"
        if all(option["ValidationStatus"] == "SUCCESS" for option in options):
            _decide(cloud, found)
        elif cloud.now() - found["requested"] > PATIENCE:
            found["Status"] = "VALIDATION_TIMED_OUT"
    elif before == "ISSUED" and cloud.now() > found["expires"] - RENEWAL:
        _renew(cloud, found)
    return bool(found["Status"] != before) or shown != [option["ValidationStatus"] for option in options]


def _proven(cloud: Cloud, option: dict[str, Any]) -> bool:
    wanted = option["ResourceRecord"]
    found = cloud.home.dns.lookup(wanted["Name"].rstrip("."), "CNAME")
    return any(record.value.rstrip(".").lower() == wanted["Value"].rstrip(".") for record in found)


def _decide(cloud: Cloud, found: Certificate) -> None:
    """The last look before issuing is for CAA records; who forbids it once has to be asked anew."""
    if all(_allowed(cloud, option["DomainName"]) for option in found["DomainValidationOptions"]):
        _issue(cloud, found)
    else:
        found |= {"Status": "FAILED", "FailureReason": "CAA_ERROR"}


def _allowed(cloud: Cloud, name: str) -> bool:
    """By the closest name above that says anything; nothing said allows everybody."""
    labels = name.removeprefix("*.").split(".")
    for cut in range(len(labels)):
        said = [record.value.split(None, 2) for record in cloud.home.dns.lookup(".".join(labels[cut:]), "CAA")]
        issuers = {each[2].strip('"').partition(";")[0].strip() for each in said if each[1] == "issue"}
        if issuers:
            return bool(issuers & ISSUERS)
    return True


def _issue(cloud: Cloud, found: Certificate) -> None:
    now = cloud.now()
    found |= {
        "Status": "ISSUED", "IssuedAt": _iso(now), "NotBefore": _iso(now), "NotAfter": _iso(now + VALIDITY),
        "expires": now + VALIDITY,
    }  # fmt: skip


def _renew(cloud: Cloud, found: Certificate) -> None:
    if all(_proven(cloud, option) for option in found["DomainValidationOptions"]):
        _issue(cloud, found)
    elif cloud.now() > found["expires"]:
        found["Status"] = "EXPIRED"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
