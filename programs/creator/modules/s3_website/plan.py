"""The creator's site: a bucket behind a distribution, and the names that lead there. No function of its own."""

from programs.creator.plan import Function, Probe, Table

TABLES: tuple[Table, ...] = ()
FUNCTIONS: tuple[Function, ...] = ()
PROBES = (Probe("GET /", 200),)

# Managed by AWS: three resource types less.
CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
NOT_CACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"
GLOBAL_ZONE = "Z2FDTNDATAQYW2"  # of every distribution, for alias records
