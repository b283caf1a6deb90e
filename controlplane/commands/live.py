"""A live tree of one operation: its steps, and below the running one what the engine says, as it is said."""

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from controlplane.commands.shared import ask
from controlplane.core.clock import Deadline

if TYPE_CHECKING:
    import httpx
    from rich.tree import Tree

RESTS = {"done", "cancelled", "parked", "approval"}
SIGNS = {"done": "[green]✓[/]", "running": "[yellow]…[/]", "waiting": "[dim]·[/]", "failed": "[red]✗[/]"}
AWAY = 60.0  # seconds that the API may be away while somebody watches
SHOWN = 6  # of the engine's last lines

Line = dict[str, Any]


def watch(client: "httpx.Client", operation_id: str) -> None:
    """Until it rests; exit code 1 when that is not because it is done."""
    from rich.live import Live

    lines: list[Line] = []
    found = _read(client, operation_id)
    with Live(tree(found, lines), refresh_per_second=4) as live:
        for line in _news(client, operation_id):
            if line:
                lines.append(line)
            else:
                found = _read(client, operation_id)
            live.update(tree(found, lines))
        found = _read(client, operation_id)
        live.update(tree(found, lines))
    if found["phase"] != "done":
        typer.echo(f"{found['phase']}: {found['error']} {found['who']} {found['next_action']}".strip(), err=True)
        raise typer.Exit(1)


def tree(found: dict[str, Any], lines: list[Line]) -> "Tree":
    from rich.markup import escape
    from rich.tree import Tree

    root = Tree(f"{found['kind']} {found['id']} [bold]{found['phase']}[/]{_waits(found)}")
    for step in found["steps"]:
        seconds = f" [dim]{step['seconds']:.1f} s[/]" if step["finished_at"] else ""
        error = f" [red]{escape(step['error'])}[/]" if step["error"] else ""
        said = [line for line in lines if line["step"] == step["name"]]
        count = len({line["urn"] for line in said if line["kind"] == "res_outputs_event"})
        resources = f" [dim]{count} resources[/]" if count else ""
        branch = root.add(f"{SIGNS[_state(step)]} {escape(step['name'])}{seconds}{resources}{error}")
        for line in said[-SHOWN:] if not step["finished_at"] else []:
            branch.add(f"[dim]{escape(line['op'] or line['kind'])}[/] {escape(line['urn'].rsplit('::', 1)[-1])}")
    return root


def _waits(found: dict[str, Any]) -> str:
    """Why nothing moves just now, and until when."""
    from rich.markup import escape

    again = f", attempt {found['attempt']}" if found["attempt"] > 1 else ""
    if found["phase"] != "waiting" or not found["error"]:
        return again
    return f"{again}, again at {str(found['next_attempt_at'])[11:19]}: [red]{escape(found['error'])}[/]"


def _news(client: "httpx.Client", operation_id: str) -> Iterator[Line | None]:
    """What the engine says; None when the operation itself should be read again."""
    import httpx

    last, away = "0", Deadline(AWAY)
    while not away.passed:
        path, headers = f"/v1/operations/{operation_id}/stream", {"last-event-id": last}
        try:
            with client.stream("GET", path, headers=headers, timeout=None) as stream:
                for kind, identity, data in _messages(stream.iter_lines()):
                    if kind == "end":
                        return
                    last = identity or last
                    yield json.loads(data) if kind == "resource" else None
            if not stream.is_success or _read(client, operation_id)["phase"] in RESTS:
                return
            away = Deadline(AWAY)
        except httpx.ConnectError:  # the API is started anew: what was shown stays, and it goes on
            time.sleep(1)
        except httpx.TransportError:
            away = Deadline(AWAY)


def _messages(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    """Kind, id and content of each; an id comes after its content or before, as the server likes."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in fields:
                yield fields.get("event", ""), fields.get("id", ""), fields["data"]
            fields = {}
        name, _, value = line.partition(": ")
        fields[name] = value


def _read(client: "httpx.Client", operation_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ask(client, "GET", f"/v1/operations/{operation_id}")
    return found


def _state(step: dict[str, Any]) -> str:
    if step["finished_at"]:
        return "done"
    if step["error"]:
        return "failed"
    return "running" if step["started_at"] else "waiting"
