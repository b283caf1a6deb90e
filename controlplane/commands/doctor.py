"""Is everything there that the service needs, and may it do what it must? Says what is missing."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from controlplane.commands.shared import AsJson, on_the_host, show

if TYPE_CHECKING:
    from controlplane.gateways import Gateways


@dataclass(frozen=True)
class Finding:
    what: str
    state: str  # ok, missing, failed
    detail: str = ""


def doctor(as_json: AsJson = False) -> None:
    """Settings, database, Redis, migrations, keys, engine, and the live credentials and rights at each vendor."""
    with on_the_host() as gateways:  # unusable settings end before this, each by name
        found = [Finding("settings", "ok"), *_each(gateways)]
    show([vars(one) for one in found], ("what", "state", "detail"), as_json=as_json, title="doctor")
    if any(one.state != "ok" for one in found):
        raise typer.Exit(1)


def _each(gateways: "Gateways") -> Iterator[Finding]:
    from controlplane.api.readiness import checks

    for name, word in checks(gateways).items():
        yield Finding(name, "ok" if word == "ok" else "failed", "" if word == "ok" else word)
    yield _guarded("keys", lambda: _keys(gateways))
    yield _guarded("people", lambda: _people(gateways))
    yield _guarded("engine", lambda: _engine(gateways))
    for name, check in (
        ("stripe", gateways.stripe.check),
        ("resend", gateways.resend.check),
        ("cloudflare", gateways.cloudflare.check),
    ):
        yield _guarded(name, check)


def _guarded(what: str, check: Callable[[], list[str]]) -> Finding:
    """Whatever goes wrong in one of them, the others are still looked at."""
    from controlplane.core.log import scrub

    try:
        missing = check()
    except Exception as error:
        return Finding(what, "failed", scrub(f"{type(error).__name__}: {error}")[:300])
    return Finding(what, "missing" if missing else "ok", "; ".join(missing))


def _keys(gateways: "Gateways") -> list[str]:
    from controlplane import sealed

    return sealed.unreadable(gateways)


def _people(gateways: "Gateways") -> list[str]:
    from controlplane.identity import operators, policy

    with gateways.db.transaction() as session:
        admins = operators.count_with(session, frozenset({"admin"}))
        second = operators.count_with(session, policy.roles_of("tenants.destroy"))
    missing = [] if admins else ["no administrator: controlplane operators create --role admin"]
    return missing if second != 1 else [*missing, "nobody can be the second person: such acts wait one hour instead"]


def _engine(gateways: "Gateways") -> list[str]:
    root = gateways.settings.pulumi.root
    command = str(Path(root) / "bin" / "pulumi") if root else "pulumi"
    try:
        done = subprocess.run([command, "version"], capture_output=True, text=True, timeout=30, check=False)
    except OSError as error:
        return [f"{command}: {error.strerror}"]
    return [] if done.returncode == 0 else [f"{command} version ended with {done.returncode}"]
