"""The first operator is made on the host."""

import os
import subprocess
import sys

from sqlmodel import select

from controlplane.gateways import Gateways
from controlplane.identity import passwords
from controlplane.identity.models import Operator
from tests.fixtures.http import PASSWORD

ARGUMENTS = ["operators", "create", "--email", "ops@operators.example", "--role", "admin", "--password-stdin"]


def environment(gateways: Gateways) -> dict[str, str]:
    settings = gateways.settings
    values = {
        "ENVIRONMENT": "sandbox", "NAME": settings.name, "PUBLIC_URL": settings.public_url,
        "DATABASE__URL": settings.database.url.get_secret_value(), "REDIS__URL": settings.redis.url.get_secret_value(),
        "KEYS__FOLDER": str(settings.keys.folder), "STRIPE__SECRET_KEY": "sk_test_unused", "RESEND__API_KEY": "re_x",
        "RESEND__SENDER": "a@portal.example", "CLOUDFLARE__API_TOKEN": "x", "CLOUDFLARE__ACCOUNT_ID": "0" * 32,
        "CLOUDFLARE__PORTAL_ZONE": "portal.example", "CLOUDFLARE__SITES_ZONE": "sites.example",
        "EDGE__OPS_URL": "http://ops.portal.example", "PULUMI__BACKEND_URL": settings.pulumi.backend_url,
    }  # fmt: skip
    return {"PATH": os.environ["PATH"], **{f"CP_{name}": value for name, value in values.items()}}


def test_once_and_again(gateways: Gateways) -> None:
    command = [sys.executable, "-m", "controlplane", *ARGUMENTS]
    for said in ("is admin", "is there already"):
        done = subprocess.run(
            command, input=f"{PASSWORD}\n", env=environment(gateways), capture_output=True, text=True, check=True
        )
        assert said in done.stdout
    with gateways.db.transaction() as session:
        [row] = session.exec(select(Operator)).all()
    assert passwords.right(PASSWORD, row.password)
