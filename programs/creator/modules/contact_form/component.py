"""The contact form: one function."""

import pulumi

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.modules.contact_form.plan import CONTACT
from programs.creator.modules.contact_form.spec import Spec


class ContactForm(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        options = pulumi.ResourceOptions(provider=account.provider)
        super().__init__("creator:aws:ContactForm", "contact-form", None, options)
        account.facts |= {
            "RECIPIENT": spec.recipient,
            "TOPICS": "\n".join(spec.topics),
            "RATE_PER_IP": str(spec.rate_per_ip),
        }
        account.config["topics"] = list(spec.topics)
        function(account, self, CONTACT)
        self.exports: Outputs = {}
        self.register_outputs({})
