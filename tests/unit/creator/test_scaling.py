"""Capacity that is bought follows what is used: that of every table that has it, and of each of its indexes."""

import json
import subprocess
import sys
from pathlib import Path

from programs.creator.registry import MODULES
from programs.creator.tiers import TIERS

ROOT = Path(__file__).parents[3]
# The SDK can be mocked once in a process: so it is one of its own.
PROGRAM = """
import json
import pulumi

seen = []


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        seen.append((args.typ, args.name, args.inputs))
        return [args.name, args.inputs]

    def call(self, args):
        return {}


pulumi.runtime.set_mocks(Mocks())
import pulumi_aws as aws
from programs.creator.account import Account
from programs.creator.components.table import table
from programs.creator.registry import MODULES
from programs.creator.spec import CreatorSpec


@pulumi.runtime.test
def build():
    spec = CreatorSpec(
        env="test", tenant_id="t" * 26, slug="anna", account_id="1" * 12, tier="large", domain="anna.example",
        owner_email="a@b.example", locale="de", modules=GIVEN, runtime_version="1.0.0",
    )
    account = Account(spec, aws.Provider("aws"), arns={"key": "arn"})
    parent = pulumi.ComponentResource("test:index:Parent", "parent")
    for name in MODULES:
        for plan in MODULES[name].plan().TABLES:
            table(account, parent, plan)


build()
print(json.dumps([entry for entry in seen if entry[0].startswith(("aws:appautoscaling", "aws:dynamodb"))]))
"""


def test_every_table_of_the_large_tier_and_its_indexes() -> None:
    given = {
        "s3-website": {}, "user-auth": {}, "monitoring": {"alarm_emails": ["a@b.example"]}, "backup": {}, "events": {},
        "shop": {}, "sponsor-system": {}, "ivs-streaming": {}, "ivs-chat": {}, "analytics": {},
    }  # fmt: skip
    text = PROGRAM.replace("GIVEN", json.dumps(given))
    ended = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr[-3000:]
    made = json.loads(ended.stdout)
    plans = {plan.name: plan for module in MODULES.values() for plan in module.plan().TABLES}
    scaled = TIERS["large"].scaled
    assert len(scaled) >= 6
    wanted = {
        f"dynamodb:{kind}:{direction}CapacityUnits {place}"
        for name in scaled
        for kind, place in [
            ("table", f"table/creator-{name}"),
            *(("index", f"table/creator-{name}/index/{index.name}") for index in plans[name].indexes),
        ]
        for direction in ("Read", "Write")
    }
    targets = [f"{i['scalableDimension']} {i['resourceId']}" for kind, _, i in made if kind.endswith(":Target")]
    assert sorted(targets) == sorted(wanted)
    policies = [inputs for kind, _, inputs in made if kind.endswith(":Policy")]
    assert len(policies) == len(targets)
    bought = {i["name"] for kind, _, i in made if kind.endswith(":Table") and i["billingMode"] == "PROVISIONED"}
    assert bought == {f"creator-{name}" for name in scaled}
