"""Is everything there that the service needs, and may it do what it must? Says what is missing, and how to get it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import typer

from controlplane.commands.shared import AsJson, on_the_host, show

if TYPE_CHECKING:
    from controlplane.core.lacks import Lack
    from controlplane.gateways import Gateways


@dataclass(frozen=True)
class Finding:
    what: str
    state: str  # ok, missing, failed
    detail: str = ""
    remedy: str = ""


def doctor(as_json: AsJson = False) -> None:
    """Settings, database, Redis, migrations, keys, engine, and the live credentials and rights at each vendor."""
    with on_the_host() as gateways:  # unusable settings end before this, each by name
        found = [Finding("settings", "ok"), *_each(gateways)]
    show([vars(one) for one in found], ("what", "state", "detail", "remedy"), as_json=as_json, title="doctor")
    if any(one.state != "ok" for one in found):
        raise typer.Exit(1)


def _each(gateways: "Gateways") -> Iterator[Finding]:
    from controlplane.api.readiness import checks
    from controlplane.commands import host_checks
    from controlplane.vendors import aws_rights

    for name, word in checks(gateways).items():
        if word != "ok":
            yield Finding(name, "failed", word, "docs/operations.md")
    settings = gateways.settings
    for name in ("database", "redis", "keys", "people", "seller", "engine"):
        yield from _guarded(name, partial(getattr(host_checks, name), gateways))
    yield from _guarded("stripe", gateways.stripe.check)
    yield from _guarded("resend", gateways.resend.check)
    yield from _guarded("cloudflare", gateways.cloudflare.check)
    if settings.aws.management_account:
        yield from _guarded("aws", partial(aws_rights.missing, gateways.aws, settings.aws), note=aws_rights.UNTRIED)
    else:
        yield Finding("aws", "ok", "not set up: no creator can be provisioned")
    if gateways.issuer.is_set_up:
        yield from _guarded("identity provider", partial(host_checks.issuer, gateways))


def _guarded(what: str, check: Callable[[], "list[Lack]"], *, note: str = "") -> Iterator[Finding]:
    """Whatever goes wrong in one of them, the others are still looked at."""
    from controlplane.core.errors import NeedsPerson
    from controlplane.core.log import scrub

    try:
        lacks = check()
    except NeedsPerson as error:
        yield Finding(what, "missing", scrub(error.reason)[:300], error.next_action)
        return
    except Exception as error:
        yield Finding(
            what, "failed", scrub(f"{type(error).__name__}: {error}")[:300], "look at it, then run this again"
        )
        return
    for lack in lacks:
        yield Finding(what, "missing", scrub(lack.what), lack.remedy)
    if not lacks:
        yield Finding(what, "ok", note)
