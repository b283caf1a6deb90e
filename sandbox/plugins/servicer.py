"""The provider protocol: every call of the engine, for any table."""

import json
from threading import Event
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2

from sandbox.plugins import objects
from sandbox.plugins.answers import answering, difference, failure, outline
from sandbox.plugins.check import checked, problems_of
from sandbox.plugins.compare import Change, changes
from sandbox.plugins.failures import Invalid
from sandbox.plugins.schema import Function, Kind, Property, Provider, Resource
from sandbox.plugins.values import UNKNOWN, Doc, Secret, Unknown, from_struct, holds, plain, to_struct

if TYPE_CHECKING:
    from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
else:
    from sandbox.plugins.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

_INTERNAL_KEYS = frozenset({"version", "__internal", "pluginDownloadURL"})


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        # by connection: an attached plugin serves several instances
        self._sessions: dict[str, Any] = {}
        self._cancelled: dict[str, Event] = {}

    def Handshake(self, _request: Any, _context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, _request: Any, _context: Any) -> Any:
        return empty_pb2.Empty()

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self._provider.version)

    def Cancel(self, _request: Any, context: Any) -> Any:
        mine = self._cancelled.get(context.peer())
        for event in [mine] if mine else self._cancelled.values():
            event.set()
        return empty_pb2.Empty()

    @answering
    def GetSchema(self, _request: Any, _context: Any) -> Any:
        resources = {resource.token: outline(resource) for resource in self._provider.resources()}
        schema = {"name": self._provider.name, "version": self._provider.version, "resources": resources}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    @answering
    def CheckConfig(self, request: Any, _context: Any) -> Any:
        news = from_struct(request.news)
        doc = self._config(news)
        owner = f"the {self._provider.name} provider"
        failures = [failure(*problem) for problem in problems_of(dict(self._provider.config), doc, owner)]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @answering
    def DiffConfig(self, request: Any, _context: Any) -> Any:
        old, new = self._config(from_struct(request.old_inputs)), self._config(from_struct(request.news))
        found = changes(self._provider.config, old, new)
        replaces = [change.root for change in found if change.root in self._provider.identifying]
        return difference(found, replaces=replaces, delete_first=False)

    @answering
    def Configure(self, request: Any, context: Any) -> Any:
        given = from_struct(request.args)
        if not given:
            given = {key.rsplit(":", 1)[-1]: value for key, value in request.variables.items()}
        doc = self._config(given)
        ready = not holds(Unknown, doc)
        cancelled = self._cancelled[context.peer()] = Event()
        self._sessions[context.peer()] = self._provider.open(plain(doc), cancelled) if ready else None
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @answering
    def Invoke(self, request: Any, context: Any) -> Any:
        function = self._provider.function(request.tok)
        args = from_struct(request.args)
        problems = problems_of(dict(function.inputs), args, function.token)
        if problems:
            return provider_pb2.InvokeResponse(failures=[failure(*problem) for problem in problems])
        return provider_pb2.InvokeResponse(**{"return": to_struct(self._run(function, args, context))})

    @answering
    def Check(self, request: Any, _context: Any) -> Any:
        resource = self._provider.resource(_type(request))
        news, olds = from_struct(request.news), from_struct(request.olds)
        inputs, problems = checked(resource, news, olds, name=_name(request), seed=request.randomSeed)
        return provider_pb2.CheckResponse(
            inputs=to_struct(inputs), failures=[failure(*problem) for problem in problems]
        )

    @answering
    def Diff(self, request: Any, context: Any) -> Any:
        resource = self._provider.resource(_type(request))
        old, new = from_struct(request.old_inputs or request.olds), from_struct(request.news)
        found = [change for change in changes(resource.inputs, old, new) if not _ignored(change, request.ignoreChanges)]
        found += self._planned_changes(resource, from_struct(request.olds), new, found, context)
        replaces = sorted({change.root for change in found if change.replaces})
        same_name = all(plain(old.get(key)) == plain(new.get(key)) for key in resource.natural)
        return difference(found, replaces=replaces, delete_first=bool(replaces and resource.natural and same_name))

    @answering
    def Create(self, request: Any, context: Any) -> Any:
        resource = self._provider.resource(_type(request))
        news = from_struct(request.properties)
        if request.preview:
            outputs = objects.foreseen(resource, news, self._planned(resource, news, context))
            return provider_pb2.CreateResponse(properties=to_struct(outputs))
        id, outputs = objects.create(resource, self._session(context), news, request.timeout)
        return provider_pb2.CreateResponse(id=id, properties=to_struct(outputs))

    @answering
    def Read(self, request: Any, context: Any) -> Any:
        resource = self._provider.resource(_type(request))
        state, prior = from_struct(request.properties), from_struct(request.inputs)
        found = objects.read(resource, self._session(context), request.id, state, prior)
        if found is None:
            return provider_pb2.ReadResponse(id="")
        id, outputs, inputs = found
        return provider_pb2.ReadResponse(id=id, properties=to_struct(outputs), inputs=to_struct(inputs))

    @answering
    def Update(self, request: Any, context: Any) -> Any:
        resource = self._provider.resource(_type(request))
        state, news = from_struct(request.olds), from_struct(request.news)
        if request.preview:
            outputs = objects.foreseen_update(resource, state, news, self._planned(resource, news, context))
        else:
            before = (state, from_struct(request.old_inputs) or state)
            outputs = objects.update(resource, self._session(context), request.id, before, news, request.timeout)
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    @answering
    def Delete(self, request: Any, context: Any) -> Any:
        resource = self._provider.resource(_type(request))
        state = from_struct(request.properties)
        old = from_struct(request.old_inputs) or state
        objects.delete(resource, self._session(context), request.id, state, old, request.timeout)
        return empty_pb2.Empty()

    def _session(self, context: Any) -> Any:
        session = self._sessions.get(context.peer())
        if session is None and len(self._sessions) == 1:
            session = next(iter(self._sessions.values()))  # a connection that was opened again
        if session is None:
            raise Invalid(f"the {self._provider.name} provider is not configured, or with values not known yet")
        return session

    def _config(self, doc: Doc) -> Doc:
        return {
            key: _decoded(self._provider.config.get(key), value)
            for key, value in doc.items()
            if key not in _INTERNAL_KEYS
        }

    def _run(self, function: Function, args: Doc, context: Any) -> Doc:
        if holds(Unknown, args):
            return {}
        return function.run(self._session(context), plain(args))

    def _planned(self, resource: Resource, news: Doc, context: Any) -> Doc:
        session = self._sessions.get(context.peer())
        if self._provider.planned is None or session is None:
            return {}
        return self._provider.planned(session, resource, news)

    def _planned_changes(
        self, resource: Resource, olds: Doc, new: Doc, found: list[Change], context: Any
    ) -> list[Change]:
        """What the configuration alone changes, such as the provider's default tags."""
        roots = {change.root for change in found}
        planned = self._planned(resource, new, context)
        return [
            Change(key, "UPDATE", False)
            for key, value in planned.items()
            if value is not UNKNOWN and key.removesuffix("All") not in roots and plain(olds.get(key) or {}) != value
        ]


def register(servicer: Servicer, server: Any) -> None:
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)


def _type(request: Any) -> str:
    return str(request.type) or str(request.urn).split("::")[2].split("$")[-1]


def _name(request: Any) -> str:
    return str(request.name) or str(request.urn).split("::", 3)[3]


def _ignored(change: Change, ignore: Any) -> bool:
    return any(change.path == path or change.path.startswith((f"{path}.", f"{path}[")) for path in ignore)


def _decoded(prop: Property | None, value: Any) -> Any:
    """Configuration travels as text: lists, numbers and flags are JSON inside it."""
    if isinstance(value, Secret):
        return Secret(_decoded(prop, value.value))
    if prop is None or prop.kind is Kind.TEXT or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
