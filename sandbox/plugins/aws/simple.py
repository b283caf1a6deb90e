"""Resource types whose four calls are named alike and carry one document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.schema import Call, Property, Resource
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import camel, decode, encode


@dataclass(frozen=True, kw_only=True)
class Simple:
    """`create_NOUN` answers a document with the id at `created`; the other calls take the id as `key`."""

    noun: str
    fields: Mapping[str, Property]
    key: str
    created: str
    tagging: Tagging
    answer: str = ""  # where the answer holds the document; empty: it is the document
    outputs: Mapping[str, str] = field(default_factory=dict)  # further outputs, and where the document has them
    settled: Callable[[Client, Call], None] | None = None

    def create(self, client: Client, call: Call) -> None:
        wanted = encode(self.fields, call.inputs, camel)
        answer = getattr(client, f"create_{self.noun}")(**wanted, **self.tagging.new(call))
        call.id = self._document(answer)[self.created]
        if self.settled:
            self.settled(client, call)

    def read(self, client: Client, call: Call) -> Doc:
        document = self._document(getattr(client, f"get_{self.noun}")(**{self.key: call.id}))
        extra = {name: document.get(wire) for name, wire in self.outputs.items()}
        return {**decode(self.fields, document, camel), **extra, "tags": document.get("tags")}

    def update(self, client: Client, call: Call) -> None:
        changeable = {name: prop for name, prop in self.fields.items() if not prop.replaces}
        if call.differs(*changeable):
            wanted = encode(changeable, call.inputs, camel)
            getattr(client, f"update_{self.noun}")(**{self.key: call.id}, **wanted)

    def delete(self, client: Client, call: Call) -> None:
        getattr(client, f"delete_{self.noun}")(**{self.key: call.id})

    def _document(self, answer: Doc) -> Doc:
        return answer[self.answer] if self.answer else answer


def simple(token: str, service: str, life: Simple, *, fixed: bool = False) -> Resource:
    """`fixed` where nothing but the tags can change."""
    return aws(
        token,
        service,
        life.fields,
        outputs=tuple(life.outputs),
        tagging=life.tagging,
        create=life.create,
        read=life.read,
        update=None if fixed else life.update,
        delete=life.delete,
    )
