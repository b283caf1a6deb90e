"""All Cloudflare resource types."""

from sandbox.plugins.cloudflare import dns, hostnames, kv, r2, routes, scripts

RESOURCES = (
    *scripts.RESOURCES,
    *routes.RESOURCES,
    *kv.RESOURCES,
    *r2.RESOURCES,
    *dns.RESOURCES,
    *hostnames.RESOURCES,
)
