"""The installed command line against a running API: one story per kind of verb, and what it says when it cannot."""

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from controlplane.billing.ledger import Decision, DecisionState
from controlplane.cli import app
from controlplane.core.ids import new_id
from controlplane.inbox.models import EventState, InboxEvent
from controlplane.provisioning.models import Kind, Phase
from sandbox.ports import free_port
from tests.fixtures.http import PASSWORD, make_operator, operator_bearer
from tests.fixtures.world import World
from tests.flow.operating.conftest import Seat

Make = Callable[[str], Seat]
FOREGROUND = {"serve", "worker", "migrate", "sandbox", "operations watch"}  # they say things as they go on


class TestSignIn:
    def test_first_operator_sign_in_and_out_as_the_installed_program(self, seat: Make, api_url: str) -> None:
        ada = seat("ada")
        email = f"{new_id()}@operators.example"
        words = ("operators", "create", "--email", email, "--role", "admin", "--password-stdin", "--json")
        made = ada.run(*words, stdin=f"{PASSWORD}\n")
        assert (made.returncode, json.loads(made.stdout)["email"]) == (0, email)
        entered = ada.run("login", "--url", api_url, "--email", email, "--json", stdin=f"{PASSWORD}\n")
        assert (entered.returncode, json.loads(entered.stdout).keys()) == (0, {"until"})
        [file] = (ada.home / ".config").rglob("token.json")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        refused = ada.run("operations", "show", "no-such-operation")
        assert (refused.returncode, refused.stdout, "Traceback" in refused.stderr) == (1, "", False)
        assert "There is no such thing" in refused.stderr
        self._sessions(ada, email, file)

    def _sessions(self, ada: Seat, email: str, file: Path) -> None:
        before = file.read_text()
        assert ada("confirm", stdin=f"{PASSWORD}\n").strip() == "confirmed"
        assert file.read_text() != before  # a new proof is a new token
        mine = ada.json("audit", "list", "--action", "identity.step_up")
        assert mine[0]["actor"].startswith("operator:")
        assert email in [row["email"] for row in ada.json("operators", "list")]
        assert ada("logout").strip() == "signed out"
        assert not file.exists()
        assert "sign in first" in ada("clients", "list", code=2)

    def test_what_is_wrong_is_said_in_one_line(self, seat: Make, api_url: str, world: World) -> None:
        eve, email = seat("eve"), make_operator(world.gateways, "auditor").email
        wrong = eve("login", "--url", api_url, "--email", email, code=1, stdin="not the pass phrase\n")
        assert "Sign in first" in wrong
        assert not list(eve.home.rglob("token.json"))
        gone = f"http://127.0.0.1:{free_port()}"
        assert "does not answer" in eve("login", "--url", gone, "--email", email, code=1, stdin="x\n")
        eve.sign_in(api_url, "cpl_se_" + "0" * 49)
        assert "not valid" in eve("tenants", "list", code=1)
        file = next(eve.home.rglob("token.json"))
        file.chmod(0o644)
        assert "others can read" in eve("tenants", "list", code=2)

    def test_a_database_that_is_away(self, seat: Make) -> None:
        there = seat("nobody")
        away = {"CP_DATABASE__URL": "postgresql://postgres@127.0.0.1:1/none"}
        nobody = Seat(there.home, {**there.environment, **away})
        assert "the database does not answer" in nobody("operators", "list", code=1)


class TestMachines:
    def test_a_client_from_birth_to_end(self, seat: Make, api_url: str, world: World) -> None:
        ada = seat("ada")
        ada.sign_in(api_url, operator_bearer(world.gateways, "admin")["authorization"].split()[1])
        [made] = ada.json("clients", "create", "Reporting", "--scope", "tenants:read", "--days", "7")
        assert made["secret"].startswith("cpl_cs_")
        assert made["id"] in [row["id"] for row in ada.json("clients", "list")]
        assert made["secret"] not in ada("clients", "list")
        [renewed] = ada.json("clients", "renew", made["id"])
        assert renewed["secret"] != made["secret"]
        [fewer] = ada.json("clients", "scopes", made["id"], "--scope", "audit:read")
        assert fewer["scopes"] == ["audit:read"]
        assert ada.json("clients", "disable", made["id"])[0]["disabled_at"]
        assert "no such scope" in ada("clients", "create", "x", "--scope", "all:everything", code=1)
        actions = [row["action"] for row in ada.json("audit", "list")]
        assert {"client.created", "client.changed"} & set(actions)

    def test_who_may_not_is_told(self, seat: Make, api_url: str, world: World) -> None:
        bob = seat("bob")
        bob.sign_in(api_url, operator_bearer(world.gateways, "support")["authorization"].split()[1])
        said = bob("clients", "list", code=1)
        assert "Not allowed: Your role does not include this." in said


class TestMoney:
    def test_events_and_questions(self, seats: tuple[Seat, Seat], seat: Make, api_url: str, world: World) -> None:
        anna, _bert = seats
        event = InboxEvent(
            source="stripe", external_id=f"evt_{new_id()}", type="cli.test", state=EventState.PARKED, error="odd"
        )
        with world.gateways.db.transaction() as session:
            session.add(event)
        listed = anna.json("inbox", "list", "--state", "parked", "--source", "stripe")
        assert (event.id, "odd") in [(row["id"], row["error"]) for row in listed]
        [again] = anna.json("inbox", "replay", event.id, "--reason", "looked at it")
        assert again["state"] == "waiting"
        [aside] = anna.json("inbox", "ignore", event.id, "--reason", "not ours")
        assert aside["state"] == "ignored"
        assert anna("inbox", "replay", "no-such-event", "--reason", "try", code=1)
        self._question(seat, api_url, world)
        assert anna.json("money", "comparisons") == []

    def _question(self, seat: Make, api_url: str, world: World) -> None:
        chief, second = seat("chief"), seat("second")
        for one in (chief, second):
            one.sign_in(api_url, operator_bearer(world.gateways, "admin")["authorization"].split()[1])
        row = Decision(
            dedup=f"cli:{new_id()}", kind="delay", order_id="none", question="Give a credit?",
            choices=["credit", "nothing"],
        )  # fmt: skip
        with world.gateways.db.transaction() as session:
            session.add(row)
        assert row.id in [found["id"] for found in chief.json("money", "questions")]
        assert "one of the choices" in chief.together(
            second, "money", "decide", row.id, "double", "--reason", "generous", code=1
        )
        assert "delay: nothing" in chief.together(
            second, "money", "decide", row.id, "nothing", "--reason", "it was on time"
        )
        with world.gateways.db.transaction() as session:
            assert session.get_one(Decision, row.id).state is not DecisionState.OPEN


class TestSite:
    def test_releases_domains_and_keys(
        self, seats: tuple[Seat, Seat], seat: Make, api_url: str, world: World, tmp_path: Path
    ) -> None:
        anna, _bert = seats
        robot, chief = seat("robot"), seat("chief")
        chief.sign_in(api_url, operator_bearer(world.gateways, "admin")["authorization"].split()[1])
        words = ("clients", "create", "Deployer", "--scope", "site:read", "--scope", "site:write")
        [made] = chief.json(*words)
        robot("login", "--url", api_url, "--client", made["id"], stdin=f"{made['secret']}\n")
        tenant = world.tenant("by-verbs")
        assert world.do(tenant, Kind.PROVISION).phase is Phase.DONE
        self._releases(robot, tenant.id, tmp_path)
        assert "Not allowed" in anna("site", "preview", tenant.id, code=1)  # an operator does not touch content
        self._domains(robot, anna, tenant.id)
        [key] = anna.json("credentials", "list", tenant.id)
        [rotated] = anna.json("credentials", "rotate", tenant.id)
        assert (key["version"], rotated["version"]) == (1, 2)
        assert anna.json("tenants", "show", tenant.id)["slug"] == "by-verbs"
        assert anna.json("tenants", "show", "by-verbs")["id"] == tenant.id
        assert "There is no tenant by-nobody." in anna("stacks", "show", "by-nobody", code=1)

    def _releases(self, robot: Seat, tenant_id: str, tmp_path: Path) -> None:
        folder = tmp_path / "site"
        folder.mkdir()
        (folder / "index.html").write_text("<h1>by the command line</h1>")
        (folder / ".hidden").write_text("stays here")
        [live] = robot.json("site", "publish", tenant_id, str(folder))
        packed = tmp_path / "site.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.html", "<h1>second</h1>")
        [second] = robot.json("site", "publish", tenant_id, str(packed), "--expect", live["release"])
        assert second["n"] > live["n"]
        assert robot("site", "publish", tenant_id, str(folder), "--expect", live["release"], code=1)
        releases = robot.json("site", "releases", tenant_id)
        assert [row["release"] for row in releases[:2]] == [second["release"], live["release"]]
        [back] = robot.json("site", "rollback", tenant_id, live["release"])
        assert back["n"] > second["n"]
        assert robot.json("site", "preview", tenant_id)["url"].startswith("http")
        (folder / "index.html").unlink()
        assert "cannot be published: empty" in robot("site", "publish", tenant_id, str(folder), code=1)

    def _domains(self, robot: Seat, anna: Seat, tenant_id: str) -> None:
        host = f"www.{new_id()}.de"
        claimed = robot("domains", "claim", tenant_id, host)
        assert "TXT" in claimed
        shown = anna.json("domains", "list", tenant_id)
        assert host in [one["host"] for one in shown["hosts"]]
        assert host in anna("domains", "list", tenant_id)
        assert anna.json("domains", "check", tenant_id, host)["state"]
        assert anna("domains", "check", tenant_id, "www.never-claimed.de", code=1)


def verbs(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(" ".join(path), command)]
    return [found for name, one in inner.items() for found in verbs(one, (*path, name))]


def test_every_verb_speaks_to_machines_too() -> None:
    silent = {
        name
        for name, command in verbs(get_command(app))
        if not any("--json" in option.opts for option in command.params)
    }
    assert silent == FOREGROUND


@pytest.mark.parametrize("words", [("no-such-verb",), ("tenants", "show"), ("site", "publish", "t", "/nowhere")])
def test_a_wrong_command_line_ends_with_two(seat: Make, words: tuple[str, ...]) -> None:
    assert seat("typist")(*words, code=2)
