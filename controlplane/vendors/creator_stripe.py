"""A creator's own Stripe account, with the creator's own key: only the endpoint that its events go to."""

from datetime import timedelta

import httpx

from controlplane.core import http
from controlplane.core.errors import NeedsPerson, TryLater

Endpoint = tuple[str, str]  # id, signing secret


class CreatorStripe:
    def __init__(self, api_base: str, key: str) -> None:
        self._client = http.client(api_base, headers={"authorization": f"Bearer {key}"})

    def __enter__(self) -> "CreatorStripe":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def endpoints(self, url: str) -> list[str]:
        found = self._call("GET", "/v1/webhook_endpoints", params={"limit": "100"})["data"]
        return [str(entry["id"]) for entry in found if entry["url"] == url]

    def create_endpoint(self, url: str, *, events: tuple[str, ...], api_version: str) -> str:
        """Its signing secret, which the vendor shows this once."""
        data = {"url": url, "api_version": api_version, "description": "creator platform"}
        data |= {f"enabled_events[{number}]": name for number, name in enumerate(events)}
        return str(self._call("POST", "/v1/webhook_endpoints", data=data)["secret"])

    def delete_endpoint(self, identity: str) -> None:
        self._call("DELETE", f"/v1/webhook_endpoints/{identity}")

    def _call(self, method: str, path: str, **options: object) -> dict[str, list[dict[str, str]]]:
        def call() -> httpx.Response:
            return self._client.request(method, path, **options)  # type: ignore[arg-type]

        response = http.send(call, what=f"the creator's Stripe {method}", repeatable=method != "POST")
        if response.status_code in {401, 403}:
            raise NeedsPerson("the creator's Stripe key is refused", who="customer", next_action="give a new key")
        if response.status_code == 404 and method == "DELETE":
            return {}
        if response.is_error:
            raise TryLater(f"the creator's Stripe answers {response.status_code}", after=timedelta(seconds=30))
        found: dict[str, list[dict[str, str]]] = response.json()
        return found
