"""AWS Organizations: accounts, the tree they hang in, and the policies attached to it."""

from sandbox.aws.organization import closing, creation, listing, placement, policies, tagging, units
from sandbox.aws.organization.tree import ID, controls, is_open, joined, seed

__all__ = [
    "ID", "closing", "controls", "creation", "is_open", "joined", "listing", "placement", "policies", "seed", "tagging",
    "units",
]  # fmt: skip
