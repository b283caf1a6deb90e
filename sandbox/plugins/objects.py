"""The life of one object: a table entry carried out, with the outputs and inputs the engine stores."""

import re
from typing import Any

from sandbox.plugins.compare import adopt
from sandbox.plugins.failures import Failure, Invalid, Missing
from sandbox.plugins.schema import Call, Resource, complete
from sandbox.plugins.values import UNKNOWN, Doc, Secret, plain, rewrap

_REGION = re.compile(r"(.+)@([a-z]{2}(?:-[a-z]+)+-\d)")
# marks outputs of an object whose creation stopped half-way: the next update has to set everything
_UNFINISHED = "__unfinished"


class Unfinished(Exception):
    """The object exists but did not become what was asked for."""

    def __init__(self, id: str, outputs: Doc, inputs: Doc, reason: str) -> None:
        super().__init__(reason)
        self.id, self.outputs, self.inputs, self.reason = id, outputs, inputs, reason


def foreseen(resource: Resource, news: Doc, planned: Doc) -> Doc:
    """The outputs of a create that has not happened."""
    unknown: Doc = dict.fromkeys(resource.outputs, UNKNOWN)
    unknown |= {key: UNKNOWN for key, prop in resource.inputs.items() if prop.computed}
    return _sealed(resource, {**unknown, **complete(resource.inputs, news), **planned}, news)


def foreseen_update(resource: Resource, state: Doc, news: Doc, planned: Doc) -> Doc:
    gone = [key for key, prop in resource.inputs.items() if key not in news and not prop.computed]
    kept = {key: value for key, value in state.items() if key not in gone}
    volatile: Doc = dict.fromkeys(resource.volatile, UNKNOWN)
    return _sealed(resource, {**kept, **complete(resource.inputs, news), **volatile, **planned}, news)


def create(resource: Resource, session: Any, news: Doc, timeout: float) -> tuple[str, Doc]:
    call = Call(resource, session, inputs=complete(resource.inputs, plain(news)), timeout=timeout)
    try:
        result = resource.create(call)
    except Failure as failure:
        if call.id:
            outputs = {**_naming(resource, call.inputs), _UNFINISHED: True}
            raise Unfinished(call.id, outputs, news, str(failure)) from failure
        raise
    if not call.id and resource.identity:
        call.id = resource.identity({**call.inputs, **result})
    return call.id, _sealed(resource, {**call.inputs, **result}, news)


def update(resource: Resource, session: Any, id: str, before: tuple[Doc, Doc], news: Doc, timeout: float) -> Doc:
    """`before` holds the outputs and the inputs that the engine remembers."""
    state, old = plain(before[0]), complete(resource.inputs, plain(before[1]))
    new = complete(resource.inputs, plain(news))
    if resource.update is None:
        raise Invalid(f"{resource.token} cannot be updated in place")
    if state.get(_UNFINISHED):
        state = resource.read(Call(resource, session, id, inputs=old, state={})) or {}
        old = complete(resource.inputs, adopt(resource.inputs, {}, state, importing=True))
    call = Call(resource, session, id, inputs=new, old=old, state=state, timeout=timeout)
    result = resource.update(call)
    kept = {key: state[key] for key in (*resource.outputs, *_computed(resource)) if key in state}
    return _sealed(resource, {**kept, **new, **result}, news)


def read(resource: Resource, session: Any, id: str, state: Doc, prior: Doc) -> tuple[str, Doc, Doc] | None:
    """The id, outputs and inputs of an object as it is now; None when it is gone."""
    known = plain(state)
    if not known:
        id, region = _located(resource, id)
        known = {**parsed_import(resource.imports, id), **region}
        id = known.pop("id", id)
    call = Call(resource, session, id, inputs=complete(resource.inputs, plain(prior) or known), state=known)
    try:
        found = resource.read(call)
    except Missing:
        found = None
    if found is None:
        return None
    outputs = {**found, **_local(resource, call)}
    if resource.identity:
        id = resource.identity(outputs)
    inputs = adopt(resource.inputs, prior, outputs, importing=not prior)
    return id, rewrap(_sealed(resource, outputs, prior), state), rewrap(inputs, prior)


def delete(resource: Resource, session: Any, id: str, state: Doc, old: Doc, timeout: float) -> None:
    inputs = complete(resource.inputs, plain(old))
    try:
        resource.delete(Call(resource, session, id, inputs=inputs, old=inputs, state=plain(state), timeout=timeout))
    except Missing:
        return


def _located(resource: Resource, id: str) -> tuple[str, Doc]:
    """An import id may end in `@REGION`."""
    match = _REGION.fullmatch(id) if "region" in resource.inputs else None
    return (match.group(1), {"region": match.group(2)}) if match else (id, {})


def parsed_import(template: str, id: str) -> Doc:
    """`accountId/name/jurisdiction?` read from `acc/bucket/eu`; a lone `id` takes everything.

    `+` marks the part that may hold separators; without it that is the last one.
    """
    words = re.split(r"([/:,_|])", template)
    greedy = "+" in template
    pattern = "".join(_group(words, at, greedy) for at in range(0, len(words), 2))
    match = re.fullmatch(pattern, id)
    if match is None:
        raise Invalid(f"the import id '{id}' does not look like '{re.sub('[?+]', '', template)}'")
    return {key: value for key, value in match.groupdict().items() if value is not None}


def _group(words: list[str], at: int, greedy: bool) -> str:
    name, optional = words[at].rstrip("?+"), words[at].endswith("?")
    separator = re.escape(words[at - 1]) if at else ""
    last = at + 1 == len(words)
    takes_all = words[at].endswith("+") or (last and not greedy)
    body = f"(?P<{name}>.+)" if takes_all else f"(?P<{name}>[^{words[at - 1 if last else at + 1]}]+)"
    return f"(?:{separator}{body})?" if optional else separator + body


def _naming(resource: Resource, inputs: Doc) -> Doc:
    kept = {key for key, prop in resource.inputs.items() if prop.replaces} | set(resource.natural)
    return {key: value for key, value in inputs.items() if key in kept}


def _computed(resource: Resource) -> list[str]:
    return [key for key, prop in resource.inputs.items() if prop.computed]


def _local(resource: Resource, call: Call) -> Doc:
    return {key: call.known(key) for key, prop in resource.inputs.items() if prop.local}


def _sealed(resource: Resource, outputs: Doc, like: Doc) -> Doc:
    present = {key: value for key, value in outputs.items() if value is not None}
    marked = {key: rewrap(value, like.get(key)) for key, value in present.items()}
    for key in resource.secret:
        if key in marked and not isinstance(marked[key], Secret):
            marked[key] = Secret(marked[key])
    return marked
