"""What the verbs share: gateways for those on the host, an HTTP client for those from anywhere, one way to show."""

import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import httpx

    from controlplane.gateways import Gateways

AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]
Reason = Annotated[str, typer.Option(help="Why; it stays in the trail.")]
Tenant = Annotated[str, typer.Argument(metavar="TENANT", help="Its id, or its slug.")]
_ID = re.compile(r"0[0-9a-z]{25}")
_WIDE = 400  # columns of a table that goes into a file or another program
BY = "operator:host"  # whoever may run this on the host may read the keys anyway


@contextmanager
def on_the_host() -> Iterator["Gateways"]:
    from sqlalchemy.exc import OperationalError

    from controlplane.core import log
    from controlplane.core.errors import TryLater
    from controlplane.gateways import Gateways
    from controlplane.settings import Settings

    settings = Settings()
    log.start(settings)
    built = Gateways.build(settings)
    try:
        yield built
    except OperationalError as error:
        raise TryLater(f"the database does not answer: {str(error.orig).splitlines()[0]}") from None
    finally:
        built.close()


def token_file() -> Path:
    return Path(typer.get_app_dir("controlplane")) / "token.json"


def keep_token(url: str, token: str) -> None:
    file = token_file()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as draft:
        os.fchmod(descriptor, 0o600)
        json.dump({"url": url, "token": token}, draft)


@contextmanager
def api() -> Iterator["httpx.Client"]:
    import httpx

    file = token_file()
    if not file.exists():
        raise typer.BadParameter("sign in first: controlplane login --url …")
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise typer.BadParameter(f"others can read {file}: sign in again")
    kept = json.loads(file.read_text())
    headers = {"authorization": f"Bearer {kept['token']}"}
    with httpx.Client(base_url=kept["url"], headers=headers, timeout=30, trust_env=False) as client:
        yield client


def ask(client: "httpx.Client", method: str, path: str, *, unless: str = "", **more: Any) -> Any:
    """The answer, or the problem in words and exit code 1; None where the caller knows how to go on."""
    import httpx

    try:
        answer = client.request(method, path, **more)
    except httpx.HTTPError as error:
        typer.echo(f"{client.base_url} does not answer: {type(error).__name__}", err=True)
        raise typer.Exit(1) from None
    if answer.is_success:
        is_text = not answer.headers.get("content-type", "").startswith("application/json")
        return (answer.text if is_text else answer.json()) if answer.content else None
    found = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    if unless and found.get("code") == unless:
        return None
    typer.echo(f"{found.get('title', answer.status_code)}: {found.get('detail', '')}", err=True)
    if found.get("act"):
        typer.echo(f"It is act {found['act']}.", err=True)
    if found.get("operation_id"):
        typer.echo(f"It is operation {found['operation_id']}.", err=True)
    if found.get("next_step"):
        typer.echo(found["next_step"], err=True)
    raise typer.Exit(1)


def id_of(client: "httpx.Client", tenant: str) -> str:
    """People know a slug; of several that had it, the one that lives."""
    if _ID.fullmatch(tenant):
        return tenant
    found = ask(client, "GET", "/v1/tenants", params={"q": tenant})["items"]
    rows = sorted((row for row in found if row["slug"] == tenant), key=lambda row: row["state"] == "deprovisioned")
    if not rows:
        typer.echo(f"There is no tenant {tenant}.", err=True)
        raise typer.Exit(1)
    return str(rows[0]["id"])


def show(rows: list[dict[str, Any]], columns: tuple[str, ...], *, as_json: bool, title: str = "") -> None:
    if as_json:
        typer.echo(json.dumps(rows, indent=None, default=str))
        return
    from rich.console import Console, ConsoleDimensions
    from rich.markup import escape
    from rich.table import Table

    table = Table(*columns, title=title or None)
    for row in rows:
        table.add_row(*(escape(_plain(row.get(column))) for column in columns))
    console = Console()
    if not console.is_terminal:  # a word that is cut in two cannot be searched for
        console.size = ConsoleDimensions(_WIDE, 25)
    console.print(table)


def tell(found: dict[str, Any], text: str, *, as_json: bool) -> None:
    """One thing that was done: a line for people, an object for machines."""
    typer.echo(json.dumps(found, default=str) if as_json else text)


def secret_from_stdin(what: str) -> str:
    """Never an argument: those are in the process list and in the history."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True))
    return sys.stdin.readline().rstrip("\n")


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
