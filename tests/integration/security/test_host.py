import pytest
from fastapi.testclient import TestClient

from controlplane.api.hosts import client_address, counted_as, network_of
from tests.fixtures.http import Door


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "localhost:8000, evil.example"])
def test_another_name_is_not_ours(door: Door, host: str) -> None:
    answer = door.client({"host": host}).get("/v1/offers")
    assert (answer.status_code, answer.json()["code"]) == (421, "wrong_host")


def test_two_names_are_none(door: Door) -> None:
    with TestClient(door.app, base_url="http://localhost:8000") as client:
        answer = client.get("/v1/offers", headers=[("host", "localhost"), ("host", "evil.example")])
    assert answer.status_code == 421


def test_probes_come_by_address(door: Door) -> None:
    assert door.client({"host": "10.0.0.7:8000"}).get("/health/live").status_code == 200


class TestAddress:
    def scope(self, peer: str, forwarded: str) -> dict[str, object]:
        return {"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}

    def test_only_our_proxies_are_believed_and_only_their_hop(self) -> None:
        trusted = ("10.0.0.0/8",)
        assert client_address(self.scope("198.51.100.1", "1.1.1.1"), trusted) == "198.51.100.1"
        assert client_address(self.scope("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2"), trusted) == "198.51.100.1"
        assert client_address(self.scope("10.0.0.1", "6.6.6.6"), ()) == "10.0.0.1"

    def test_what_counts_as_one(self) -> None:
        assert counted_as("2001:db8::1") == counted_as("2001:db8::ffff")
        assert network_of("198.51.100.77") == "198.51.100.0/24"
        assert counted_as("garbage") == "unknown"


def test_metrics_and_details_are_for_ourselves(door: Door) -> None:
    inside = TestClient(door.app, base_url="http://localhost:8000", client=("127.0.0.1", 1))
    outside = TestClient(door.app, base_url="http://localhost:8000", client=("198.51.100.1", 1))
    assert inside.get("/metrics").status_code == 200
    assert inside.get("/health/ready").json()["checks"]["migrations"] == "ok"
    assert outside.get("/metrics").status_code == 404
    assert set(outside.get("/health/ready").json()) == {"status"}
    assert inside.get("/metrics", headers={"x-forwarded-for": "198.51.100.1"}).status_code == 404
