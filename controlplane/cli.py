"""The operator's way in. Imports are made where they are used: a verb pays for itself only."""

import subprocess
import sys
from typing import Annotated, Any

import typer

from controlplane.commands import (
    accounts,
    audit,
    clients,
    customers,
    doctor,
    fleet,
    keys,
    login,
    operating,
    operators,
    selling,
    stacks,
    steering,  # noqa: F401 -- adds its verbs to those of operating
    webhooks,
)
from controlplane.commands.shared import AsJson, on_the_host, tell

app = typer.Typer(no_args_is_help=True, help="Sells, provisions and operates tenants.", pretty_exceptions_enable=False)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port of the API.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Run the API and the pages."""
    import uvicorn

    uvicorn.run(
        "controlplane.app:from_environment",
        factory=True,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # read by ourselves, and only from the proxies that the settings name
        timeout_graceful_shutdown=10,
    )


@app.command()
def worker(
    queue: Annotated[str, typer.Argument(help="quick or slow")],
    check: Annotated[bool, typer.Option("--check", help="Only say whether one is alive.")] = False,
) -> None:
    """Run a worker for one queue."""
    if queue not in {"quick", "slow"}:
        raise typer.BadParameter("there are two queues: quick and slow")
    from controlplane.worker import is_alive, run

    if not check:
        run(queue)
    elif not is_alive(queue):
        typer.echo(f"no {queue} worker has been heard of in the last half minute", err=True)
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from controlplane.migrating import upgrade
    from controlplane.settings import Settings

    lacks = upgrade(Settings().database.url.get_secret_value())
    if lacks:
        named = ", ".join([*lacks[:5], *([f"and {len(lacks) - 5} more"] if len(lacks) > 5 else [])])
        typer.echo(f"This database was made by another build and lacks {named}: begin anew.", err=True)
        raise typer.Exit(1)


@app.command()
def platform(
    action: Annotated[str, typer.Argument(help="up, preview or destroy")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """The shared Workers, their stores, names and routes."""
    if action not in {"up", "preview", "destroy"}:
        raise typer.BadParameter("up, preview or destroy")
    if action != "preview" and not yes:
        typer.confirm(f"Really {action} the shared platform?", abort=True)
    from controlplane.fleet.platform import run

    with on_the_host() as gateways:
        answer = run(gateways, action, say=_ignore_event if as_json else _say_event)
    found = {"action": action, "changes": answer["changes"], "seconds": answer["seconds"]}
    tell(found, f"{action}: {answer['changes']} in {answer['seconds']:.1f} s", as_json=as_json)


@app.command()
def catalog(
    action: Annotated[str, typer.Argument(help="sync: make Stripe agree; drift: only show what differs")],
    as_json: AsJson = False,
) -> None:
    """What we sell, at Stripe."""
    if action not in {"sync", "drift"}:
        raise typer.BadParameter("sync or drift")
    from controlplane.billing import catalog_sync

    with on_the_host() as gateways:
        found = catalog_sync.sync(gateways) if action == "sync" else catalog_sync.drift(gateways)
    lines = [f"{one.what:<12} {one.object} {one.key}" for one in found]
    shown = [{"what": one.what, "object": one.object, "key": one.key} for one in found]
    text = "\n".join([*lines, f"catalog {action}: {len(found)} differences"])
    tell({"action": action, "differences": shown}, text, as_json=as_json)
    if found and action == "drift":
        raise typer.Exit(1)


def _say_event(event: dict[str, Any]) -> None:
    if event["kind"] == "res_outputs_event" and event["op"] != "same":
        typer.echo(f"  {event['op']:<8} {event['urn'].rsplit('::', 1)[-1]}")
    if event["kind"] == "diagnostic":
        typer.echo(f"  {event['text']}", err=True)


def _ignore_event(_event: dict[str, Any]) -> None:
    """Machines read the end."""


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sandbox(context: typer.Context) -> None:
    """Run everything on this machine: up, story, reset, fault …"""
    raise typer.Exit(subprocess.call([sys.executable, "-m", "sandbox", *context.args]))


app.command()(login.login)
app.command()(login.logout)
app.command()(login.confirm)
app.command()(doctor.doctor)
app.command()(webhooks.webhooks)
app.add_typer(operators.app, name="operators")
app.add_typer(clients.app, name="clients")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(operating.tenants, name="tenants")
app.add_typer(operating.operations, name="operations")
app.add_typer(stacks.stacks, name="stacks")
app.add_typer(operating.approvals, name="approvals")
app.add_typer(operating.acts, name="acts")
app.add_typer(accounts.app, name="accounts")
app.add_typer(fleet.app, name="fleet")
app.add_typer(selling.inbox, name="inbox")
app.add_typer(selling.money, name="money")
app.add_typer(customers.site, name="site")
app.add_typer(customers.domains, name="domains")
app.add_typer(customers.credentials, name="credentials")


def main() -> None:
    from pydantic import ValidationError

    from controlplane.core.errors import ProductError

    try:
        app()
    except ProductError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
    except ValidationError as error:
        problems = "\n".join(str(item["msg"]).removeprefix("Value error, ") for item in error.errors())
        typer.echo(problems, err=True)
        raise SystemExit(78) from None
