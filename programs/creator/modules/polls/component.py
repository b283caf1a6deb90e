"""Polls: two tables and a function."""

import pulumi

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.table import table
from programs.creator.modules.polls.plan import POLLS, TABLES
from programs.creator.modules.polls.spec import Spec


class Polls(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        super().__init__("creator:aws:Polls", "polls", None, pulumi.ResourceOptions(provider=account.provider))
        account.facts |= {"POLL_OPTIONS": str(spec.max_options), "LIVE_RESULTS": "yes" if spec.live_results else "no"}
        for plan in TABLES:
            table(account, self, plan)
        function(account, self, POLLS)
        self.exports: Outputs = {}
        self.register_outputs({})
