"""The verbs around what a tenant shows and is reached by: its site, its domains, its keys.

What changes a site or claims a domain is its owner's act, or that of a machine client with `site:write`.
"""

import io
import json
import uuid
import zipfile
from pathlib import Path
from typing import Annotated, Any

import typer

from controlplane.commands.shared import AsJson, Tenant, api, ask, id_of, show, tell

site = typer.Typer(no_args_is_help=True, help="Releases of a site's content.")
domains = typer.Typer(no_args_is_help=True, help="Own domains, and what their DNS must say.")
credentials = typer.Typer(no_args_is_help=True, help="Keys that tenants got from us.")
HIDDEN = "."


@site.command()
def publish(
    tenant_id: Tenant,
    folder: Annotated[Path, typer.Argument(exists=True, help="A folder with index.html, or a zip of one.")],
    expect: Annotated[str, typer.Option(help="Only if this release is live now.")] = "any",
    as_json: AsJson = False,
) -> None:
    """Everything in the folder becomes the site, in one step."""
    body = folder.read_bytes() if folder.is_file() else packed(folder)
    headers = {"content-type": "application/zip", "idempotency-key": uuid.uuid4().hex}
    with api() as client:
        path = f"/v1/tenants/{id_of(client, tenant_id)}/releases"
        found = ask(client, "POST", path, params={"expect_live": expect}, content=body, headers=headers, timeout=300)
    show([found], ("release", "n", "unchanged", "url"), as_json=as_json)


@site.command()
def releases(tenant_id: Tenant, as_json: AsJson = False) -> None:
    """Newest first."""
    with api() as client:
        found = ask(client, "GET", f"/v1/tenants/{id_of(client, tenant_id)}/releases")["releases"]
    show(found, ("n", "release", "at", "by", "files", "bytes", "live"), as_json=as_json)


@site.command()
def rollback(tenant_id: Tenant, release: str, as_json: AsJson = False) -> None:
    """An older release becomes the newest."""
    with api() as client:
        found = ask(
            client, "POST", f"/v1/tenants/{id_of(client, tenant_id)}/releases/rollback", json={"release": release}
        )
    show([found], ("release", "n", "url"), as_json=as_json)


@site.command()
def preview(tenant_id: Tenant, as_json: AsJson = False) -> None:
    """Where the draft can be seen for an hour."""
    with api() as client:
        found = ask(client, "POST", f"/v1/tenants/{id_of(client, tenant_id)}/releases/preview")
    tell(found, found["url"], as_json=as_json)


@domains.command("list")
def list_domains(tenant_id: Tenant, as_json: AsJson = False) -> None:
    """Required beside seen, for web and mail, with the line to add."""
    with api() as client:
        found = ask(client, "GET", f"/v1/tenants/{id_of(client, tenant_id)}/domains")
    if as_json:
        typer.echo(json.dumps(found))
        return
    rows = [_record(host["host"], host["state"], record) for host in found["hosts"] for record in host["records"]]
    post = found["mail"] or {"records": []}
    rows += [_record(post["domain"], post["status"], record) for record in post["records"]]
    show(rows, ("host", "state", "ok", "line", "seen"), as_json=False)


@domains.command()
def claim(tenant_id: Tenant, host: str, as_json: AsJson = False) -> None:
    with api() as client:
        found = ask(client, "POST", f"/v1/tenants/{id_of(client, tenant_id)}/domains", json={"host": host})
    show(found["records"], ("type", "name", "value"), as_json=as_json, title=found["state"])


@domains.command()
def check(tenant_id: Tenant, host: Annotated[str, typer.Argument(help="Or `mail`.")], as_json: AsJson = False) -> None:
    """Now, instead of at the next due time."""
    with api() as client:
        found = ask(client, "POST", f"/v1/tenants/{id_of(client, tenant_id)}/domains/{host}/check")
    tell(found, found.get("state") or found.get("status"), as_json=as_json)


@credentials.command("list")
def list_credentials(tenant_id: Tenant, as_json: AsJson = False) -> None:
    with api() as client:
        rows = ask(client, "GET", f"/v1/tenants/{id_of(client, tenant_id)}/credentials")["credentials"]
    show(rows, ("kind", "version", "last_four", "created_at", "revealed_at", "revoked_at"), as_json=as_json)


@credentials.command()
def rotate(tenant_id: Tenant, as_json: AsJson = False) -> None:
    """A new key for its owner to look at; the old one ends."""
    with api() as client:
        found = ask(client, "POST", f"/v1/tenants/{id_of(client, tenant_id)}/credentials/rotate")
    show([found], ("kind", "version", "last_four"), as_json=as_json)


def packed(folder: Path) -> bytes:
    """Without hidden files; links are not followed, so nothing outside the folder gets in."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(folder)
            if file.is_file() and not file.is_symlink() and not any(part.startswith(HIDDEN) for part in name.parts):
                archive.write(file, name.as_posix())
    return target.getvalue()


def _record(host: str, state: str, record: dict[str, Any]) -> dict[str, Any]:
    seen = record["seen"]
    return {"host": host, "state": state, **record, "seen": "?" if seen is None else ", ".join(seen) or "nothing"}
