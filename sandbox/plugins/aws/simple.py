"""Resource types whose four calls are named alike and carry one document."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.schema import Call, Property, Resource
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import Case, camel, decode, encode


def simple(
    token: str,
    service: str,
    noun: str,
    fields: Mapping[str, Property],
    *,
    key: str,
    created: str = "",
    answer: str = "",
    case: Case = camel,
    outputs: Mapping[str, str] | None = None,
    tagging: Tagging | None = None,
    fixed: bool = False,
    settled: Callable[[Client, Call], None] | None = None,
    **more: Any,
) -> Resource:
    """`create_NOUN` answers the document `answer` with the id at `created`; the other calls take it as `key`.

    `outputs` names further outputs, and where the answer has them.
    """

    def create(client: Client, call: Call) -> None:
        tags = tagging.new(call) if tagging else {}
        found = getattr(client, f"create_{noun}")(**encode(fields, call.inputs, case), **tags)
        call.id = (found[answer] if answer else found)[created or key]
        if settled:
            settled(client, call)

    def read(client: Client, call: Call) -> Doc:
        found = getattr(client, f"get_{noun}")(**{key: call.id})
        doc = found[answer] if answer else found
        extra = {name: doc.get(wire) for name, wire in (outputs or {}).items()}
        return {**decode(fields, doc, case), **extra, **({"tags": doc.get("tags")} if tagging else {})}

    def update(client: Client, call: Call) -> None:
        changeable = {name: prop for name, prop in fields.items() if not prop.replaces}
        if call.differs(*changeable):
            getattr(client, f"update_{noun}")(**{key: call.id}, **encode(changeable, call.inputs, case))

    def delete(client: Client, call: Call) -> None:
        getattr(client, f"delete_{noun}")(**{key: call.id})

    return aws(
        token,
        service,
        fields,
        outputs=tuple(outputs or ()),
        tagging=tagging,
        create=create,
        read=read,
        update=None if fixed else update,
        delete=delete,
        **more,
    )
