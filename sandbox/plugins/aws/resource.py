"""What every AWS resource has: a region, tags, and outputs that are read back after each change."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.plugins.aws import tags
from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.failures import Exists, Missing
from sandbox.plugins.schema import Call, Property, Resource, mapping, text
from sandbox.plugins.values import Doc

Step = Callable[[Client, Call], Any]
Look = Callable[[Client, Call], Doc | None]


def aws(
    token: str,
    service: str,
    inputs: Mapping[str, Property],
    *,
    create: Step,
    read: Look,
    delete: Step,
    update: Step | None = None,
    tagging: Tagging | None = None,
    region: str = "",  # set for a service that lives in one region only
    outputs: tuple[str, ...] = (),
    **more: Any,
) -> Resource:
    """A table entry from functions that get a client for the right region.

    `create` sets the id as soon as the object exists. `read` may leave `tags` for a `tagging` without a list call.
    """
    life = _Life(service, region, tagging, create=create, read=read, update=update, delete=delete)
    fields = dict(inputs)
    if not region:
        fields["region"] = text(computed=True, replaces=True)
    if tagging:
        fields["tags"] = mapping(text())
        outputs = (*outputs, "tagsAll")
    return Resource(
        token=f"aws:{token}",
        inputs=fields,
        outputs=outputs,
        create=life.create,
        read=life.read,
        update=life.update if update or tagging else None,
        delete=life.delete,
        **more,
    )


class _Life:
    def __init__(
        self,
        service: str,
        region: str,
        tagging: Tagging | None,
        *,
        create: Step,
        read: Look,
        update: Step | None,
        delete: Step,
    ) -> None:
        self._service, self._region, self._tagging = service, region, tagging
        self._create, self._read, self._update, self._delete = create, read, update, delete

    def create(self, call: Call) -> Doc:
        client = self._client(call)
        try:
            self._create(client, call)
        except Exists as taken:
            identity = call.resource.identity
            if call.id or identity is None or not taken.perhaps_ours:
                raise
            call.id = identity(call.inputs)
        if not call.id and call.resource.identity:
            call.id = call.resource.identity(call.inputs)
        return self._outputs(client, call)

    def read(self, call: Call) -> Doc | None:
        return self._found(self._client(call), call)

    def update(self, call: Call) -> Doc:
        client = self._client(call)
        if self._update:
            self._update(client, call)
        if self._tagging:
            self._tagging.sync(client, call)
        return self._outputs(client, replace(call, state={**call.state, "tags": call.inputs.get("tags")}))

    def delete(self, call: Call) -> None:
        self._delete(self._client(call), call)

    def _client(self, call: Call) -> Client:
        region = self._region or call.known("region") or call.session.region
        client: Client = call.session.client(self._service, region)
        return client

    def _outputs(self, client: Client, call: Call) -> Doc:
        """An object that was just written and cannot be seen yet is not gone."""
        found: list[Doc] = []

        def seen() -> bool:
            answer = self._found_or_missing(client, call)
            if answer is not None:
                found.append(answer)
            return bool(found)

        client.until(seen, f"{call.resource.token} {call.id} to appear", seconds=20)
        return found[0]

    def _found_or_missing(self, client: Client, call: Call) -> Doc | None:
        try:
            return self._found(client, call)
        except Missing:
            return None

    def _found(self, client: Client, call: Call) -> Doc | None:
        outputs = self._read(client, call)
        if outputs is None:
            return None
        if not self._region:
            outputs["region"] = client.region
        if self._tagging:
            outputs |= tags.told(call, self._tagging.read(client, call, outputs))
        return outputs


def given(call: Call, **names: str) -> Doc:
    """Parameters for a call: each named after a vendor's parameter, valued by an input that is there."""
    return {parameter: call.inputs[key] for parameter, key in names.items() if call.inputs.get(key) is not None}
