"""One configured provider: the calls of the provider protocol with plain values."""

import os
from collections.abc import Iterable
from typing import Any

from ..properties import INTERNAL, Properties, has_unknown, references_to_ids, reveal, spread_secrets
from ..rpc.messages import empty_pb2, grpc, provider_pb2
from ..rpc.plugin import Plugin
from ..rpc.wire import to_properties, to_struct
from ..state.resource import Resource
from ..urns import name_of, package_of, type_of
from .answers import (
    Difference,
    InitFailed,
    Observed,
    ProviderError,
    difference,
    plain_config,
    raise_failures,
    translate,
    variable_text,
)


class Provider:
    def __init__(self, plugin: Plugin, *, urn: str) -> None:
        self.plugin, self.urn, self.id = plugin, urn, ""
        self.accepts_secrets = self.accepts_references = False
        self.supports_preview = True
        self.configured = True  # False when a preview does not know the configuration yet
        self.failure: ProviderError | None = None  # of Configure; raised by the first use
        self.inputs: Properties = {}

    async def _call(self, method: str, request: Any, *, timeout: float | None = None) -> Any:
        try:
            return await getattr(self.plugin.stub, method)(request, timeout=timeout)
        except grpc.aio.AioRpcError as error:
            raise translate(error, self.plugin) from error

    @property
    def can_preview(self) -> bool:
        return self.configured and self.supports_preview

    def ready(self) -> "Provider":
        if self.failure is not None:
            raise self.failure
        return self

    async def handshake(self, engine: str) -> None:
        folder = os.path.dirname(self.plugin.path)
        request = provider_pb2.ProviderHandshakeRequest(
            engine_address=engine,
            root_directory=folder,
            program_directory=folder,
            configure_with_urn=True,
            supports_views=False,
            supports_refresh_before_update=False,
            invoke_with_preview=True,
        )
        try:
            answer = await self._call("Handshake", request)
            self.accepts_secrets, self.accepts_references = answer.accept_secrets, answer.accept_resources
        except ProviderError as error:
            if not error.unimplemented:
                raise

    async def information(self) -> None:
        try:
            await self._call("GetPluginInfo", empty_pb2.Empty())
        except ProviderError as error:
            if not error.unimplemented:
                raise

    def _send(self, properties: Properties) -> Any:
        if not self.accepts_references:
            properties = references_to_ids(properties)
        return to_struct(properties if self.accepts_secrets else reveal(properties))

    def _receive(self, struct: Any, inputs: Properties) -> Properties:
        properties = to_properties(struct)
        return properties if self.accepts_secrets else spread_secrets(inputs, properties)

    # --- configuration --------------------------------------------------------------------------------------------

    async def check_config(self, urn: str, olds: Properties, news: Properties) -> Properties:
        plain = plain_config(news)
        request = provider_pb2.CheckRequest(
            urn=urn, name=name_of(urn), type=type_of(urn), olds=to_struct(plain_config(olds)), news=to_struct(plain)
        )
        try:
            answer = await self._call("CheckConfig", request)
        except ProviderError as error:
            if error.unimplemented:
                return news
            raise
        raise_failures(answer.failures, plain, type_of(urn), name_of(urn))
        checked = spread_secrets(news, to_properties(answer.inputs))
        return {INTERNAL: {}, **checked}

    async def diff_config(self, urn: str, old: Properties, new: Properties, ignore: Iterable[str]) -> Difference:
        olds = to_struct(plain_config(old))
        request = provider_pb2.DiffRequest(
            urn=urn,
            name=name_of(urn),
            type=type_of(urn),
            olds=olds,
            old_inputs=olds,
            news=to_struct(plain_config(new)),
            ignoreChanges=list(ignore),
        )
        try:
            found = difference(await self._call("DiffConfig", request))
        except ProviderError as error:
            if not error.unimplemented:
                raise
            found = Difference(changed=False, unknown=True)
        changed = plain_config(old) != plain_config(new) if found.unknown else found.changed
        return Difference(changed, found.replaces, found.diffs, found.detailed, found.delete_before_replace)

    async def configure(self, inputs: Properties) -> None:
        self.inputs = inputs
        if has_unknown(inputs):
            self.configured = False
            return
        package = package_of(type_of(self.urn).removeprefix("pulumi:providers:"))
        args = {key: value for key, value in inputs.items() if key != INTERNAL}
        plain = reveal(args)
        request = provider_pb2.ConfigureRequest(
            variables={
                f"{package}:config:{key}": variable_text(value) for key, value in plain.items() if key != "version"
            },
            args=self._send(args),
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
            id=self.id,
            urn=self.urn,
            name=name_of(self.urn),
            type=type_of(self.urn),
        )
        try:
            answer = await self._call("Configure", request)
        except ProviderError as error:
            self.failure = error
            return
        self.accepts_secrets = self.accepts_secrets or answer.acceptSecrets
        self.accepts_references = self.accepts_references or answer.acceptResources
        self.supports_preview = answer.supportsPreview

    # --- resources ------------------------------------------------------------------------------------------------

    async def check(self, urn: str, olds: Properties, news: Properties, seed: bytes) -> Properties:
        if not self.configured:
            return news
        request = provider_pb2.CheckRequest(
            urn=urn, name=name_of(urn), type=type_of(urn), olds=self._send(olds), news=self._send(news), randomSeed=seed
        )
        answer = await self._call("Check", request)
        raise_failures(answer.failures, news, type_of(urn), name_of(urn))
        return self._receive(answer.inputs, news)

    async def diff(
        self,
        *,
        urn: str,
        identity: str,
        old_outputs: Properties,
        old_inputs: Properties,
        news: Properties,
        ignore: Iterable[str],
    ) -> Difference:
        if not self.configured:
            return Difference(changed=True, unknown=True)
        request = provider_pb2.DiffRequest(
            id=identity,
            urn=urn,
            name=name_of(urn),
            type=type_of(urn),
            olds=self._send(old_outputs),
            old_inputs=self._send(old_inputs),
            news=self._send(news),
            ignoreChanges=list(ignore),
        )
        try:
            found = difference(await self._call("Diff", request))
        except ProviderError as error:
            if not error.unimplemented:
                raise
            found = Difference(changed=False, unknown=True)
        if not found.unknown:
            return found
        names = [key for key in sorted({*old_inputs, *news}) if old_inputs.get(key) != news.get(key)]
        return Difference(bool(names), found.replaces, names, found.detailed, found.delete_before_replace)

    async def create(self, resource: Resource, *, preview: bool) -> tuple[str, Properties]:
        request = provider_pb2.CreateRequest(
            urn=resource.urn,
            name=resource.name,
            type=resource.type,
            properties=self._send(resource.inputs),
            timeout=resource.custom_timeouts.get("create", 0),
            preview=preview,
        )
        answer = await self._call("Create", request)
        if not answer.id and not preview:
            raise ProviderError(f"provider for {resource.type} returned no id from create")
        return answer.id, self._receive(answer.properties, resource.inputs)

    async def update(self, old: Resource, new: Resource, *, preview: bool) -> Properties:
        request = provider_pb2.UpdateRequest(
            id=old.id,
            urn=new.urn,
            name=new.name,
            type=new.type,
            olds=self._send(old.outputs),
            news=self._send(new.inputs),
            old_inputs=self._send(old.inputs),
            ignoreChanges=new.ignore_changes,
            preview=preview,
            timeout=new.custom_timeouts.get("update", 0),
        )
        answer = await self._call("Update", request)
        return self._receive(answer.properties, new.inputs)

    async def delete(self, old: Resource) -> None:
        request = provider_pb2.DeleteRequest(
            id=old.id,
            urn=old.urn,
            name=old.name,
            type=old.type,
            properties=self._send(old.outputs),
            old_inputs=self._send(old.inputs),
            timeout=old.custom_timeouts.get("delete", 0),
        )
        await self._call("Delete", request)

    async def read(
        self, *, urn: str, identity: str, properties: Properties | None, inputs: Properties | None, timeout: float = 0
    ) -> Observed:
        request = provider_pb2.ReadRequest(id=identity, urn=urn, name=name_of(urn), type=type_of(urn), timeout=timeout)
        if properties is not None:
            request.properties.CopyFrom(self._send(properties))
        if inputs is not None:
            request.inputs.CopyFrom(self._send(inputs))
        known = inputs or {}
        try:
            answer = await self._call("Read", request)
        except InitFailed as failed:
            return Observed(failed.id, failed.properties, failed.inputs, failed.reasons)
        found = self._receive(answer.inputs, known) if answer.HasField("inputs") else None
        return Observed(answer.id, self._receive(answer.properties, known), found, [])

    async def invoke(self, token: str, args: Properties, *, preview: bool) -> Any:
        return await self._call(
            "Invoke", provider_pb2.InvokeRequest(tok=token, args=to_struct(reveal(args)), preview=preview)
        )
