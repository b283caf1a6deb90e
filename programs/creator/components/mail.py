"""Mail from the creator's own domain. SES is prepared where it is used; Resend's records come by the control plane."""

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account


class Mail(pulumi.ComponentResource):
    def __init__(self, account: Account) -> None:
        super().__init__("creator:aws:Mail", "mail", None, pulumi.ResourceOptions(provider=account.provider))
        spec, domain = account.spec, f"mail.{account.spec.domain}"
        account.facts |= {
            "MAIL_TRANSPORT": spec.mail_transport,
            "MAIL_FROM": f"{spec.domain} <post@{domain}>",
            "RESEND_ENDPOINT": spec.resend_url,
        }
        if spec.mail_transport == "ses":
            self._ses(account, domain)
        self.register_outputs({})

    def _ses(self, account: Account, domain: str) -> None:
        settings = aws.sesv2.ConfigurationSet(
            "mail",
            configuration_set_name="creator",
            suppression_options=aws.sesv2.ConfigurationSetSuppressionOptionsArgs(
                suppressed_reasons=["BOUNCE", "COMPLAINT"]
            ),
            opts=account.options(self),
        )
        identity = aws.sesv2.EmailIdentity(
            "mail",
            email_identity=domain,
            configuration_set_name=settings.configuration_set_name,
            opts=account.options(self),
        )
        account.arns |= {"mail_identity": identity.arn, "mail_set": settings.arn}
        account.facts["MAIL_SET"] = settings.configuration_set_name
