"""Inline programs: the situations that the recorded cases show. SDKs are imported inside, as programs do it."""

from collections.abc import Callable
from typing import Any

import pulumi

Program = Callable[[], None]


def empty() -> None:
    """No resources."""


def one_bucket() -> None:
    import pulumi_cloudflare as cloudflare

    provider = cloudflare.Provider("cf", api_token=pulumi.Output.secret("cf-token-1"))
    options = pulumi.ResourceOptions(provider=provider)
    bucket = cloudflare.R2Bucket("b", account_id="acc1", name="bucket-one", opts=options)
    pulumi.export("bucket", bucket.name)


class Site(pulumi.ComponentResource):
    """Two children; the second depends on the first and holds a secret."""

    def __init__(self, name: str, account: str, bucket: str, script: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("sample:index:Site", name, {"account": account}, opts)
        import pulumi_cloudflare as cloudflare

        child = pulumi.ResourceOptions(parent=self)
        self.bucket = cloudflare.R2Bucket(f"{name}-assets", account_id=account, name=bucket, opts=child)
        bindings = [
            {"name": "BUCKET", "type": "r2_bucket", "bucket_name": self.bucket.name},
            {"name": "KEY", "type": "secret_text", "text": pulumi.Output.secret("worker-key")},
        ]
        self.script = cloudflare.WorkersScript(
            f"{name}-worker",
            account_id=account,
            script_name=f"{name}-worker",
            content=script,
            bindings=bindings,
            opts=child,
        )
        self.register_outputs({"bucket_name": self.bucket.name})


def _providers(config: pulumi.Config) -> tuple[Any, Any]:
    import pulumi_aws as aws
    import pulumi_cloudflare as cloudflare

    token = config.get_secret("cfToken") or pulumi.Output.secret("cf-token-1")
    return cloudflare.Provider("cf", api_token=token), aws.Provider(
        "aws",
        region="eu-west-1",
        skip_credentials_validation=True,
        access_key="AK",
        secret_key=pulumi.Output.secret("SK"),
    )


def mixed() -> None:
    """Two providers, a component, secrets, an invoke. Config moves it: tier and tenant (update), suffix and logsName
    (replacement, deleted first or created first), noLogs (delete), storageClass (a Check that fails), protect."""
    import pulumi_aws as aws
    import pulumi_cloudflare as cloudflare

    config = pulumi.Config()
    edge, cloud = _providers(config)
    site = Site(
        "site",
        "acc1",
        "assets-" + (config.get("suffix") or "a"),
        config.get("script") or "export default {}",
        pulumi.ResourceOptions(providers=[edge]),
    )
    if not config.get("noLogs"):
        logs = aws.s3.Bucket(
            "logs",
            bucket=config.get("logsName"),
            tags={"tenant": config.get("tenant") or "t1", "tier": config.get("tier") or "free"},
            opts=pulumi.ResourceOptions(provider=cloud, protect=bool(config.get("protect"))),
        )
        pulumi.export("logs", logs.bucket)
    if config.get("storageClass"):
        options = pulumi.ResourceOptions(provider=edge)
        cloudflare.R2Bucket(
            "odd", account_id="acc1", name="odd", storage_class=config.get("storageClass"), opts=options
        )
    who = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=cloud))
    pulumi.export("bucket", site.bucket.name)
    pulumi.export("missing", site.bucket.creation_date)
    pulumi.export("account", who.account_id)
    pulumi.export("token", pulumi.Output.secret("very-secret"))
    pulumi.export("nested", {"n": 1, "f": 1.5, "t": True, "l": [1, "two"], "none": None})


def raises() -> None:
    import pulumi_cloudflare as cloudflare

    provider = cloudflare.Provider("cf", api_token="x")
    options = pulumi.ResourceOptions(provider=provider)
    cloudflare.R2Bucket("b", account_id="acc1", name="bucket-one", opts=options)
    raise ValueError("program says no")


def run_error() -> None:
    raise pulumi.RunError("a RunError from the program")


def default_provider() -> None:
    import pulumi_cloudflare as cloudflare

    bucket = cloudflare.R2Bucket("b", account_id="acc1", name="bucket-def")
    pulumi.export("bucket", bucket.name)


def many(count: int = 40, prefix: str = "m") -> Program:
    def program() -> None:
        import pulumi_cloudflare as cloudflare

        provider = cloudflare.Provider("cf", api_token="x")
        options = pulumi.ResourceOptions(provider=provider)
        for index in range(count):
            cloudflare.R2Bucket(f"{prefix}{index}", account_id="acc1", name=f"{prefix}-{index}", opts=options)
        pulumi.export("n", count)

    return program


def logging_program() -> None:
    import pulumi_cloudflare as cloudflare

    provider = cloudflare.Provider("cf", api_token="x")
    options = pulumi.ResourceOptions(provider=provider)
    bucket = cloudflare.R2Bucket("b", account_id="acc1", name="bucket-log", opts=options)
    pulumi.info("an info message")
    pulumi.warn("a warning on a resource", resource=bucket)
    pulumi.debug("a debug message")
    pulumi.export("bucket", bucket.name)


def options() -> None:
    import pulumi_cloudflare as cloudflare

    provider = cloudflare.Provider("cf", api_token="x")
    first = cloudflare.R2Bucket(
        "a",
        account_id="acc1",
        name="opt-a",
        opts=pulumi.ResourceOptions(
            provider=provider,
            aliases=[pulumi.Alias(name="old-a")],
            ignore_changes=["location"],
            additional_secret_outputs=["createdOn"],
            custom_timeouts=pulumi.CustomTimeouts(create="5m", update="6m", delete="7m"),
        ),
    )
    second = cloudflare.R2Bucket(
        "c",
        account_id="acc1",
        name="opt-c",
        opts=pulumi.ResourceOptions(
            provider=provider,
            retain_on_delete=True,
            delete_before_replace=True,
            depends_on=[first],
            replace_on_changes=["storageClass"],
            deleted_with=first,
        ),
    )
    pulumi.export("a", first.id)
    pulumi.export("c", second.id)


def imported(bucket: str) -> Program:
    def program() -> None:
        import pulumi_cloudflare as cloudflare

        provider = cloudflare.Provider("cf", api_token="x")
        adopting = pulumi.ResourceOptions(provider=provider, import_=bucket)
        adopted = cloudflare.R2Bucket("i", account_id="acc1", name="imp", opts=adopting)
        found = cloudflare.R2Bucket.get("g", bucket, opts=pulumi.ResourceOptions(provider=provider))
        pulumi.export("name", found.name)
        pulumi.export("id", adopted.id)

    return program
