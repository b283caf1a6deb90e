"""Mail from the creator's domain: by Resend, whose records come by the control plane, or by SES once it may send."""

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.mail.plan import MAILER, TRIES
from programs.creator.components.queue import feed, queue

BOUNCES = "bounce"  # below the sending domain: where what could not be delivered comes back to


class Mail(pulumi.ComponentResource):
    def __init__(self, account: Account) -> None:
        super().__init__("creator:aws:Mail", "mail", None, pulumi.ResourceOptions(provider=account.provider))
        spec = account.spec
        account.facts |= {
            "MAIL_TRANSPORT": spec.mail_transport,
            "MAIL_FROM": f"{spec.primary or spec.domain} <post@{spec.sender_domain}>",
            "RESEND_ENDPOINT": spec.resend_url,
        }
        if spec.own_mail:
            self._own(account, spec.own_mail)
        outbox = queue(account, self, "mail", tries=TRIES, seconds=MAILER.timeout)
        feed(account, self, "mail", outbox, function(account, self, MAILER))
        self.register_outputs({})

    def _own(self, account: Account, domain: str) -> None:
        """Asked for as soon as there is an own domain: its records are proved long before it sends."""
        settings = aws.sesv2.ConfigurationSet(
            "mail",
            configuration_set_name="creator",
            suppression_options=aws.sesv2.ConfigurationSetSuppressionOptionsArgs(
                suppressed_reasons=["BOUNCE", "COMPLAINT"]
            ),
            opts=account.options(self),
        )
        identity = aws.sesv2.EmailIdentity(
            f"own-{domain}",
            email_identity=domain,
            configuration_set_name=settings.configuration_set_name,
            opts=account.options(self),
        )
        aws.sesv2.EmailIdentityMailFromAttributes(
            f"own-{domain}",
            email_identity=identity.email_identity,
            mail_from_domain=f"{BOUNCES}.{domain}",
            behavior_on_mx_failure="USE_DEFAULT_VALUE",
            opts=account.options(self),
        )
        account.arns |= {"mail_identity": identity.arn, "mail_set": settings.arn}
        account.facts["MAIL_SET"] = settings.configuration_set_name
