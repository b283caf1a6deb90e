"""Certificates that are requested, not imported."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.failures import Failure
from sandbox.plugins.schema import Call, obj, some, text
from sandbox.plugins.values import Doc

_TAGS = Tagging(
    listing="list_tags_for_certificate",
    add="add_tags_to_certificate",
    remove="remove_tags_from_certificate",
    target="CertificateArn",
    keys="Tags",
    removal=lambda keys: [{"Key": key} for key in keys],
)
_RECORDS_SECONDS = 60
_PREFERENCE = "certificateTransparencyLoggingPreference"


def _create(client: Client, call: Call) -> None:
    wanted = given(
        call, DomainName="domainName", ValidationMethod="validationMethod", KeyAlgorithm="keyAlgorithm",
        SubjectAlternativeNames="subjectAlternativeNames",
    )  # fmt: skip
    preference = (call.inputs.get("options") or {}).get(_PREFERENCE)
    options = {"Options": {"CertificateTransparencyLoggingPreference": preference}} if preference else {}
    call.id = client.request_certificate(**wanted, **options, **_TAGS.new(call))["CertificateArn"]
    if call.inputs.get("validationMethod") == "DNS":
        client.until(lambda: _has_records(client, call.id), "validation records to appear", seconds=_RECORDS_SECONDS)


def _validations(client: Client, arn: str) -> list[Doc]:
    found: list[Doc] = (
        client.describe_certificate(CertificateArn=arn)["Certificate"].get("DomainValidationOptions") or []
    )
    return found


def _has_records(client: Client, arn: str) -> bool:
    found = _validations(client, arn)
    return bool(found) and all(each.get("ResourceRecord") for each in found)


def _read(client: Client, call: Call) -> Doc:
    found = client.describe_certificate(CertificateArn=call.id)["Certificate"]
    preference = (found.get("Options") or {}).get("CertificateTransparencyLoggingPreference")
    domain, names = found["DomainName"], found.get("SubjectAlternativeNames") or []
    return {
        "arn": call.id,
        "domainName": domain,
        "subjectAlternativeNames": _further(names, domain, call.known("subjectAlternativeNames")),
        "validationMethod": _method(found) or call.known("validationMethod"),
        "keyAlgorithm": (found.get("KeyAlgorithm") or "RSA_2048").replace("-", "_"),
        "options": {_PREFERENCE: preference} if preference else None,
        "status": found.get("Status"),
        "type": found.get("Type"),
        "notBefore": _moment(found.get("NotBefore")),
        "notAfter": _moment(found.get("NotAfter")),
        "pendingRenewal": False,
        "renewalEligibility": found.get("RenewalEligibility"),
        "domainValidationOptions": [_option(each) for each in found.get("DomainValidationOptions") or []],
    }  # fmt: skip


def _further(names: list[str], domain: str, known: list[str] | None) -> list[str] | None:
    """ACM answers the domain itself among the names; programs may or may not."""
    return names if domain in (known or []) else [name for name in names if name != domain] or None


def _method(found: Doc) -> str | None:
    methods = [each.get("ValidationMethod") for each in found.get("DomainValidationOptions") or []]
    return next((method for method in methods if method), None)


def _option(validation: Doc) -> Doc:
    record = validation.get("ResourceRecord") or {}
    named = {"resourceRecordName": "Name", "resourceRecordType": "Type", "resourceRecordValue": "Value"}
    return {"domainName": validation["DomainName"], **{key: record.get(wire) for key, wire in named.items()}}


def _moment(value: object) -> str | None:
    return value.isoformat() if hasattr(value, "isoformat") else None


def _update(client: Client, call: Call) -> None:
    preference = (call.inputs.get("options") or {}).get(_PREFERENCE)
    if call.differs("options") and preference:
        options = {"CertificateTransparencyLoggingPreference": preference}
        client.update_certificate_options(CertificateArn=call.id, Options=options)


def _delete(client: Client, call: Call) -> None:
    users = client.describe_certificate(CertificateArn=call.id)["Certificate"].get("InUseBy") or []
    if users:
        raise Failure(f"AWS: acm: certificate {call.id} is in use by {', '.join(users)}")
    client.delete_certificate(CertificateArn=call.id)


RESOURCES = (
    aws(
        "acm/certificate:Certificate",
        "acm",
        {
            "domainName": text(computed=True, replaces=True),
            "subjectAlternativeNames": some(text(), computed=True, replaces=True),
            "validationMethod": text(computed=True, replaces=True),
            "keyAlgorithm": text(computed=True, replaces=True),
            "options": obj({_PREFERENCE: text(default="ENABLED")}, computed=True),
        },
        outputs=(
            "arn",
            "domainValidationOptions",
            "notAfter",
            "notBefore",
            "pendingRenewal",
            "renewalEligibility",
            "status",
            "type",
        ),
        volatile=("status",),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
