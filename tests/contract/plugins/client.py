"""The engine's side of the provider protocol, as small as the tests need it."""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2

from sandbox.plugins.proto import provider_pb2, provider_pb2_grpc
from sandbox.plugins.providers import provider
from sandbox.plugins.schema import Resource
from sandbox.plugins.values import SECRET, SIGNATURE, from_struct, to_struct

ROOT = Path(__file__).parents[3]
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
Doc = dict[str, Any]


def secret(value: Any) -> Doc:
    return {SIGNATURE: SECRET, "value": value}


def struct(doc: Doc) -> struct_pb2.Struct:
    return json_format.ParseDict(doc, struct_pb2.Struct())


def doc(message: struct_pb2.Struct) -> Doc:
    return from_struct(message)


def process(name: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sandbox.plugins", name, "127.0.0.1:1"]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


@dataclass
class Object:
    """One resource as the engine remembers it."""

    type: str
    name: str
    id: str = ""
    inputs: Doc = field(default_factory=dict)
    outputs: Doc = field(default_factory=dict)

    @property
    def urn(self) -> str:
        return f"urn:pulumi:dev::proj::{self.type}::{self.name}"

    @property
    def plain(self) -> Doc:
        """The outputs as the program would see them."""
        return from_struct(struct(self.outputs))


class CheckRefused(Exception):
    def __init__(self, failures: dict[str, str]) -> None:
        super().__init__(str(failures))
        self.failures = failures


class Plugin:
    def __init__(self, name: str, config: Doc, env: dict[str, str] | None = None) -> None:
        self.name = name
        self.process = process(name, env)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(self._channel)
        try:
            self.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
            self.configure(config)
        except grpc.RpcError:
            self.close()
            raise

    def configure(self, config: Doc) -> None:
        self.stub.Configure(provider_pb2.ConfigureRequest(args=struct(config), acceptSecrets=True))

    def close(self) -> None:
        self._channel.close()
        self.process.terminate()
        self.process.communicate()

    def check(self, object: Object, news: Doc, seed: bytes = b"\x01" * 32) -> Doc:
        answer = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=object.urn,
                type=object.type,
                name=object.name,
                olds=struct(object.inputs),
                news=struct(news),
                randomSeed=seed,
            )
        )
        if answer.failures:
            raise CheckRefused({failure.property: failure.reason for failure in answer.failures})
        return json_format.MessageToDict(answer.inputs)

    def preview(self, type: str, news: Doc) -> Doc:
        object = Object(type, "preview")
        inputs = self.check(object, news)
        answer = self.stub.Create(
            provider_pb2.CreateRequest(
                urn=object.urn, type=type, name="preview", properties=struct(inputs), preview=True
            )
        )
        assert answer.id == ""
        return doc(answer.properties)

    def create(self, type: str, news: Doc, name: str = "it") -> Object:
        object = Object(type, name)
        object.inputs = self.check(object, news)
        answer = self.stub.Create(
            provider_pb2.CreateRequest(urn=object.urn, type=type, name=name, properties=struct(object.inputs))
        )
        assert answer.id
        object.id, object.outputs = answer.id, json_format.MessageToDict(answer.properties)
        return object

    def diff(self, object: Object, news: Doc, ignore: tuple[str, ...] = ()) -> Any:
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                id=object.id,
                urn=object.urn,
                type=object.type,
                name=object.name,
                olds=struct(object.outputs),
                old_inputs=struct(object.inputs),
                news=struct(self.check(object, news)),
                ignoreChanges=ignore,
            )
        )

    def changed(self, object: Object, news: Doc) -> list[str]:
        return sorted(self.diff(object, news).detailedDiff)

    def update(self, object: Object, news: Doc, preview: bool = False) -> Object:
        inputs = self.check(object, news)
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                id=object.id,
                urn=object.urn,
                type=object.type,
                name=object.name,
                olds=struct(object.outputs),
                old_inputs=struct(object.inputs),
                news=struct(inputs),
                preview=preview,
            )
        )
        outputs = json_format.MessageToDict(answer.properties)
        return Object(object.type, object.name, object.id, inputs, outputs)

    def read(self, object: Object) -> Object | None:
        answer = self.stub.Read(
            provider_pb2.ReadRequest(
                id=object.id,
                urn=object.urn,
                type=object.type,
                name=object.name,
                properties=struct(object.outputs),
                inputs=struct(object.inputs),
            )
        )
        if not answer.id:
            return None
        inputs, outputs = json_format.MessageToDict(answer.inputs), json_format.MessageToDict(answer.properties)
        return Object(object.type, object.name, answer.id, inputs, outputs)

    def drift(self, object: Object) -> list[str]:
        """A refresh: the read object is the old side, the remembered inputs are the new one."""
        found = self.read(object)
        assert found is not None, f"{object.type} {object.id} is gone"
        answer = self.stub.Diff(
            provider_pb2.DiffRequest(
                id=found.id,
                urn=object.urn,
                type=object.type,
                name=object.name,
                olds=struct(found.outputs),
                old_inputs=struct(found.inputs),
                news=struct(object.inputs),
            )
        )
        return sorted(answer.detailedDiff)

    def imported(self, type: str, id: str) -> Object | None:
        return self.read(Object(type, "imported", id))

    def delete(self, object: Object) -> None:
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                id=object.id,
                urn=object.urn,
                type=object.type,
                name=object.name,
                properties=struct(object.outputs),
                old_inputs=struct(object.inputs),
            )
        )

    def invoke(self, token: str, args: Doc) -> Doc:
        answer = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=to_struct(args)))
        if answer.failures:
            raise CheckRefused({failure.property: failure.reason for failure in answer.failures})
        return doc(getattr(answer, "return"))


def import_id(resource: Resource, object: Object) -> str:
    def value(word: re.Match[str]) -> str:
        return object.id if word.group(0) == "id" else str(object.plain[word.group(0)])

    return re.sub("[a-zA-Z]+", value, re.sub("[?+]", "", resource.imports))


def adopted(plugin: Plugin, object: Object, wanted: Doc) -> list[str]:
    """What would differ if the object were imported into a program that wants it like this."""
    found = plugin.imported(
        object.type, import_id(provider(plugin.name).resource(object.type), object) + region(object)
    )
    assert found is not None
    assert found.id == object.id
    return plugin.changed(found, wanted)


def region(object: Object) -> str:
    return f"@{object.inputs['region']}" if "region" in object.inputs else ""


def lifecycle(
    plugin: Plugin,
    type: str,
    first: Doc,
    second: Doc | None,
    *,
    stays: bool = False,
    unreadable: frozenset[str] = frozenset(),
) -> Object:
    """Everything the engine does to one object: preview, create, no change, refresh, update, delete, gone."""
    plugin.preview(type, first)
    object = plugin.create(type, first)
    assert plugin.changed(object, first) == [], plugin.changed(object, first)
    assert plugin.drift(object) == [], plugin.drift(object)
    read = plugin.read(object)
    assert read is not None
    assert read.id == object.id
    assert set(adopted(plugin, object, first)) <= unreadable
    if second is not None:
        assert plugin.changed(object, second) != []
        assert not plugin.diff(object, second).replaces
        plugin.update(object, second, preview=True)
        assert plugin.drift(object) == [], "a preview must not touch anything"
        object = plugin.update(object, second)
        assert plugin.changed(object, second) == []
        assert plugin.drift(object) == [], plugin.drift(object)
    plugin.delete(object)
    assert stays or plugin.read(object) is None
    plugin.delete(object)
    return object
