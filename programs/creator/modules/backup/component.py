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
        vault = self._vault(account, "vault", kms_key_arn=account.arns["key"])
        # The account's key is of its own region: the far vault has AWS Backup's.
        far = self._vault(account, "far-vault", region=spec.backup_region) if spec.multi_region else None
        plan = aws.backup.Plan(
            "plan", name="creator", rules=self._rules(account, spec, vault, far), opts=account.options(self)
        )
        key, value = MARK
        aws.backup.Selection(
            "marked",
            name="marked",
            plan_id=plan.id,
            iam_role_arn=self._role(account, [vault, *([far] if far else [])]).arn,
            selection_tags=[aws.backup.SelectionSelectionTagArgs(type="STRINGEQUALS", key=key, value=value)],
            opts=account.options(self),
        )
        self._watch(account)
        self.exports: Outputs = {"vault_name": vault.name}
        self.register_outputs({})

    def _vault(self, account: Account, name: str, **where: pulumi.Input[str]) -> aws.backup.Vault:
        leaving = account.spec.is_leaving
        return aws.backup.Vault(name, name="creator", force_destroy=leaving, opts=account.kept(self), **where)

    def _rules(
        self, account: Account, spec: Spec, vault: aws.backup.Vault, far: aws.backup.Vault | None
    ) -> list[aws.backup.PlanRuleArgs]:
        limits = account.spec.limits
        wanted = [("nightly", NIGHTLY, spec.retention_days or limits.backup_days)]
        wanted += [("weekly", SUNDAYS, limits.weekly_days)] if limits.weekly_days else []
        return [
            aws.backup.PlanRuleArgs(
                rule_name=name,
                target_vault_name=vault.name,
                schedule=schedule,
                lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=days),
                copy_actions=[_copy(far, days)] if far else None,
            )
            for name, schedule, days in wanted
        ]

    def _role(self, account: Account, vaults: list[aws.backup.Vault]) -> aws.iam.Role:
        trust = policies.trust("backup.amazonaws.com")
        role = aws.iam.Role("backup-role", name="creator-backup", assume_role_policy=trust, opts=account.options(self))
        known = pulumi.Output.all(account.arns["key"], *(vault.arn for vault in vaults))
        place = f"arn:aws:dynamodb:{account.spec.region}:{account.spec.account_id}:table/creator-*"
        aws.iam.RolePolicy(
            "backup-policy",
            name="own",
            role=role.name,
            policy=known.apply(lambda arns: _policy(place, arns[1:], arns[0])),
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


def _copy(far: aws.backup.Vault, days: int) -> aws.backup.PlanRuleCopyActionArgs:
    lifecycle = aws.backup.PlanRuleCopyActionLifecycleArgs(delete_after=days)
    return aws.backup.PlanRuleCopyActionArgs(destination_vault_arn=far.arn, lifecycle=lifecycle)


def _policy(tables: str, vaults: list[str], key: str) -> str:
    return policies.document(
        policies.allow(COPY, [tables]),
        policies.allow(OLD, [f"{tables}/backup/*"]),
        policies.allow(VAULT, vaults),
        policies.allow(("tag:GetResources",), ["*"]),  # knows no resources
        policies.allow(KEY, [key]),
    )
