"""What is handed over at the end: all content with a signed manifest, and a certificate of what is gone."""

import base64
import hashlib
import io
import json
import zipfile
from typing import Any

from controlplane.gateways import OPS_KEY, Gateways, ed25519
from tenants.models import Tenant


def export(gateways: Gateways, tenant: Tenant, *, vault: str, name: str = "") -> dict[str, Any]:
    """A zip of the live release in the tenant's vault; repeated, it replaces itself."""
    files = _live_files(gateways, tenant.id)
    manifest = {
        "tenant": tenant.id,
        "slug": tenant.slug,
        "made_at": gateways.now().isoformat(),
        "files": {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())},
    }
    signed = sign(gateways, manifest)
    archive = _archive({**files, "manifest.json": json.dumps(signed, indent=1).encode()})
    key = f"exports/{name or tenant.slug}.zip"
    if gateways.cloudflare.bucket_exists(vault):
        gateways.cloudflare.put_object(vault, key, archive, content_type="application/zip")
    return {"key": key, "files": len(files), "bytes": len(archive), "sha256": hashlib.sha256(archive).hexdigest()}


def certificate(gateways: Gateways, tenant: Tenant, results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Signed, so that it can be shown to others: what was there, what was verified to be gone, what must stay."""
    facts = {
        "tenant": tenant.id,
        "slug": tenant.slug,
        "export_sha256": results.get("export", {}).get("sha256"),
        "objects_deleted": results.get("purge_content", {}).get("objects"),
        "verified_gone_at": results.get("verify_gone", {}).get("verified_at"),
        "remains": "orders and invoices, as long as the law requires",
    }
    return sign(gateways, facts)


def sign(gateways: Gateways, facts: dict[str, Any]) -> dict[str, Any]:
    kid, key = ed25519(gateways.secrets, OPS_KEY)
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    signature = base64.b64encode(key.sign(b"export:" + text.encode())).decode()
    return {"facts": facts, "key": kid, "signature": signature}


def _live_files(gateways: Gateways, tenant_id: str) -> dict[str, bytes]:
    live = gateways.edge.releases(tenant_id).get("live")
    if not live:
        return {}
    release = live["release"] if isinstance(live, dict) else live
    manifest = json.loads(gateways.edge.object(tenant_id, f"m/{release}.json"))
    return {
        f"site{path}": gateways.edge.object(tenant_id, f"b/{entry['h']}") for path, entry in manifest["files"].items()
    }


def _archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path.lstrip("/")), content)
    return target.getvalue()
