"""Starts, watches and stops everything that a sandbox consists of."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from sandbox import product, seed
from sandbox.parts import Part, Pids, Ready, spawn
from sandbox.place import Place
from sandbox.postgres import Postgres
from sandbox.redis import Redis

Say = Callable[[str], None]
PYTHON = sys.executable
CODE = Path(__file__).resolve().parent.parent


class Cluster:
    def __init__(self, place: Place, *, say: Say) -> None:
        self.place, self._say = place, say
        self._pids = Pids(place.folder / "pids.json")
        self.postgres = Postgres(place.folder / "postgres", place.ports["postgres"])
        self.redis = Redis(place.folder / "redis", place.ports["redis"])
        self.parts: list[Part] = []

    def start(self) -> None:
        """In waves: what needs nothing, then what needs those, with as much at once as possible."""
        for name in self._pids.end_leftovers():
            self._say(f"ended a {name} that an earlier sandbox left behind")
        for name in self.place.move_away():
            self._say(f"the port of {name} is taken; it is now {self.place.ports[name]}")
        self.postgres.port, self.redis.port = self.place.ports["postgres"], self.place.ports["redis"]
        self._wave(
            [self._database(), self._cache(), self._vendors(), self._aws()], meanwhile=lambda: seed.prepare(self.place)
        )
        self._say("migrating the database and preparing the vendors")
        self.postgres.ensure_database()
        done = seed.Done(self.place)
        done.once("migrate", ["migrations/versions"], self._migrate)
        seed.vendors(self.place)
        seed.webhooks(self.place, ask=self.ask)
        self._wave(
            [self._product("api", "serve"), self._worker("quick"), self._worker("slow")],
            meanwhile=lambda: seed.product_data(done, self.place, verb=self.verb),
        )

    def watch_once(self) -> None:
        for part in self.parts:
            if not part.alive:
                self._revive(part)

    def stop(self) -> None:
        for part in reversed(self.parts):
            part.ask_to_stop()
        for part in reversed(self.parts):
            part.finish()
        self.parts.clear()
        self._pids.write([])

    def _revive(self, part: Part) -> None:
        code = part.process.returncode if part.process else None
        if not part.may_restart():
            raise RuntimeError(f"{part.name} keeps dying (exit {code}): see {self.place.log(part.name)}")
        self._say(f"{part.name} died (exit {code}); restarting it")
        part.up()
        part.restarts += 1
        self._pids.write(self.parts)
        part.wait(seconds=60)
        self._say(f"{part.name} is back")

    def _wave(self, parts: list[Part], *, meanwhile: Callable[[], None] = lambda: None) -> None:
        for part in parts:
            self.parts.append(part)
            part.up()
        self._pids.write(self.parts)
        meanwhile()
        for part in parts:
            began = time.monotonic()
            part.wait(seconds=60)
            self._say(f"{part.name} is ready ({time.monotonic() - began:.1f} s)")

    def _run(self, command: list[str], name: str, *, said: str = "") -> None:
        """`said` goes to standard input: a password is never on a command line."""
        with self.place.log(name).open("ab") as out:
            done = subprocess.run(
                command,
                input=said.encode(),
                stdout=out,
                stderr=out,
                env=product.environment(self.place),
                cwd=CODE,
                timeout=180,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{name} failed: {self._last_words(name)} (all of it in {self.place.log(name)})")

    def _last_words(self, name: str) -> str:
        lines = self.place.log(name).read_text(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "without a word")

    def _migrate(self) -> None:
        try:
            self.verb("migrate")
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n`controlplane sandbox reset` makes an empty sandbox.") from error

    def verb(self, *arguments: str, said: str = "") -> None:
        self._run([PYTHON, "-m", "controlplane", *arguments], "-".join(arguments[:2]), said=said)

    def ask(self, *arguments: str) -> Any:
        """What a verb answers to machines, in one line."""
        self.verb(*arguments)
        return json.loads(self._last_words("-".join(arguments[:2])))

    def _database(self) -> Part:
        def is_ready() -> bool:
            self.postgres.wait()
            return True

        return Part("postgres", lambda: self.postgres.start(log=self.place.log("postgres")), is_ready)

    def _cache(self) -> Part:
        def is_ready() -> bool:
            self.redis.wait()
            return True

        return Part("redis", lambda: self.redis.start(log=self.place.log("redis")), is_ready)

    def _vendors(self) -> Part:
        ports, folder = self.place.ports, self.place.folder
        command = [PYTHON, "-m", "sandbox.vendors", "--folder", str(folder), "--port", str(ports["vendors"])]
        (folder / "edge.json").write_text(json.dumps({"port": ports["edge"]}))
        command += ["--dns-port", str(ports["dns"]), "--parent", str(os.getpid())]
        return self._own("vendors", command, answers(f"{self.place.url('vendors')}/control/health"))

    def _aws(self) -> Part:
        command = [PYTHON, "-m", "sandbox.aws", "--folder", str(self.place.folder)]
        command += ["--port", str(self.place.ports["aws"]), "--parent", str(os.getpid())]
        return self._own("aws", command, answers(f"{self.place.url('aws')}/_sim/settings"))

    def _product(self, name: str, verb: str) -> Part:
        command = [PYTHON, "-m", "controlplane", verb, "--port", str(self.place.ports["api"])]
        return self._own(name, command, answers(f"{self.place.url('api')}/health/live"))

    def _worker(self, queue: str) -> Part:
        command = [PYTHON, "-m", "controlplane", "worker", queue]
        return self._own(f"worker-{queue}", command, lambda: True, patience=30)

    def _own(self, name: str, command: list[str], ready: Ready, *, patience: float = 12) -> Part:
        def start():  # type: ignore[no-untyped-def]
            # read at each start: seeding may have added a secret
            environment = product.environment(self.place)
            return spawn(command, log=self.place.log(name), environment=environment, folder=CODE)

        return Part(name, start, ready, patience=patience)


def answers(url: str) -> Ready:
    def ready() -> bool:
        try:
            with urlopen(url, timeout=2):  # noqa: S310 -- our own address
                return True
        except HTTPError:
            return True

    return ready
