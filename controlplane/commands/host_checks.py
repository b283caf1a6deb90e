"""What the host itself must have: a database and a Redis with enough rights, keys, an engine with its plugins."""

import json
import os
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from controlplane.core.lacks import Lack

if TYPE_CHECKING:
    from controlplane.gateways import Gateways

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
NOT_NEEDED = {("audit_entries", "DELETE")}
PLUGINS = ("aws", "cloudflare")


def database(gateways: "Gateways") -> list[Lack]:
    from sqlalchemy import text

    from controlplane.tables import metadata

    query = text("SELECT has_table_privilege(:table, :right) FROM to_regclass(:table) found WHERE found IS NOT NULL")
    with gateways.db.transaction() as session:
        who = session.execute(text("SELECT current_user")).scalar_one()
        found = {
            right: [
                table.name
                for table in metadata.sorted_tables
                if (table.name, right) not in NOT_NEEDED
                and session.execute(query, {"table": table.name, "right": right}).scalar() is False
            ]
            for right in RIGHTS
        }
    return [
        Lack(f"{right} on {_few(tables)}", f"GRANT {right} ON ALL TABLES IN SCHEMA public TO {who}")
        for right, tables in found.items()
        if tables
    ]


def redis(gateways: "Gateways") -> list[Lack]:
    from redis.exceptions import NoPermissionError, ResponseError

    try:
        policy = gateways.queue.try_everything()
    except NoPermissionError as error:
        return [Lack(str(error)[:200], "allow our user ~* &* +@all -@admin, and +info")]
    except ResponseError as error:
        return [Lack(str(error)[:200], "let CP_REDIS__URL name a server that we may write to")]
    if policy not in {"", "noeviction"}:
        return [Lack(f"it forgets jobs when it is full: {policy}", "set maxmemory-policy noeviction")]
    return []


def keys(gateways: "Gateways") -> list[Lack]:
    """Sealed by one process and opened by another, as it is in life; then everything that is stored."""
    from controlplane import sealed
    from controlplane.core.crypto import Place
    from controlplane.gateways import sealing

    place, other = Place("credentials", "body", "doctor"), sealing(gateways.settings, gateways.aws)
    try:
        if other.open_seal(gateways.seal.seal("probe", place), place) != "probe":
            return [Lack("what is sealed does not open", "look at the key provider")]
    finally:
        other.close()
    remedy = "bring its key back, or make a new value: docs/security.md"
    return [Lack(f"does not open: {name}", remedy) for name in sealed.unreadable(gateways)]


def people(gateways: "Gateways") -> list[Lack]:
    from controlplane.identity import operators, policy

    with gateways.db.transaction() as session:
        admins = operators.count_with(session, frozenset({"admin"}))
        second = operators.count_with(session, policy.roles_of("tenants.destroy"))
    found = [] if admins else [Lack("no administrator", "controlplane operators create --role admin")]
    if second == 1:
        alone = Lack("nobody can be the second person: such acts wait one hour instead", "make a second operator")
        return [*found, alone]
    return found


def seller(gateways: "Gateways") -> list[Lack]:
    """What the law wants on our pages, and whom we write to when money needs a person."""
    from controlplane.settings import variable

    settings = gateways.settings
    gaps = [variable(f"seller.{name}") for name, value in settings.seller.model_dump().items() if not value]
    found = [Lack("gaps in imprint and legal texts", f"set {', '.join(gaps)}")] if gaps else []
    if not settings.selling.operator_email:
        found.append(Lack("nobody is written to when money needs a person", "set CP_SELLING__OPERATOR_EMAIL"))
    return found


def engine(gateways: "Gateways") -> list[Lack]:
    settings = gateways.settings.pulumi
    command = str(Path(settings.root) / "bin" / "pulumi") if settings.root else "pulumi"
    home = {"PULUMI_HOME": str(settings.home)} if settings.home else {}
    try:
        done = subprocess.run(
            [command, "plugin", "ls", "--json"],
            capture_output=True, text=True, timeout=60, check=False,
            env={**_environment(), **home, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )  # fmt: skip
    except OSError as error:
        return [Lack(f"{command}: {error.strerror}", "install the Pulumi CLI, or name its folder in CP_PULUMI__ROOT")]
    if done.returncode:
        return [Lack(f"{command} plugin ls ended with {done.returncode}", "look at what it says by hand")]
    there = {(one["name"], one["version"].removeprefix("v")) for one in json.loads(done.stdout or "[]")}
    wanted = {(name, version(f"pulumi-{name}")) for name in PLUGINS}
    lacks = [
        Lack(f"plugin {name} {number}", f"pulumi plugin install resource {name} {number}")
        for name, number in sorted(wanted - there)
    ]
    return [*lacks, *_backend(settings.backend_url)]


def issuer(gateways: "Gateways") -> list[Lack]:
    from controlplane.identity.models import Role

    wrong = sorted(set(gateways.settings.operators.oidc.groups.values()) - set(Role))
    lacks = [Lack(f"no role {name}", "correct CP_OPERATORS__OIDC__GROUPS: group to role") for name in wrong]
    gateways.issuer.look()
    return lacks


def _backend(url: str) -> list[Lack]:
    scheme, _, path = url.partition("://")
    if scheme != "file" or (Path(path).is_dir() and os.access(path, os.W_OK)):
        return []
    return [Lack(f"no folder {path} that we may write to", "make it, or correct CP_PULUMI__BACKEND_URL")]


def _environment() -> dict[str, str]:
    from controlplane.settings import process_environment

    return process_environment("PATH", "HOME", "LANG", "PYTHONPATH")


def _few(names: list[str]) -> str:
    return f"{len(names)} tables" if len(names) > 3 else ", ".join(names)
