"""What a module leaves when it is switched off: its tables, where they were, until somebody confirms that they go."""

import pulumi

from programs.creator.account import Account
from programs.creator.components.table import table
from programs.creator.registry import MODULES


def keep(account: Account, name: str) -> None:
    """Under the module's own name in the stack: to the engine nothing has moved."""
    module = MODULES[name]
    options = pulumi.ResourceOptions(provider=account.provider)
    parent = pulumi.ComponentResource(f"creator:aws:{module.component}", name, None, options)
    for plan in module.plan().TABLES:
        if plan.kind.is_kept:
            table(account, parent, plan, erasing=name in account.spec.erasing)
