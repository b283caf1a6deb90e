"""Nightly copies into a vault, and a word when one fails."""

import json

import pulumi
import pulumi_aws as aws

from programs.base import Outputs
from programs.creator import policies
from programs.creator.account import Account
from programs.creator.modules.backup.plan import COPY, KEY, MARK, NIGHTLY, OLD, SUNDAYS, VAULT
from programs.creator.modules.backup.spec import Spec

FAILED = {
    "source": ["aws.backup"],
    "detail-type": ["Backup Job State Change"],
    "detail": {"state": ["FAILED", "ABORTED", "EXPIRED"]},
}


class Backup(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        super().__init__("creator:aws:Backup", "backup", None, pulumi.ResourceOptions(provider=account.provider))
        vault = aws.backup.Vault(
            "vault",
            name="creator",
            kms_key_arn=account.arns["key"],
            force_destroy=account.spec.is_leaving,
            opts=account.kept(self),
        )
        plan = aws.backup.Plan(
            "plan", name="creator", rules=self._rules(account, spec, vault), opts=account.options(self)
        )
        key, value = MARK
        aws.backup.Selection(
            "marked",
            name="marked",
            plan_id=plan.id,
            iam_role_arn=self._role(account, vault).arn,
            selection_tags=[aws.backup.SelectionSelectionTagArgs(type="STRINGEQUALS", key=key, value=value)],
            opts=account.options(self),
        )
        self._watch(account)
        self.exports: Outputs = {"vault_name": vault.name}
        self.register_outputs({})

    def _rules(self, account: Account, spec: Spec, vault: aws.backup.Vault) -> list[aws.backup.PlanRuleArgs]:
        limits = account.spec.limits
        wanted = [("nightly", NIGHTLY, spec.retention_days or limits.backup_days)]
        wanted += [("weekly", SUNDAYS, limits.weekly_days)] if limits.weekly_days else []
        return [
            aws.backup.PlanRuleArgs(
                rule_name=name,
                target_vault_name=vault.name,
                schedule=schedule,
                lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=days),
            )
            for name, schedule, days in wanted
        ]

    def _role(self, account: Account, vault: aws.backup.Vault) -> aws.iam.Role:
        trust = policies.trust("backup.amazonaws.com")
        role = aws.iam.Role("backup-role", name="creator-backup", assume_role_policy=trust, opts=account.options(self))
        known = pulumi.Output.all(vault=vault.arn, key=account.arns["key"])
        place = f"arn:aws:dynamodb:{account.spec.region}:{account.spec.account_id}:table/creator-*"
        aws.iam.RolePolicy(
            "backup-policy",
            name="own",
            role=role.name,
            policy=known.apply(lambda arns: _policy(place, arns["vault"], arns["key"])),
            opts=account.options(self),
        )
        return role

    def _watch(self, account: Account) -> None:
        rule = aws.cloudwatch.EventRule(
            "backup-failed", name="creator-backup-failed", event_pattern=json.dumps(FAILED), opts=account.options(self)
        )
        aws.cloudwatch.EventTarget(
            "backup-failed", rule=rule.name, arn=account.arns["topic"], target_id="topic", opts=account.options(self)
        )


def _policy(tables: str, vault: str, key: str) -> str:
    return policies.document(
        policies.allow(COPY, [tables]),
        policies.allow(OLD, [f"{tables}/backup/*"]),
        policies.allow(VAULT, [vault]),
        policies.allow(("tag:GetResources",), ["*"]),  # knows no resources
        policies.allow(KEY, [key]),
    )
