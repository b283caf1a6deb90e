"""The providers by name; their tables are loaded only when they are asked for."""

from sandbox.plugins import NAMES
from sandbox.plugins.schema import Provider


def provider(name: str) -> Provider:
    if name == "cloudflare":
        from sandbox.plugins.cloudflare import CLOUDFLARE

        return CLOUDFLARE
    if name == "aws":
        from sandbox.plugins.aws import AWS

        return AWS
    raise LookupError(f"no provider named '{name}', only {', '.join(NAMES)}")
