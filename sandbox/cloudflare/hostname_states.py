"""The two status machines of a custom hostname: the name's own and its certificate's. Pure: what was seen goes in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.cloudflare.cloud import Delays, moment, stamp
from sandbox.cloudflare.operation import Doc

GIVE_UP = timedelta(days=7)  # without the records
REMOVED = timedelta(days=7)  # after it has moved away
CERTIFICATE = timedelta(days=90)
RENEWED_BEFORE = timedelta(days=30)
# Cloudflare's own words, which clients have to tell apart.
NO_CNAME = "custom hostname does not CNAME to this zone."
HELD = "The hostname is associated with a held zone. Please contact the owner of this domain to have the hold removed."
ON_CLOUDFLARE = (
    "The hostname is using Cloudflare and cannot be activated with an TXT or HTTP validation token. "
    "To activate the custom hostname, the DNS target needs to point to the SaaS zone"
)


@dataclass(frozen=True)
class Seen:
    """What the DNS shows for a hostname."""

    points_here: bool = False
    ownership: bool = False
    challenge: bool = False
    certificate_allowed: bool = True
    held: bool = False  # the customer's own Cloudflare zone has a hold
    on_cloudflare: bool = False  # the customer's own zone is proxied: only the DNS counts then

    @property
    def owned(self) -> bool:
        return not self.held and (self.points_here or (self.ownership and not self.on_cloudflare))

    @property
    def obstacle(self) -> str:
        if self.held:
            return HELD
        return ON_CLOUDFLARE if self.on_cloudflare else NO_CNAME

    @property
    def validated(self) -> bool:
        # A name that points here is also validated over HTTP by the edge itself, whatever method was asked for.
        return self.certificate_allowed and (self.points_here or self.challenge)


def advance(host: Doc, seen: Seen, now: datetime, delays: Delays) -> Doc | None:
    """The hostname as it is at `now`; None when it is deleted."""
    for _ in range(8):
        further = _certificate(_name(host, seen, now), seen, now, delays)
        if further["status"] == "deleted":
            return None
        if further == host:
            break
        host = further
    return host


def rearm(host: Doc, now: datetime) -> Doc:
    """What a PATCH does: look again now; the tokens stay, so the customer's records stay right."""
    again = {**host, "armed": stamp(now)}
    if host["status"] in {"moved", "pending"}:
        again = {**again, "status": "pending", "since": stamp(now)}
    if host["ssl"]["status"] in {"validation_timed_out", "initializing_timed_out", "pending_validation", "expired"}:
        again["ssl"] = {**host["ssl"], "status": "pending_validation"}
        again["ssl_since"] = stamp(now)
    return again


def _name(host: Doc, seen: Seen, now: datetime) -> Doc:
    status = host["status"]
    if status == "pending" and seen.owned:
        return {**host, "status": "active", "since": stamp(now), "verification_errors": []}
    if status == "pending" and _age(host["armed"], now) >= GIVE_UP:
        return {**host, "status": "moved", "since": stamp(now)}
    if status == "pending":
        return {**host, "verification_errors": [seen.obstacle]}
    if status == "active" and not seen.owned:
        return {**host, "status": "moved", "since": stamp(now)}
    if status == "moved" and _age(host["since"], now) >= REMOVED:
        return {**host, "status": "deleted"}
    return host


def _certificate(host: Doc, seen: Seen, now: datetime, delays: Delays) -> Doc:
    status, age = host["ssl"]["status"], _age(host["ssl_since"], now).total_seconds()
    if status == "initializing" and age >= delays.initializing:
        return _to("pending_validation", host, now)
    if status == "pending_validation":
        return _pending(host, seen, now)
    if status == "pending_issuance" and age >= delays.issuance:
        return _to("pending_deployment", host, now)
    if status == "pending_deployment" and age >= delays.deployment:
        return {**_to("active", host, now), "expires": stamp(now + CERTIFICATE)}
    if status == "active":
        return _renewed(host, seen, now)
    return host


def _pending(host: Doc, seen: Seen, now: datetime) -> Doc:
    if seen.validated:
        return _to("pending_issuance", host, now)
    if _age(host["armed"], now) >= GIVE_UP:
        return _to("validation_timed_out", host, now)
    message = "DCV is blocked by CAA records: caa_error" if not seen.certificate_allowed else None
    errors = [{"message": message}] if message else []
    return {**host, "ssl": {**host["ssl"], "validation_errors": errors}}


def _renewed(host: Doc, seen: Seen, now: datetime) -> Doc:
    expires = moment(host["expires"])
    if now >= expires - RENEWED_BEFORE and seen.validated:
        return {**host, "expires": stamp(now + CERTIFICATE)}
    return _to("expired", host, now) if now >= expires else host


def _to(status: str, host: Doc, now: datetime) -> Doc:
    return {**host, "ssl": {**host["ssl"], "status": status, "validation_errors": []}, "ssl_since": stamp(now)}


def _age(since: str, now: datetime) -> timedelta:
    return now - moment(since)
