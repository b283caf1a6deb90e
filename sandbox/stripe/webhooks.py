"""Webhook endpoints as a resource. Sending to them is `deliveries`."""

from urllib.parse import urlsplit

from sandbox.stripe import outbox
from sandbox.stripe.books import API_VERSION, token
from sandbox.stripe.errors import Doc, invalid
from sandbox.stripe.events import known_types
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata

routes = Routes()
_KIND = "webhook_endpoint"
_PATH = "/v1/webhook_endpoints/{id}"
_MOST = 16

routes.retrieve(_PATH, _KIND, "WebhookEndpointRetrieveParams")
routes.by_fields("/v1/webhook_endpoints", _KIND, "WebhookEndpointListParams")


@routes.post(
    "/v1/webhook_endpoints", "WebhookEndpointCreateParams", "url enabled_events api_version description metadata"
)
def create(call: Call) -> Doc:
    """The only answer that shows the secret."""
    books, params = call.books, call.params
    if len(books.all(_KIND)) >= _MOST:
        raise invalid(f"You have reached the maximum of {_MOST} webhook endpoints.", code="resource_limit")
    if params.get("api_version", API_VERSION) != API_VERSION:
        raise invalid(f"The sandbox renders events as {API_VERSION} only.", "api_version", "sandbox_unsupported")
    _check(params)
    endpoint = books.new(_KIND, "we_", status="enabled", metadata={}, url=params["url"], description=None)
    endpoint |= {"enabled_events": params["enabled_events"], "api_version": params.get("api_version")}
    endpoint["_secret"] = token("whsec_", 32)
    assign(endpoint, params, "description")
    merge_metadata(endpoint, params)
    return {**books.put(endpoint), "secret": endpoint["_secret"]}


@routes.post(_PATH, "WebhookEndpointUpdateParams", "url enabled_events disabled description metadata")
def update(call: Call) -> Doc:
    endpoint = {**call.books.need(_KIND, call.id, status=404)}
    _check(call.params)
    assign(endpoint, call.params, "url enabled_events description")
    merge_metadata(endpoint, call.params)
    if "disabled" in call.params:
        endpoint["status"] = "disabled" if call.params["disabled"] else "enabled"
    return call.books.put(endpoint)


@routes.remove(_PATH, "WebhookEndpointDeleteParams")
def delete(call: Call) -> Doc:
    books = call.books
    books.need(_KIND, call.id, status=404)
    books.store.delete(_KIND, call.id)
    outbox.forget(books, call.id)
    return {"id": call.id, "object": _KIND, "deleted": True}


def _check(params: Doc) -> None:
    url = urlsplit(params.get("url", "http://localhost"))
    if url.scheme not in ("http", "https") or not url.netloc:
        raise invalid("Invalid URL: An explicit scheme (such as https) must be provided.", "url", "url_invalid")
    for index, name in enumerate(params.get("enabled_events", [])):
        if name != "*" and name not in known_types():
            raise invalid(f"Invalid enabled_events[{index}]: {name}", f"enabled_events[{index}]")
    if params.get("enabled_events") == []:
        raise invalid("At least one event must be enabled.", "enabled_events")
