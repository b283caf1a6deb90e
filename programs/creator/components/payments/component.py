"""The door for Stripe's events, with the rights that the modules behind it ask for."""

from dataclasses import replace

import pulumi

from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.payments.plan import WEBHOOK
from programs.creator.components.schedule import schedule
from programs.creator.plan import Function
from programs.creator.registry import MODULES, Module

SWEEP = "rate(5 minutes)"


class Payments(pulumi.ComponentResource):
    def __init__(self, account: Account) -> None:
        super().__init__("creator:aws:Payments", "payments", None, pulumi.ResourceOptions(provider=account.provider))
        selling = [module for name, module in MODULES.items() if module.sells and name in account.spec.modules]
        for module in selling:  # the door opens before the modules behind it are there
            known = getattr(module.plan(), "facts", None)
            account.facts |= known(account.spec.chosen()[module.name]) if known else {}
        account.facts["PAYMENT_MODULES"] = " ".join(module.folder for module in selling)
        made = function(account, self, settling(WEBHOOK, selling))
        schedule(account, self, "settle", every=SWEEP, to=made)
        self.register_outputs({})


def settling(plan: Function, selling: list[Module]) -> Function:
    tables = tuple(sorted({table for module in selling for table in module.plan().SETTLED}))
    allows = tuple(allow for module in selling for allow in getattr(module.plan(), "SETTLES", ()))
    tells = tuple(name for module in selling for name in getattr(module.plan(), "SETTLING_TELLS", ()))
    facts = tuple(fact for module in selling for fact in getattr(module.plan(), "SETTLING_FACTS", ()))
    return replace(
        plan,
        reads=(*plan.reads, *tables),
        writes=(*plan.writes, *tables),
        allows=(*plan.allows, *allows),
        tells=(*plan.tells, *tells),
        facts=tuple(dict.fromkeys((*plan.facts, *facts))),
    )
