"""The first operator is made on the host."""

from sqlmodel import select

from controlplane.gateways import Gateways
from controlplane.identity import passwords
from controlplane.identity.models import Operator
from tests.fixtures.host import environment, said
from tests.fixtures.http import PASSWORD

ARGUMENTS = ["operators", "create", "--email", "ops@operators.example", "--role", "admin", "--password-stdin"]


def test_once_and_again(gateways: Gateways) -> None:
    for answer in ("is admin", "is there already"):
        done = said(*ARGUMENTS, stdin=f"{PASSWORD}\n", environment=environment(gateways))
        assert (done.code, answer in done.out) == (0, True), done
    with gateways.db.transaction() as session:
        [row] = session.exec(select(Operator)).all()
    assert passwords.right(PASSWORD, row.password)
