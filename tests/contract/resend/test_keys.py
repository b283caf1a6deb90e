"""API keys: what a restricted one is refused, what is shown once, what strangers get."""

from typing import Any

import httpx
import pytest
import resend
from resend.exceptions import InvalidApiKeyError, MissingApiKeyError, ResendError

from tests.contract.control.process import Vendors, until
from tests.contract.resend.conftest import publish


def send(sender: str) -> str:
    params: Any = {"from": sender, "to": "b@customers.example", "subject": "s", "text": "t"}
    return str(resend.Emails.send(params)["id"])


@pytest.fixture
def restricted(domain: dict[str, Any]) -> str:
    """The SDK speaks with a key that may only send from the domain."""
    params: Any = {"name": "tenant t_1", "permission": "sending_access", "domain_id": domain["id"]}
    resend.api_key = resend.ApiKeys.create(params)["token"]
    return str(resend.api_key)


class TestRestricted:
    def test_sends_from_its_domain(self, domain: dict[str, Any], restricted: str) -> None:
        assert send(f"a@{domain['name']}")
        params: Any = [{"from": f"a@{domain['name']}", "to": "b@c.example", "subject": "s", "text": "t"}]
        assert len(resend.Batch.send(params)["data"]) == 1

    def test_is_refused_on_another_domain(
        self, team: str, domain: dict[str, Any], restricted: str, sim: httpx.Client
    ) -> None:
        resend.api_key = team
        other = resend.Domains.create({"name": f"second.{domain['name']}"})
        publish(sim, other)
        resend.Domains.verify(other["id"])
        until(lambda: resend.Domains.get(other["id"])["status"] == "verified")
        assert send(f"a@{other['name']}")
        resend.api_key = restricted
        with pytest.raises(ResendError, match="restricted to only send emails from") as refusal:
            send(f"a@{other['name']}")
        assert (refusal.value.code, refusal.value.error_type) == (401, "restricted_api_key")

    @pytest.mark.parametrize(
        "call",
        [
            lambda: resend.Domains.list(),
            lambda: resend.ApiKeys.list(),
            lambda: resend.Webhooks.list(),
            lambda: resend.Emails.list(),
            lambda: resend.Suppressions.list(),
            lambda: resend.Domains.create({"name": "new.example"}),
            lambda: resend.Emails.cancel("00000000-0000-0000-0000-000000000000"),
        ],
        ids=["domains", "keys", "webhooks", "emails", "suppressions", "create", "cancel"],
    )
    def test_is_refused_for_everything_else(self, restricted: str, call: Any) -> None:
        with pytest.raises(ResendError, match="restricted to only send emails") as refusal:
            call()
        assert (refusal.value.code, refusal.value.error_type) == (401, "restricted_api_key")

    def test_is_dead_when_its_domain_is_deleted(self, team: str, domain: dict[str, Any], restricted: str) -> None:
        resend.api_key = team
        resend.Domains.remove(domain["id"])
        resend.api_key = restricted
        with pytest.raises(ResendError) as refusal:
            send(f"a@{domain['name']}")
        assert refusal.value.error_type == "restricted_api_key"


class TestLife:
    def test_the_token_is_shown_once_and_kept_as_a_hash(self, team: str, vendors: Vendors) -> None:
        created = resend.ApiKeys.create({"name": "first"})
        assert created["token"].startswith("re_")
        listed = {key["id"]: key for key in resend.ApiKeys.list()["data"]}
        assert set(listed[created["id"]]) == {"id", "name", "created_at", "last_used_at"}
        files = list((vendors.folder / "resend").glob("state.sqlite*"))
        assert files
        assert not any(created["token"].encode() in file.read_bytes() for file in files)

    def test_renamed_used_and_deleted(self, team: str) -> None:
        created = resend.ApiKeys.create({"name": "first"})
        resend.ApiKeys.update({"id": created["id"], "name": "second"})
        resend.api_key = created["token"]
        entry = next(key for key in resend.ApiKeys.list()["data"] if key["id"] == created["id"])
        assert (entry["name"], entry["last_used_at"] is not None) == ("second", True)
        resend.api_key = team
        assert resend.ApiKeys.remove(created["id"])["deleted"] is True
        resend.api_key = created["token"]
        with pytest.raises(InvalidApiKeyError):
            resend.ApiKeys.list()

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"name": ""}, 422),
            ({"name": "x" * 51}, 422),
            ({"permission": "everything"}, 422),
            ({"domain_id": "d"}, 422),
            ({"permission": "sending_access", "domain_id": "unknown"}, 404),
        ],
    )
    def test_a_wrong_field(self, team: str, params: dict[str, Any], code: int) -> None:
        whole: Any = {"name": "key", **params}
        with pytest.raises(ResendError) as refusal:
            resend.ApiKeys.create(whole)
        assert refusal.value.code == code


class TestStrangers:
    def test_no_key(self, vendors: Vendors) -> None:
        answer = httpx.get(f"{vendors.url}/resend/domains")
        assert (answer.status_code, answer.json()["name"]) == (401, "missing_api_key")
        resend.api_url, resend.api_key = f"{vendors.url}/resend", ""
        with pytest.raises((MissingApiKeyError, ResendError)):
            resend.Domains.list()

    def test_a_wrong_key(self, vendors: Vendors) -> None:
        resend.api_url, resend.api_key = f"{vendors.url}/resend", "re_unknown"
        with pytest.raises(InvalidApiKeyError):
            resend.Domains.list()

    def test_unknown_paths_and_methods(self, team: str, vendors: Vendors) -> None:
        headers = {"authorization": f"Bearer {team}"}
        unknown = httpx.get(f"{vendors.url}/resend/broadcasts", headers=headers)
        assert (unknown.status_code, unknown.json()["name"]) == (404, "not_found")
        wrong = httpx.put(f"{vendors.url}/resend/domains", headers=headers)
        assert (wrong.status_code, wrong.json()["name"]) == (405, "method_not_allowed")

    def test_no_json(self, team: str, vendors: Vendors) -> None:
        headers = {"authorization": f"Bearer {team}"}
        answer = httpx.post(f"{vendors.url}/resend/domains", headers=headers, content=b"{")
        assert (answer.status_code, answer.json()["name"]) == (400, "validation_error")
        answer = httpx.post(f"{vendors.url}/resend/domains", headers=headers, json=["no object"])
        assert (answer.status_code, answer.json()["name"]) == (422, "validation_error")

    def test_no_user_agent(self, team: str, vendors: Vendors) -> None:
        headers = {"authorization": f"Bearer {team}", "user-agent": ""}
        assert httpx.get(f"{vendors.url}/resend/domains", headers=headers).status_code == 403


def hurry(*, times: int) -> None:
    for _ in range(times):
        resend.Domains.list()


class TestRateLimit:
    @pytest.fixture
    def _strict(self, sim: httpx.Client) -> Any:
        sim.post("/resend/_sim/limits", json={"per_second": 3}).raise_for_status()
        yield
        sim.post("/resend/_sim/limits", json={"per_second": 100000}).raise_for_status()

    @pytest.mark.usefixtures("_strict")
    def test_is_told_enforced_and_over_after_a_moment(self, team: str) -> None:
        assert resend.Domains.list()["http_headers"]["ratelimit-limit"] == "3"
        with pytest.raises(ResendError) as refusal:
            hurry(times=30)
        assert (refusal.value.code, refusal.value.error_type) == (429, "rate_limit_exceeded")
        assert refusal.value.headers["retry-after"] == "1"
        assert refusal.value.headers["ratelimit-remaining"] == "0"

        def passes() -> bool:
            try:
                return bool(resend.Domains.list())
            except ResendError:
                return False

        until(passes)
