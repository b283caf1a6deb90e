"""Service Quotas: the few that the product reads, and requests that are granted after a while."""

import secrets
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services.shelf import Shelf, page
from sandbox.kit.store import Doc

LAMBDA_CONCURRENCY = "L-B99A9384"
QUOTAS: dict[tuple[str, str], tuple[str, float | None]] = {  # name, default (None: a setting)
    ("lambda", LAMBDA_CONCURRENCY): ("Concurrent executions", None),
    ("ivs", "L-E7DE5A2C"): ("Channels", 20),
    ("ivs", "L-84AD9C03"): ("Concurrent views", 15000),
    ("ivschat", "L-1CE5A3F8"): ("Rooms", 50000),
    ("organizations", "L-E619E033"): ("Default maximum number of accounts", 10),
    ("ses", "L-804C8AE8"): ("Sending quota", 200),
    ("cloudfront", "L-24B04930"): ("Web distributions per AWS account", 200),
    ("dynamodb", "L-F98FE922"): ("Maximum number of tables", 2500),
}


def _missing(_: str) -> AwsError:
    return AwsError("NoSuchResourceException", "The request failed because the specified service quota does not exist.")


APPLIED = Shelf("quota", missing=_missing)
REQUESTS = Shelf("quota_request", missing=_missing)


def value(cloud: Cloud, call: Call, service: str, code: str) -> float:
    _settle(cloud, call)
    applied = APPLIED.find(cloud, call, f"{service}/{code}")
    default = QUOTAS[service, code][1]
    return float(applied["value"] if applied else cloud.setting("lambda_quota") if default is None else default)


def _settle(cloud: Cloud, call: Call) -> None:
    for request in REQUESTS.all(cloud, call):
        if request["Status"] == "PENDING" and request["due"] <= cloud.now():
            APPLIED.put(
                cloud, call, f"{request['ServiceCode']}/{request['QuotaCode']}", {"value": request["DesiredValue"]}
            )
            REQUESTS.put(cloud, call, request["Id"], {**request, "Status": "APPROVED", "LastUpdated": cloud.now()})


def _known(call: Call) -> tuple[str, str]:
    key = (call.text("ServiceCode"), call.text("QuotaCode"))
    if key not in QUOTAS:
        raise _missing("")
    return key


def _shown(cloud: Cloud, call: Call, service: str, code: str) -> Doc:
    arn = f"arn:aws:servicequotas:{call.region}:{call.account}:{service}/{code}"
    return {
        "ServiceCode": service, "ServiceName": service, "QuotaArn": arn, "QuotaCode": code, "Unit": "None",
        "QuotaName": QUOTAS[service, code][0], "Value": value(cloud, call, service, code), "Adjustable": True,
        "GlobalQuota": False,
    }  # fmt: skip


@serves("service-quotas:GetServiceQuota")
def get(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"Quota": _shown(cloud, call, *_known(call))}


@serves("service-quotas:GetAWSDefaultServiceQuota")
def default(cloud: Cloud, call: Call) -> dict[str, Any]:
    shown = _shown(cloud, call, *_known(call))
    return {"Quota": {**shown, "Value": float(QUOTAS[_known(call)][1] or 1000)}}


@serves("service-quotas:ListServiceQuotas")
def listed(cloud: Cloud, call: Call) -> dict[str, Any]:
    wanted = call.text("ServiceCode")
    found = [_shown(cloud, call, service, code) for service, code in QUOTAS if service == wanted]
    return page(call, "Quotas", found, marker="NextToken")


@serves("service-quotas:RequestServiceQuotaIncrease")
def request_increase(cloud: Cloud, call: Call) -> dict[str, Any]:
    service, code = _known(call)
    wanted, now = float(call.params["DesiredValue"]), cloud.now()
    if wanted <= value(cloud, call, service, code):
        raise AwsError(
            "IllegalArgumentException", "You must provide a quota value greater than the current quota value."
        )
    if any(
        (r["ServiceCode"], r["QuotaCode"], r["Status"]) == (service, code, "PENDING") for r in REQUESTS.all(cloud, call)
    ):
        raise AwsError(
            "ResourceAlreadyExistsException", "Only one open service quota increase request is allowed per quota."
        )
    request: Doc = {
        "Id": secrets.token_hex(20), "ServiceCode": service, "ServiceName": service, "QuotaCode": code,
        "QuotaName": QUOTAS[service, code][0], "DesiredValue": wanted, "Status": "PENDING", "Created": now,
        "LastUpdated": now, "Requester": call.principal, "GlobalQuota": False, "Unit": "None",
        "due": now + float(cloud.setting("quota_seconds")),
    }  # fmt: skip
    return {"RequestedQuota": _public(REQUESTS.put(cloud, call, request["Id"], request))}


def _public(request: Doc) -> Doc:
    return {name: value for name, value in request.items() if name != "due"}


@serves("service-quotas:GetRequestedServiceQuotaChange")
def get_request(cloud: Cloud, call: Call) -> dict[str, Any]:
    _settle(cloud, call)
    return {"RequestedQuota": _public(REQUESTS.get(cloud, call, call.text("RequestId")))}


@serves(
    "service-quotas:ListRequestedServiceQuotaChangeHistory",
    "service-quotas:ListRequestedServiceQuotaChangeHistoryByQuota",
)
def history(cloud: Cloud, call: Call) -> dict[str, Any]:
    _settle(cloud, call)
    filters = {name: call.text(name) for name in ("ServiceCode", "QuotaCode", "Status")}
    found = [r for r in REQUESTS.all(cloud, call) if all(not want or r[name] == want for name, want in filters.items())]
    return page(call, "RequestedQuotas", [_public(request) for request in found], marker="NextToken")
