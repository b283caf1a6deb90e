"""Tags: merged with the provider's default tags, written by each service's own calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.client import Client
from sandbox.plugins.schema import Call
from sandbox.plugins.values import UNKNOWN, Doc, Unknown, holds, plain

Tags = dict[str, str]
Target = Callable[[Call, Doc], Any]


def wanted(call: Call) -> Tags:
    """What the object should carry."""
    return {**call.session.default_tags, **(call.inputs.get("tags") or {})}


def foreseen(account: Account, news: Doc) -> Any:
    given = plain(news.get("tags") or {})
    if isinstance(given, Unknown) or holds(Unknown, given):
        return UNKNOWN
    return {**account.default_tags, **given}


def told(call: Call, actual: Mapping[str, str]) -> Doc:
    """The outputs: all tags, and those that are the program's own."""
    everything = {key: value for key, value in actual.items() if not key.startswith("aws:")}
    defaults, given = call.session.default_tags, call.known("tags") or {}
    own = {key: value for key, value in everything.items() if key in given or defaults.get(key) != value}
    return {"tagsAll": everything, "tags": own or None}


def as_map(tags: Tags) -> Any:
    return tags


def as_list(tags: Tags) -> Any:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def arn(call: Call, outputs: Doc) -> Any:
    return outputs.get("arn") or call.state.get("arn") or call.id


def identity(call: Call, outputs: Doc) -> Any:
    del outputs
    return call.id


@dataclass(frozen=True)
class Tagging:
    """How one service names its three calls and their parameters."""

    listing: str = "list_tags_for_resource"
    add: str = "tag_resource"
    remove: str = "untag_resource"
    target: str = "ResourceArn"  # the parameter that names the object
    of: Target = arn
    tags: str = "Tags"
    keys: str = "TagKeys"
    answer: str = "Tags"
    shape: Callable[[Tags], Any] = as_list
    removal: Callable[[list[str]], Any] = lambda keys: keys
    more: Callable[[Call], Doc] = lambda call: {}  # noqa: ARG005

    def new(self, call: Call) -> Doc:
        """The parameter of a create call; empty when there is nothing to say."""
        tags = wanted(call)
        return {self.tags: self.shape(tags)} if tags else {}

    def read(self, client: Client, call: Call, outputs: Doc) -> Tags:
        if not self.listing:
            return _mapped(outputs.pop("tags", None) or {})
        answer = getattr(client, self.listing)(**{self.target: self.of(call, outputs), **self.more(call)})
        for step in self.answer.split("."):
            answer = answer.get(step) or {}
        return _mapped(answer)

    def sync(self, client: Client, call: Call) -> None:
        before, after = call.state.get("tagsAll") or {}, wanted(call)
        where = {self.target: self.of(call, call.state), **self.more(call)}
        gone = [key for key in before if key not in after]
        new = {key: value for key, value in after.items() if before.get(key) != value}
        if gone:
            getattr(client, self.remove)(**where, **{self.keys: self.removal(gone)})
        if new:
            getattr(client, self.add)(**where, **{self.tags: self.shape(new)})


def _mapped(answer: Any) -> Tags:
    if isinstance(answer, Mapping):
        return {str(key): str(value) for key, value in answer.items()}
    return {str(_either(tag, "Key")): str(_either(tag, "Value")) for tag in answer}


def _either(tag: Mapping[str, Any], name: str) -> Any:
    for spelling in (name, name.lower(), f"Tag{name}"):
        if spelling in tag:
            return tag[spelling]
    return ""
