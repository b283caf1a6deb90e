"""The providers of a deployment: registered by the program, made by default, or taken from the state."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable

from ..properties import INTERNAL, Properties, secret
from ..state.resource import Resource
from ..urns import provider_package, split_reference, type_of
from .answers import ProviderError
from .builtin import BuiltinProvider
from .plugins import PluginHost
from .provider import Provider

DefaultMaker = Callable[[str, str, str], Awaitable[Resource]]


class Providers:
    def __init__(self, host: PluginHost, known: Callable[[], Iterable[Resource]], builtin: BuiltinProvider) -> None:
        self.host, self._known, self._builtin = host, known, builtin
        self._loaded: dict[str, asyncio.Task[Provider]] = {}
        self._defaults: dict[tuple[str, str, str], asyncio.Task[Resource]] = {}

    async def launch(self, kind: str, *, urn: str, version: str) -> Provider:
        """A started plugin that nobody can name yet."""
        plugin = await self.host.start(provider_package(kind), version)
        provider = Provider(plugin, urn=urn)
        await provider.handshake(self.host.engine)
        await provider.information()
        return provider

    def register(self, provider: Provider) -> None:
        done: asyncio.Task[Provider] = asyncio.ensure_future(_value(provider))
        self._loaded[f"{provider.urn}::{provider.id}"] = done

    def loaded(self, reference: str) -> Provider | None:
        """One that works already."""
        task = self._loaded.get(reference)
        return task.result() if task and task.done() and not task.cancelled() and not task.exception() else None

    async def get(self, reference: str) -> Provider | BuiltinProvider:
        """By `URN::ID`; one of the state is started when first needed."""
        if provider_package(type_of(reference.rpartition("::")[0])) == "pulumi":
            return self._builtin
        if reference not in self._loaded:
            self._loaded[reference] = asyncio.create_task(self._from_state(reference))
        return (await asyncio.shield(self._loaded[reference])).ready()

    async def _from_state(self, reference: str) -> Provider:
        urn, identity = split_reference(reference)
        for resource in self._known():
            if resource.urn == urn and resource.id == identity:
                return await self.load(resource)

        raise ProviderError(f"unknown provider '{reference}'")

    async def load(self, resource: Resource) -> Provider:
        version = str(resource.inputs.get("version", ""))
        provider = await self.launch(resource.type, urn=resource.urn, version=version)
        provider.id = resource.id
        await provider.configure(resource.inputs)
        return provider

    async def default(self, package: str, version: str, url: str, make: DefaultMaker) -> Resource:
        """One per package and version, made by the first who needs it."""
        key = (package, version, url)
        if key not in self._defaults:
            self._defaults[key] = asyncio.ensure_future(make(package, version, url))
        return await asyncio.shield(self._defaults[key])


async def _value(provider: Provider) -> Provider:
    return provider


def default_inputs(package: str, version: str, url: str, config: dict[str, str], secret_keys: list[str]) -> Properties:
    """From the configuration of the package: `cloudflare:apiToken` and so on."""
    prefix = f"{package}:"
    found = {
        key: secret(value) if key in secret_keys else value for key, value in config.items() if key.startswith(prefix)
    }
    inputs: Properties = {key[len(prefix) :]: value for key, value in found.items()}
    if version:
        inputs["version"] = version
    internal: Properties = {"pluginDownloadURL": url} if url else {}
    return {INTERNAL: internal, **inputs}


def default_name(version: str) -> str:
    return "default" + (f"_{version.replace('.', '_')}" if version else "")


def disabled(config: dict[str, str], package: str) -> bool:
    text = config.get("pulumi:disable-default-providers", "")
    if not text:
        return False
    found = json.loads(text)
    return "*" in found or package in found
