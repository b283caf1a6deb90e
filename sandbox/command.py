"""What a person does with a sandbox: run it, play the story in it, break things, start over."""

import argparse
import shutil
import signal
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sandbox.cluster import Cluster
from sandbox.control.command import add_verbs
from sandbox.parts import Pids
from sandbox.place import Place

console = Console(log_path=False)


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    return int(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="controlplane sandbox")
    parser.add_argument("--folder", type=Path, default=Path(".sandbox"))
    verbs = parser.add_subparsers(required=True)
    for name, run, text in (
        ("up", up, "run everything until Ctrl-C"),
        ("story", story, "buy, go live and check, then stop"),
        ("chaos", chaos, "many purchases while parts are killed and vendors misbehave"),
        ("reset", reset, "forget all data of this sandbox"),
    ):
        verb = verbs.add_parser(name, help=text)
        verb.set_defaults(run=run)
        if name == "chaos":
            verb.add_argument("--sites", type=int, default=40)
            verb.add_argument("--creators", type=int, default=0)
            verb.add_argument("--seed", type=int, default=1)
    add_verbs(verbs)
    return parser


def up(options: argparse.Namespace) -> int:
    place = Place.open(options.folder)
    cluster = Cluster(place, say=console.log)
    ended = _Ended()
    try:
        _start(cluster)
        _addresses(place)
        while not ended.asked:
            cluster.watch_once()
            time.sleep(0.3)
    except RuntimeError as error:
        console.print(f"[red]{error}")
        return 1
    finally:
        console.log("stopping")
        cluster.stop()
    return 0


def story(options: argparse.Namespace) -> int:
    from sandbox.story import play

    place = Place.open(options.folder)
    cluster = Cluster(place, say=console.log)
    ended = _Ended()
    try:
        _start(cluster)
        return int(play(place, console=console, watch=cluster.watch_once, ended=lambda: ended.asked))
    except RuntimeError as error:
        console.print(f"[red]{error}")
        return 1
    finally:
        cluster.stop()


def chaos(options: argparse.Namespace) -> int:
    from sandbox.chaos import Chaos

    place = Place.open(options.folder)
    cluster = Cluster(place, say=console.log)
    _Ended()
    try:
        _start(cluster)
        wrong = Chaos(place, cluster, options.sites, options.seed, console, options.creators).run()
    except RuntimeError as error:
        wrong = [str(error)]
    finally:
        cluster.stop()
    for line in wrong:
        console.print(f"[red]{line}")
    bought = f"{options.sites} sites, {options.creators} creators"
    console.print(f"{bought}, seed {options.seed}: {'as it should be' if not wrong else 'not right'}")
    return 1 if wrong else 0


def reset(options: argparse.Namespace) -> int:
    folder = options.folder.resolve()
    if not folder.exists():
        console.print("There is nothing to forget.")
        return 0
    if not (folder / "secrets.json").exists():
        console.print(f"[red]{folder} is not a sandbox; nothing was removed.")
        return 1
    Pids(folder / "pids.json").end_leftovers()
    Cluster(Place.open(folder), say=console.log).postgres.remove()
    for entry in folder.iterdir():
        if entry.name != "node":  # what was installed is not data
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    console.print("The sandbox is empty.")
    return 0


class _Ended:
    """Ctrl-C and SIGTERM end the loop, not the clean-up."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


def _start(cluster: Cluster) -> None:
    began = time.monotonic()
    with console.status("starting Postgres, Redis, emulators, edge, API and workers"):
        cluster.start()
    console.log(f"everything runs ({time.monotonic() - began:.1f} s)")


def _addresses(place: Place) -> None:
    table = Table("", "address", title="The sandbox is running. Ctrl-C stops it; the next start continues.")
    vendors, api = place.vendors_url, place.public_url
    for name, address in (
        ("storefront", f"{api}/"),
        ("portal", f"{api}/portal"),
        ("console", f"{api}/console"),
        ("API documentation", f"{api}/docs"),
        ("mailbox", f"{vendors}/resend/mailbox"),
        ("Stripe", f"{vendors}/stripe/"),
        ("Cloudflare", f"{vendors}/cloudflare/"),
        ("customers' registrar", f"{vendors}/dns/registrar"),
        ("sites", f"http://<slug>.localhost:{place.ports['edge']}/"),
    ):
        table.add_row(name, address)
    console.print(table)
    for name in ("operator", "engineer"):
        email, password = place.secrets[f"{name}_email"], place.secrets[f"{name}_password"]
        console.print(f"{name}: {email} / {password}", highlight=False)
