"""What a process must not carry."""

import subprocess
import sys

HEAVY = ("pulumi", "pulumi_aws", "pulumi_cloudflare", "boto3", "sandbox")


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_the_api_imports_no_engine_and_no_provider_not_even_for_keys_at_aws() -> None:
    statement = (
        "from controlplane.app import create_app\n"
        "from controlplane.gateways import Gateways\n"
        "from controlplane.settings import Keys\n"
        "from tests.fixtures.product import settings_for\n"
        "from pathlib import Path\n"
        "keys = Keys(provider='kms', kms_key='alias/controlplane')\n"
        "url = 'postgresql://nobody@127.0.0.1:1/none'\n"
        "settings = settings_for(url, 'redis://127.0.0.1:1/0', Path('/nowhere'), keys=keys)\n"
        "create_app(Gateways.build(settings))"
    )
    assert modules_after(statement).isdisjoint({*HEAVY, "botocore"})


def test_the_worker_imports_no_engine_either() -> None:
    assert modules_after("import controlplane.worker").isdisjoint({"pulumi", "pulumi_aws", "pulumi_cloudflare"})
