"""A Pulumi engine in Python: the executable that `pulumi.automation` drives. Nothing heavy is imported here."""

VERSION = "v3.272.0"  # the SDK release whose protocol and command line this engine speaks
