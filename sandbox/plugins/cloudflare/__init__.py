"""The Cloudflare provider: its configuration, and the way to its API."""

import os
from threading import Event

from sandbox.plugins.cloudflare.api import Api
from sandbox.plugins.failures import Failure, Invalid
from sandbox.plugins.schema import Provider, text
from sandbox.plugins.values import Doc

_BASE_URL = "https://api.cloudflare.com/client/v4"
_FROM_ENVIRONMENT = {
    "apiToken": "CLOUDFLARE_API_TOKEN",
    "apiKey": "CLOUDFLARE_API_KEY",
    "email": "CLOUDFLARE_EMAIL",
    "apiUserServiceKey": "CLOUDFLARE_API_USER_SERVICE_KEY",
    "baseUrl": "CLOUDFLARE_BASE_URL",
}


class Unauthenticated(Failure):
    code = "UNAUTHENTICATED"


def _open(given: Doc, cancelled: Event) -> Api:
    ambient = {key: os.environ.get(name) for key, name in _FROM_ENVIRONMENT.items()}
    config = {**{key: value for key, value in ambient.items() if value}, **given}
    agent = f"pulumi-resource-cloudflare/{CLOUDFLARE.version} {config.get('userAgentOperatorSuffix', '')}".strip()
    headers = {**_credentials(config), "user-agent": agent, "accept": "*/*"}
    try:
        return Api(base_url=config.get("baseUrl") or _BASE_URL, headers=headers, cancelled=cancelled)
    except ValueError as error:
        raise Invalid(f"baseUrl of the cloudflare provider: {error}") from error


def _credentials(config: Doc) -> dict[str, str]:
    if config.get("apiToken"):
        return {"authorization": f"Bearer {config['apiToken']}"}
    if config.get("apiKey") and config.get("email"):
        return {"x-auth-key": config["apiKey"], "x-auth-email": config["email"]}
    if config.get("apiUserServiceKey"):
        return {"x-auth-user-service-key": config["apiUserServiceKey"]}
    raise Unauthenticated("the cloudflare provider needs apiToken, or apiKey with email, or apiUserServiceKey")


CLOUDFLARE = Provider(
    name="cloudflare",
    version="6.23.1",
    config={
        "apiToken": text(),
        "apiKey": text(),
        "email": text(),
        "apiUserServiceKey": text(),
        "baseUrl": text(),
        "userAgentOperatorSuffix": text(),
    },
    groups={"index": "sandbox.plugins.cloudflare.table"},
    open=_open,
)
