"""What only Cloudflare can do to a client; `operation` is like `POST /client/v4/zones/*/custom_hostnames`."""

FAULTS = {
    "duplicate": "POST: somebody else creates the same object a moment before",
    "empty_body": "the effect happens, the answer is a 200 without a body",
    "stuck": "POST custom_hostnames: both states stay as they are until the fault is lifted",
    "blocked": "POST custom_hostnames: the hostname is blocked for abuse",
    "zone_hold": "POST custom_hostnames: the customer's own Cloudflare zone has a hold, until the fault is lifted",
    "on_cloudflare": "POST custom_hostnames: the customer is on Cloudflare, TXT alone does not activate the name",
    "tls_error": "POST custom_hostnames: both states become active, visitors still get 525 until the fault is lifted",
    "no_records": "GET custom_hostnames/{id}: the validation records are missing",
    "partial": "bulk writes and deletes of R2 and KV: the second half fails",
    "kv_lag": "writes of KV values: Workers see them `seconds` of emulated time later",
    "not_empty": "DELETE buckets/{name}: the bucket is said to hold objects",
}
