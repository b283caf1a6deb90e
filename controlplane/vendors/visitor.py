"""A creator's site as a visitor sees it: requests over HTTP to its own name, without credentials of ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from controlplane.core import http
from controlplane.core.errors import TryLater
from controlplane.settings import Aws as AwsSettings


@dataclass(frozen=True)
class Page:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Visitor:
    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> httpx.Client:
        return http.client("", seconds=20)

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    def address(self, domain: str) -> str:
        return self._settings.site_url.format(domain=domain)

    def ask(self, domain: str, method: str, path: str, *, json: Any = None, headers: Any = None) -> Page:
        """Whatever it answers; `TryLater` when it does not answer at all."""
        host = httpx.URL(self.address(domain))
        dialled = self._settings.connect_to
        url = f"http://{dialled}{path}" if dialled else f"{self.address(domain)}{path}"
        given = {**(headers or {}), **({"host": host.netloc.decode()} if dialled else {})}
        try:
            found = self._client.request(method, url, json=json, headers=given)
        except httpx.HTTPError as error:
            raise TryLater(f"{domain} does not answer: {type(error).__name__}") from None
        return Page(found.status_code, found.headers, found.content)
