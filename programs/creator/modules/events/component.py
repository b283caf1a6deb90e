"""Events: two tables and a function."""

import pulumi

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.table import table
from programs.creator.modules.events.plan import EVENTS, TABLES
from programs.creator.modules.events.spec import Spec


class Events(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        super().__init__("creator:aws:Events", "events", None, pulumi.ResourceOptions(provider=account.provider))
        account.facts |= {"TICKETS_EACH": str(spec.max_tickets_per_user), "HOLD_MINUTES": str(spec.hold_minutes)}
        for plan in TABLES:
            table(account, self, plan)
        function(account, self, EVENTS)
        self.exports: Outputs = {}
        self.register_outputs({})
