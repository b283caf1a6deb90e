"""AppSync Events: tags that change, and keys that are prolonged."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import Answer, AwsError
from sandbox.aws.services.shelf import chosen
from sandbox.kit.store import Doc

HOUR = 3600


def _find(cloud: Cloud, call: Call, store: str, id: str) -> Doc | None:
    kept: Any = getattr(cloud.backend.module("appsync_events"), store)
    found: Doc | None = kept.get_scoped(call.account, call.region, id)
    return found


def _tagged(cloud: Cloud, call: Call) -> Doc | None:
    """The event API or the namespace that an ARN names: `…:apis/ID[/channelNamespace/NAME]`."""
    path = call.text("resourceArn").rpartition(":apis/")[2]
    id, _, namespace = path.partition("/channelNamespace/")
    if namespace:
        return (_find(cloud, call, "_channel_namespaces", id) or {}).get(namespace)
    return _find(cloud, call, "_apis", id)


@serves("appsync:TagResource", "appsync:UntagResource", "appsync:ListTagsForResource")
async def tags(cloud: Cloud, call: Call) -> Answer | dict[str, Any]:
    found = _tagged(cloud, call)
    if found is None:  # a GraphQL API, which the backend knows
        return await cloud.backend.forward(call)
    present = found.get("tags") or {}
    if call.operation == "ListTagsForResource":
        return {"tags": present}
    gone = call.values("tagKeys") if call.operation == "UntagResource" else []
    added = call.params.get("tags") or {} if call.operation == "TagResource" else {}
    found["tags"] = {name: value for name, value in {**present, **added}.items() if name not in gone}
    return {}


@serves("appsync:UpdateApiKey")
async def prolong(cloud: Cloud, call: Call) -> Answer | dict[str, Any]:
    api, id = call.text("apiId"), call.text("id")
    if _find(cloud, call, "_apis", api) is None:
        return await cloud.backend.forward(call)
    key = (_find(cloud, call, "_api_keys", api) or {}).get(id)
    if key is None:
        raise AwsError("NotFoundException", f"API key {id} not found.", 404)
    key |= chosen(call, "description")
    if call.params.get("expires"):
        key["expires"] = key["deletes"] = int(call.params["expires"]) // HOUR * HOUR
    return {"apiKey": {"id": id, **key}}
