"""Sponsors: a table, a function, and the hour in which it looks for what is over."""

import pulumi

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.schedule import schedule
from programs.creator.components.table import table
from programs.creator.modules.sponsor_system.plan import SPONSOR, TABLES, facts
from programs.creator.modules.sponsor_system.spec import Spec


class SponsorSystem(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        options = pulumi.ResourceOptions(provider=account.provider)
        super().__init__("creator:aws:SponsorSystem", "sponsor-system", None, options)
        account.facts |= facts(spec)
        account.config |= {"slots": spec.slots, "price_per_day": spec.price_per_day}
        for plan in TABLES:
            table(account, self, plan)
        made = function(account, self, SPONSOR)
        schedule(account, self, "sponsors-over", every="rate(1 hour)", to=made)
        self.exports: Outputs = {}
        self.register_outputs({})
