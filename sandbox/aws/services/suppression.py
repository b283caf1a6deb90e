"""The suppression list of an account."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services.shelf import Shelf, page
from sandbox.kit.store import Doc


def _missing(address: str) -> AwsError:
    return AwsError("NotFoundException", f"Email address {address} does not exist on your suppression list.", 404)


SUPPRESSED = Shelf("ses_suppressed", missing=_missing)


def find(cloud: Cloud, call: Call, address: str) -> Doc | None:
    return SUPPRESSED.find(cloud, call, address.lower())


@serves("sesv2:PutSuppressedDestination")
def put(cloud: Cloud, call: Call) -> dict[str, Any]:
    if call.text("Reason") not in {"BOUNCE", "COMPLAINT"}:
        raise AwsError("BadRequestException", "Reason must be BOUNCE or COMPLAINT")
    address = call.text("EmailAddress").lower()
    entry = {"EmailAddress": address, "Reason": call.text("Reason"), "LastUpdateTime": cloud.now()}
    SUPPRESSED.put(cloud, call, address, entry)
    return {}


@serves("sesv2:GetSuppressedDestination")
def get(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"SuppressedDestination": SUPPRESSED.get(cloud, call, call.text("EmailAddress").lower())}


@serves("sesv2:DeleteSuppressedDestination")
def delete(cloud: Cloud, call: Call) -> dict[str, Any]:
    SUPPRESSED.delete(cloud, call, call.text("EmailAddress").lower())
    return {}


@serves("sesv2:ListSuppressedDestinations")
def listed(cloud: Cloud, call: Call) -> dict[str, Any]:
    wanted = call.values("Reason")
    found = [entry for entry in SUPPRESSED.all(cloud, call) if not wanted or entry["Reason"] in wanted]
    return page(call, "SuppressedDestinationSummaries", found, marker="NextToken")
