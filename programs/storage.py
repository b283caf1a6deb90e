"""Rules for what buckets forget by themselves."""

import pulumi_cloudflare as cloudflare

DAY = 86_400


def lifecycle_rule(kind: str, prefix: str, days: int) -> cloudflare.R2BucketLifecycleRuleArgs:
    name = f"{kind}-{prefix.strip('/') or 'all'}"
    conditions = cloudflare.R2BucketLifecycleRuleConditionsArgs(prefix=prefix)
    if kind == "abort":
        abort = cloudflare.R2BucketLifecycleRuleAbortMultipartUploadsTransitionArgs(
            condition=cloudflare.R2BucketLifecycleRuleAbortMultipartUploadsTransitionConditionArgs(
                type="Age", max_age=days * DAY
            )
        )
        return cloudflare.R2BucketLifecycleRuleArgs(
            id=name, enabled=True, conditions=conditions, abort_multipart_uploads_transition=abort
        )
    delete = cloudflare.R2BucketLifecycleRuleDeleteObjectsTransitionArgs(
        condition=cloudflare.R2BucketLifecycleRuleDeleteObjectsTransitionConditionArgs(type="Age", max_age=days * DAY)
    )
    return cloudflare.R2BucketLifecycleRuleArgs(
        id=name, enabled=True, conditions=conditions, delete_objects_transition=delete
    )
