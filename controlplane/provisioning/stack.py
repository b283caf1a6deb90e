"""A program with the values of one tenant or environment, and the job that a child process gets for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controlplane.settings import Pulumi as PulumiSettings
from controlplane.vendors.pulumi_job import Job


@dataclass(frozen=True)
class Stack:
    program: str
    release: str
    project: str
    name: str
    spec: dict[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def job(settings: PulumiSettings, stack: Stack, action: str, *, operation_id: str, folder: str, **more: Any) -> Job:
    passphrase = settings.passphrase.get_secret_value()
    return Job(
        operation_id=operation_id,
        action=action,
        program=stack.program,
        release=stack.release,
        project=stack.project,
        stack=stack.name,
        spec=stack.spec,
        root=str(settings.root or ""),
        home=str(settings.home or ""),
        backend_url=settings.backend_url,
        work_dir=str(Path(settings.work_folder or "/tmp") / folder),  # noqa: S108
        parallel=settings.parallel,
        deadline=settings.deadline_seconds,
        secrets_provider=settings.secrets_provider,
        environment={**stack.environment, "PULUMI_CONFIG_PASSPHRASE": passphrase},
        secrets=dict(stack.secrets),
        **more,
    )
