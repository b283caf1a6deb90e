"""The first operator is made on the host."""

import subprocess
import sys

from sqlmodel import select

from controlplane.gateways import Gateways
from controlplane.identity import passwords
from controlplane.identity.models import Operator
from tests.fixtures.host import environment
from tests.fixtures.http import PASSWORD

ARGUMENTS = ["operators", "create", "--email", "ops@operators.example", "--role", "admin", "--password-stdin"]


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
