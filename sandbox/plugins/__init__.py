"""Provider plugins for the Pulumi protocol: one servicer, and one table of resource types per provider.

Start like any plugin: `python -m sandbox.plugins NAME ENGINE_ADDRESS` prints its port as the first line.
"""

NAMES = ("aws", "cloudflare")
