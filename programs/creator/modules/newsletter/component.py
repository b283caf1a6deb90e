"""The newsletter: two tables, a queue with one for what failed, and two functions."""

import pulumi

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.queue import feed, queue
from programs.creator.components.table import table
from programs.creator.modules.newsletter.feedback import feedback
from programs.creator.modules.newsletter.plan import NEWSLETTER, SENDER, TABLES
from programs.creator.modules.newsletter.spec import Spec

TRIES = 5


class Newsletter(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        options = pulumi.ResourceOptions(provider=account.provider)
        super().__init__("creator:aws:Newsletter", "newsletter", None, options)
        letters = queue(account, self, "news", tries=TRIES, seconds=SENDER.timeout)
        account.facts["NEWS_FROM"] = f"{spec.from_name} <news@{account.spec.sender_domain}>"
        for plan in TABLES:
            table(account, self, plan)
        function(account, self, NEWSLETTER)
        feed(account, self, "news", letters, function(account, self, SENDER))
        if "MAIL_SET" in account.facts:
            feedback(account, self)
        self.exports: Outputs = {}
        self.register_outputs({})
