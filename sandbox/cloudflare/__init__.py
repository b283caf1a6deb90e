"""The Cloudflare v4 API as far as the product uses it: strict, durable, and really served by `sandbox.edge`.

`build(home)` in `app.py` mounts it: the API at `/client/v4`, a page at `/`, inspection and switches at `/_sim` (bearer
`control_token`, no browser). What is acknowledged is in `<home>/cloudflare/state.sqlite` or in the edge's own stores.

How a change reaches visitors:

    scripts and their bindings       deployer.py → the edge's configuration: a restart of workerd, shared by uploads at
                                     the same time; the answer waits for it
    names, routes, custom hostnames  table.py → one KV value that the front reads ten times a second
    KV values, R2 objects            data Worker → the same stores that the bindings use; nothing restarts

Where it differs from the real thing, on purpose: visitors speak plain HTTP, a missing certificate is told by the status
525; a custom hostname is served only while the DNS table leads to it; its DNS is looked at on every change and not 75
times in a week; the workers.dev switch is kept and serves nothing; a lock is enforced for REST, not for bindings; a
public bucket answers no ranges; what a lifecycle deletes goes within a minute; the rate limit counts real seconds and
is forgotten by a restart; a script must export every entrypoint that others are bound to.
"""
