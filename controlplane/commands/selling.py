"""The operator's verbs about money over the REST API: events, questions, comparisons, letters."""

from typing import Annotated

import typer

from controlplane.commands.shared import AsJson, Reason, api, ask, show, tell

inbox = typer.Typer(no_args_is_help=True, help="Events of vendors.")
money = typer.Typer(no_args_is_help=True, help="Questions about money, and comparisons with Stripe.")

EVENT = ("id", "source", "type", "object_id", "state", "attempts", "error", "who")


@inbox.command("list")
def list_events(
    state: Annotated[str, typer.Option(help="waiting, handled, foreign, ignored, parked")] = "",
    source: Annotated[str, typer.Option(help="stripe, resend, aws")] = "",
    as_json: AsJson = False,
) -> None:
    """Newest first."""
    params = {name: value for name, value in (("state", state), ("source", source)) if value}
    with api() as client:
        rows = ask(client, "GET", "/v1/inbox", params={**params, "limit": 100})["events"]
    show(rows, EVENT, as_json=as_json)


@inbox.command("replay")
def replay(event_id: str, reason: Reason, as_json: AsJson = False) -> None:
    """Handle it once more. What was done already is not done twice."""
    _act(event_id, "replay", reason, as_json=as_json)


@inbox.command("reveal")
def reveal(event_id: str, field: str, reason: Reason, as_json: AsJson = False) -> None:
    """One field that is covered elsewhere. For admins; it stays in the trail."""
    with api() as client:
        found = ask(client, "POST", f"/v1/inbox/{event_id}/facts/{field}", json={"reason": reason})
    tell(found, found["value"], as_json=as_json)


@inbox.command("ignore")
def ignore(event_id: str, reason: Reason, as_json: AsJson = False) -> None:
    """Put one that waits or is parked aside for good."""
    _act(event_id, "ignore", reason, as_json=as_json)


def _act(event_id: str, verb: str, reason: str, *, as_json: bool) -> None:
    with api() as client:
        found = ask(client, "POST", f"/v1/inbox/{event_id}/{verb}", json={"reason": reason})
    show([found], EVENT, as_json=as_json)


@money.command("questions")
def questions(as_json: AsJson = False) -> None:
    """What waits for a person."""
    with api() as client:
        rows = ask(client, "GET", "/v1/decisions")["decisions"]
    show(rows, ("id", "kind", "question", "choices", "amount", "state", "error"), as_json=as_json)


@money.command("decide")
def decide(decision_id: str, choice: str, reason: Reason, as_json: AsJson = False) -> None:
    """Needs a second person."""
    with api() as client:
        found = ask(client, "POST", f"/v1/decisions/{decision_id}", json={"choice": choice, "reason": reason})
    tell(found, f"{found['kind']}: {found['choice']}", as_json=as_json)


@money.command("comparisons")
def comparisons(as_json: AsJson = False) -> None:
    """What the nightly look at Stripe found, and what became of it."""
    with api() as client:
        runs = ask(client, "GET", "/v1/reconciliations")["reconciliations"]
    if as_json:
        show(runs, (), as_json=True)
        return
    rows = [{"at": run["finished_at"], **one} for run in runs for one in run["differences"]]
    show(rows, ("at", "object", "id", "field", "ours", "theirs", "outcome"), as_json=False)
