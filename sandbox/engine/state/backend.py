"""The `file://` backend: where states, histories, backups and locks lie, and how they are written."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import CommandFailed, StackLocked, StackMissing


@dataclass(frozen=True)
class StackName:
    project: str
    stack: str

    @property
    def full(self) -> str:
        return f"organization/{self.project}/{self.stack}"


def write_atomically(path: Path, content: bytes) -> None:
    """On disk completely or not at all: written aside, synced, renamed."""
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FileBackend:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "file":
            raise CommandFailed(
                f"unsupported backend {parts.scheme or url!r}: this engine keeps its state in file:// only"
            )
        path = os.path.expanduser(unquote(parts.netloc + parts.path))
        self.url = f"file://{path}"
        self.root = Path(path) / ".pulumi"

    def prepare(self) -> None:
        meta = self.root / "meta.yaml"
        if meta.exists():
            if meta.read_text().strip() != "version: 1":
                raise CommandFailed(f"unsupported state layout in {meta}: only version 1 is known")
            return
        self.root.mkdir(parents=True, exist_ok=True)
        write_atomically(meta, b"version: 1\n")

    def checkpoint(self, name: StackName) -> Path:
        return self.root / "stacks" / name.project / f"{name.stack}.json"

    def exists(self, name: StackName) -> bool:
        return self.checkpoint(name).is_file()

    def require(self, name: StackName) -> None:
        if not self.exists(name):
            raise StackMissing(name.stack)

    def read(self, name: StackName) -> bytes:
        self.require(name)
        return self.checkpoint(name).read_bytes()

    def write(self, name: StackName, content: bytes) -> None:
        """Keeps the version before as `.bak`, by a second link: the state itself never disappears for a moment."""
        path = self.checkpoint(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            link = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
            os.link(path, link)
            link.replace(path.with_name(path.name + ".bak"))
        write_atomically(path, content)

    def back_up(self, name: StackName, content: bytes) -> None:
        folder = self.root / "backups" / name.project / name.stack
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name.stack}.{time.time_ns()}.json").write_bytes(content)

    def stacks(self, project: str | None = None) -> list[StackName]:
        found = (self.root / "stacks").glob(f"{project or '*'}/*.json")
        return sorted((StackName(path.parent.name, path.stem) for path in found), key=lambda name: name.full)

    def history_folder(self, name: StackName) -> Path:
        return self.root / "history" / name.project / name.stack

    def add_history(self, name: StackName, entry: dict[str, object], checkpoint: bytes) -> None:
        folder = self.history_folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        stem = folder / f"{name.stack}-{time.time_ns()}"
        write_atomically(Path(f"{stem}.history.json"), json.dumps(entry, indent=4).encode())
        Path(f"{stem}.checkpoint.json").write_bytes(checkpoint)

    def history(self, name: StackName) -> list[Path]:
        """Newest first."""
        return sorted(self.history_folder(name).glob("*.history.json"), reverse=True)

    def remove(self, name: StackName) -> None:
        path = self.checkpoint(name)
        path.replace(path.with_name(path.name + ".bak"))
        _empty(self.history_folder(name))

    def rename(self, old: StackName, new: StackName, content: bytes) -> None:
        self.write(new, content)
        self.checkpoint(old).unlink()
        for path in sorted(self.history_folder(old).glob("*")):
            target = self.history_folder(new) / path.name.replace(old.stack, new.stack, 1)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)

    def lock_folder(self, name: StackName) -> Path:
        return self.root / "locks" / "organization" / name.project / name.stack

    def locks(self, name: StackName) -> list[Path]:
        return sorted(self.lock_folder(name).glob("*.json"))

    def cancel(self, name: StackName) -> None:
        for path in self.locks(name):
            path.unlink(missing_ok=True)


def _empty(folder: Path) -> None:
    for path in folder.glob("*"):
        path.unlink(missing_ok=True)
    if folder.is_dir():
        folder.rmdir()


class Lock:
    """Ours after a look before and a look after writing it: of two that start together at most one goes on."""

    def __init__(self, backend: FileBackend, name: StackName) -> None:
        import uuid

        self.backend, self.name = backend, name
        self.path = backend.lock_folder(name) / f"{uuid.uuid4()}.json"

    def __enter__(self) -> "Lock":
        self._refuse_others()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, json.dumps(_holder()).encode())
        try:
            self._refuse_others()
        except StackLocked:
            self.path.unlink(missing_ok=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.path.unlink(missing_ok=True)

    def _refuse_others(self) -> None:
        others = [path for path in self.backend.locks(self.name) if path != self.path]
        if others:
            raise StackLocked(_locked_text(self.backend, others))


def _holder() -> dict[str, object]:
    import getpass
    import socket

    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {"pid": os.getpid(), "username": getpass.getuser(), "hostname": socket.gethostname(), "timestamp": stamp}


def _locked_text(backend: FileBackend, locks: list[Path]) -> str:
    lines = [
        f"the stack is currently locked by {len(locks)} lock(s). Either wait for the other process(es) to end "
        "or delete the lock file with `pulumi cancel`."
    ]
    for path in locks:
        try:
            holder = json.loads(path.read_text())
        except (OSError, ValueError):  # removed or written this very moment
            holder = {}
        lines.append(
            f"  {backend.url}/.pulumi/{path.relative_to(backend.root)}?no_tmp_dir=true: created by "
            f"{holder.get('username', '?')}@{holder.get('hostname', '?')} (pid {holder.get('pid', 0)}) "
            f"at {holder.get('timestamp', '?')}"
        )
    return "\n".join(lines)
