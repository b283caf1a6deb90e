"""Donations: a table and a function."""

import pulumi

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.table import table
from programs.creator.modules.donations.plan import DONATIONS, TABLES
from programs.creator.modules.donations.spec import Spec


class Donations(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        super().__init__("creator:aws:Donations", "donations", None, pulumi.ResourceOptions(provider=account.provider))
        account.facts |= {
            "DONATION_MIN": str(spec.min),
            "DONATION_MAX": str(spec.max),
            "DONATION_GOAL": str(spec.goal or 0),
            "WALL": "yes" if spec.public_wall else "no",
        }
        account.config |= {"donation_min": spec.min, "donation_max": spec.max}
        account.config |= {"goal": spec.goal} if spec.goal else {}
        for plan in TABLES:
            table(account, self, plan)
        function(account, self, DONATIONS)
        self.exports: Outputs = {}
        self.register_outputs({})
