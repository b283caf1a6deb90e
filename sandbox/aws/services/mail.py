"""SES sending: only from verified identities, in the sandbox only to verified ones, never to suppressed addresses."""

import base64
import email
import email.policy
import json
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from typing import Any
from urllib.parse import urlencode

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.seeds import FORM
from sandbox.aws.services import identities, suppression
from sandbox.aws.services.mailbox import keep
from sandbox.aws.services.shelf import iso
from sandbox.kit.store import Doc

SIMULATOR = "simulator.amazonses.com"
DAY = 86400


@serves("sesv2:SendEmail")
async def send(cloud: Cloud, call: Call) -> dict[str, Any]:
    message = _message(cloud, call)
    recipients = [*message["to"], *message["cc"], *message["bcc"]]
    _allowed(cloud, call, message["sender"], recipients)
    settings = call.text("ConfigurationSetName") or _default_set(cloud, call, message["sender"])
    sent = keep(cloud, call, **message, configuration_set=settings)
    for recipient in recipients:
        for kind, detail in _outcome(cloud, call, recipient):
            await _publish(cloud, call, settings, kind, detail, sent)
    return {"MessageId": sent["id"]}


def _message(cloud: Cloud, call: Call) -> Doc:
    content, to = call.params.get("Content") or {}, call.params.get("Destination") or {}
    found: Doc = {
        "sender": call.text("FromEmailAddress"), "to": to.get("ToAddresses", []), "cc": to.get("CcAddresses", []),
        "bcc": to.get("BccAddresses", []), "reply_to": call.params.get("ReplyToAddresses", []), "headers": {},
    }  # fmt: skip
    if "Simple" in content:
        simple = content["Simple"]
        parts = {key.lower(): part.get("Data", "") for key, part in simple.get("Body", {}).items()}
        headers = {header["Name"]: header["Value"] for header in simple.get("Headers", [])}
        return found | parts | {"subject": simple["Subject"]["Data"], "headers": headers}
    if "Raw" in content:
        return found | _raw(base64.b64decode(content["Raw"]["Data"]), found)
    if "Template" in content:
        return found | _rendered(cloud, call, content["Template"])
    raise AwsError("BadRequestException", "Content must have Simple, Raw or Template")


def _raw(data: bytes, stated: Doc) -> Doc:
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    text, html = (parsed.get_body((kind,)) for kind in ("plain", "html"))
    return {
        "sender": stated["sender"] or str(parsed["From"]), "subject": str(parsed["Subject"] or ""),
        "to": stated["to"] or [address for _, address in getaddresses([str(v) for v in parsed.get_all("To", [])])],
        "text": text.get_content() if text else "", "html": html.get_content() if html else "",
        "headers": {name: str(value) for name, value in parsed.items()},
    }  # fmt: skip


def _rendered(cloud: Cloud, call: Call, template: Doc) -> Doc:
    service = cloud.backend.module("ses_v2")
    with cloud.backend.scope(call.account, call.region):
        stored, _, refused = service._resolve_send_template(template)
        if refused:
            raise AwsError("NotFoundException", "The template does not exist.", 404)
        parts = service._render_template(stored, template.get("TemplateData", ""))
    return {"subject": parts.get("Subject", ""), "text": parts.get("Text", ""), "html": parts.get("Html", "")}


def _allowed(cloud: Cloud, call: Call, sender: str, recipients: list[str]) -> None:
    identities.settle(cloud)
    checked = [sender] if in_production(cloud, call) else [sender, *recipients]
    refused = [address for address in checked if not _verified(cloud, call, parseaddr(address)[1])]
    if refused:
        names = ", ".join(parseaddr(address)[1] for address in refused)
        region = call.region.upper()
        message = (
            f"Email address is not verified. The following identities failed the check in region {region}: {names}"
        )
        raise AwsError("MessageRejected", message)
    if call.text("ConfigurationSetName") and _set(cloud, call, call.text("ConfigurationSetName")) is None:
        raise AwsError(
            "NotFoundException", f"Configuration set <{call.text('ConfigurationSetName')}> does not exist.", 404
        )


def _verified(cloud: Cloud, call: Call, address: str) -> bool:
    domain = address.rpartition("@")[2]
    found = [identities.find(cloud, call, name) for name in (address, domain, domain.partition(".")[2])]
    return domain == SIMULATOR or any(identity and identity["VerifiedForSendingStatus"] for identity in found)


def _set(cloud: Cloud, call: Call, name: str) -> Doc | None:
    found: Doc | None = cloud.backend.module("ses_v2")._config_sets.get_scoped(call.account, call.region, name)
    return found


def _default_set(cloud: Cloud, call: Call, sender: str) -> str:
    address = parseaddr(sender)[1]
    found = identities.find(cloud, call, address) or identities.find(cloud, call, address.rpartition("@")[2]) or {}
    return str(found.get("ConfigurationSetName") or "")


def _outcome(cloud: Cloud, call: Call, recipient: str) -> list[tuple[str, Doc]]:
    """What becomes of a mail: the simulator's addresses fail on purpose, suppressed ones are not tried."""
    address = parseaddr(recipient)[1]
    name = address.partition("@")[0].partition("+")[0] if address.endswith(f"@{SIMULATOR}") else ""
    bounced = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": address}]}
    if name == "bounce" or suppression.find(cloud, call, address):
        return [("Send", {"send": {}}), ("Bounce", {"bounce": bounced})]
    delivered = ("Delivery", {"delivery": {"recipients": [address]}})
    if name == "complaint":
        return [
            ("Send", {"send": {}}),
            delivered,
            ("Complaint", {"complaint": {"complainedRecipients": [{"emailAddress": address}]}}),
        ]
    return [("Send", {"send": {}}), delivered]


async def _publish(cloud: Cloud, call: Call, name: str, kind: str, detail: Doc, sent: Doc) -> None:
    destinations = (_set(cloud, call, name) or {}).get("EventDestinations") or {} if name else {}
    mail = {"messageId": sent["id"], "timestamp": iso(sent["at"]), "source": sent["from"], "destination": sent["to"]}
    event = {"eventType": kind, "mail": mail, **detail}
    for destination in destinations.values():
        topic = (destination.get("SnsDestination") or {}).get("TopicArn")
        if topic and destination["Enabled"] and kind.upper() in destination["MatchingEventTypes"]:
            form = {"Action": "Publish", "TopicArn": topic, "Message": json.dumps(event), "Version": "2010-03-31"}
            await cloud.backend.invoke(call.account, call.region, "sns", headers=FORM, body=urlencode(form).encode())


def in_production(cloud: Cloud, call: Call) -> bool:
    found = cloud.store.get("ses_account", f"{call.account}/{call.region}")
    return bool(found["production"] if found else cloud.setting("ses_production"))


@serves("sesv2:GetAccount")
def account(cloud: Cloud, call: Call) -> dict[str, Any]:
    production = in_production(cloud, call)
    recent = [mail for mail in cloud.store.all("mail", account=call.account) if mail["at"] > cloud.now() - DAY]
    known = cloud.store.get("ses_account", f"{call.account}/{call.region}") or {}
    return {
        "DedicatedIpAutoWarmupEnabled": False, "EnforcementStatus": "HEALTHY", "ProductionAccessEnabled": production,
        "SendQuota": {
            "Max24HourSend": 50000.0 if production else 200.0, "MaxSendRate": 14.0 if production else 1.0,
            "SentLast24Hours": float(len(recent)),
        },
        "SendingEnabled": True,
        "SuppressionAttributes": {"SuppressedReasons": known.get("reasons", ["BOUNCE", "COMPLAINT"])},
        **({"Details": known["details"]} if "details" in known else {}),
    }  # fmt: skip


@serves("sesv2:PutAccountDetails")
def details(cloud: Cloud, call: Call) -> dict[str, Any]:
    """Asks for production access; a person decides (a control route, or the setting), not this call."""
    fields = ("MailType", "WebsiteURL", "ContactLanguage", "UseCaseDescription", "AdditionalContactEmailAddresses")
    given = {name: call.params[name] for name in fields if name in call.params}
    review = {"ReviewDetails": {"Status": "PENDING", "CaseId": "1"}}
    key = f"{call.account}/{call.region}"
    known = cloud.store.get("ses_account", key) or {"production": in_production(cloud, call)}
    cloud.store.put("ses_account", key, {**known, "details": given | review})
    return {}


@serves("sesv2:PutAccountSuppressionAttributes")
def account_suppression(cloud: Cloud, call: Call) -> dict[str, Any]:
    key = f"{call.account}/{call.region}"
    known = cloud.store.get("ses_account", key) or {"production": in_production(cloud, call)}
    cloud.store.put("ses_account", key, {**known, "reasons": call.params.get("SuppressedReasons") or []})
    return {}
