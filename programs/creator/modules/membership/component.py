"""Memberships: a table and a function."""

import pulumi

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.table import table
from programs.creator.modules.membership.plan import MEMBERSHIP, TABLES, facts
from programs.creator.modules.membership.spec import Spec


class Membership(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        options = pulumi.ResourceOptions(provider=account.provider)
        super().__init__("creator:aws:Membership", "membership", None, options)
        account.facts |= facts(spec)
        account.config["plans"] = [{"id": plan.id, "name": plan.name, "perks": plan.perks} for plan in spec.plans]
        for plan in TABLES:
            table(account, self, plan)
        function(account, self, MEMBERSHIP)
        self.exports: Outputs = {}
        self.register_outputs({})
