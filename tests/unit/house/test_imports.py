"""What a process must not carry."""

import subprocess
import sys

HEAVY = ("pulumi", "pulumi_aws", "pulumi_cloudflare", "boto3", "sandbox")


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_the_api_imports_no_engine_and_no_provider() -> None:
    assert modules_after("import controlplane.app").isdisjoint(HEAVY)


def test_the_worker_imports_no_engine_either() -> None:
    assert modules_after("import controlplane.worker").isdisjoint({"pulumi", "pulumi_aws", "pulumi_cloudflare"})
