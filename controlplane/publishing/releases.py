"""Releases of a tenant's content, for people outside the studio: publish, list, go back, look before.

The edge is asked while no transaction is open; the trail is written when it has answered.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from controlplane.audit.service import record
from controlplane.core.errors import Conflict, NotFound
from controlplane.gateways import Gateways
from controlplane.publishing import platform
from controlplane.publishing import service as publishing
from controlplane.publishing.archive import Bounds, unpack
from tenants.lifecycle import SERVING
from tenants.models import Tenant

PREVIEW_SECONDS = 3600
ANY = "any"  # whatever is live now, this replaces it


def listed(gateways: Gateways, tenant: Tenant) -> dict[str, Any]:
    require_site(tenant)
    return gateways.edge.releases(tenant.id)


def live(gateways: Gateways, tenant_id: str) -> str | None:
    found = gateways.edge.releases(tenant_id).get("live")
    return found["release"] if isinstance(found, dict) else found


def publish_archive(
    gateways: Gateways, tenant: Tenant, body: bytes, *, expect: str | None, actor: str
) -> dict[str, Any]:
    """Immutable and at once: visitors get the old site, or the new one, never a mixture."""
    _require_open(tenant)
    limits = tenant.spec.get("limits", {})
    bounds = Bounds(limits.get("files", 0), limits.get("file_bytes", 0), limits.get("site_bytes", 0))
    return _publish(gateways, tenant, unpack(body, bounds), expect=expect, actor=actor)


def roll_back(gateways: Gateways, tenant: Tenant, release: str, *, expect: str | None, actor: str) -> dict[str, Any]:
    """An older manifest becomes the newest one; nothing is uploaded and nothing is lost."""
    _require_open(tenant)
    found = gateways.edge.releases(tenant.id).get("releases", [])
    if release not in {one["release"] for one in found}:
        raise NotFound("There is no such release.")
    present = live(gateways, tenant.id) if expect == ANY else expect
    answer = gateways.edge.rollback(
        tenant.id, {"release": release, "expect_live": present, "by": actor.replace(" ", "-")[:64]}
    )
    _note(gateways, tenant, "release.rolled_back", actor, answer["release"])
    return answer


def preview(gateways: Gateways, tenant: Tenant) -> dict[str, Any]:
    """An address that shows the draft for an hour to whoever has it."""
    _require_open(tenant)
    if not tenant.spec.get("features", {}).get("preview"):
        raise Conflict("The plan has no preview.", code="feature_not_in_plan", next_step="Choose another plan.")
    host = f"{tenant.slug}--preview.{gateways.settings.cloudflare.sites_zone}"
    until = int(time.time()) + PREVIEW_SECONDS  # the edge compares with real time, also in a rehearsal
    token = _signed(platform.preview_key(gateways), {"t": tenant.id, "h": host, "exp": until})
    return {
        "url": f"{gateways.edge.address(host)}/_sp/preview?token={quote(token)}",
        "expires_at": datetime.fromtimestamp(until, UTC).isoformat(),
    }


def require_site(tenant: Tenant) -> None:
    if tenant.product != "site":
        raise Conflict("Only sites have releases of their content.", code="not_a_site")


def _publish(
    gateways: Gateways, tenant: Tenant, files: Mapping[str, bytes], *, expect: str | None, actor: str
) -> dict[str, Any]:
    present = live(gateways, tenant.id) if expect == ANY else expect
    answer = publishing.publish(gateways, tenant.id, files, by=actor.replace(" ", "-")[:64], expect=present)
    _note(gateways, tenant, "release.published", actor, answer["release"])
    return answer


def _require_open(tenant: Tenant) -> None:
    require_site(tenant)
    if tenant.state not in SERVING:
        raise Conflict(f"The site is {tenant.state}.", code="site_closed", next_step="See what is missing.")


def _note(gateways: Gateways, tenant: Tenant, action: str, actor: str, release: str) -> None:
    with gateways.db.transaction() as session:
        record(
            session, actor=actor, action=action, object_type="release", object_id=release, stream="tenant",
            tenant_id=tenant.id,
        )  # fmt: skip


def _signed(key: str, grant: dict[str, Any]) -> str:
    payload = _b64(json.dumps(grant, separators=(",", ":")).encode())
    digest = hmac.new(key.encode(), f"preview|{payload}".encode(), hashlib.sha256).digest()
    return f"v1.{payload}.{_b64(digest)}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
