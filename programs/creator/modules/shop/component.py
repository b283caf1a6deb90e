"""The shop: two tables and a function."""

import pulumi

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.table import table
from programs.creator.modules.shop.plan import SHOP, TABLES
from programs.creator.modules.shop.spec import Spec


class Shop(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        super().__init__("creator:aws:Shop", "shop", None, pulumi.ResourceOptions(provider=account.provider))
        account.facts |= {"MAX_ITEMS": str(spec.max_items_per_order), "SHIPPING": str(spec.flat_shipping)}
        account.config |= {"shipping": spec.flat_shipping}
        for plan in TABLES:
            table(account, self, plan)
        function(account, self, SHOP)
        self.exports: Outputs = {}
        self.register_outputs({})
