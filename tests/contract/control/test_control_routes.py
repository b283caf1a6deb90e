"""Who may use the control routes, the emulated time, the first page."""

from datetime import timedelta

import httpx
import pytest

from sandbox.control.client import Control, ControlError
from tests.contract.control.process import Vendors

TOKEN = {"authorization": "Bearer control-token"}


class TestWhoMayEnter:
    @pytest.mark.parametrize("path", ["/control/health", "/control/faults", "/control/clock", "/resend/_sim/mailbox"])
    def test_nobody_without_the_token(self, http: httpx.Client, path: str) -> None:
        assert http.get(path).status_code == 401
        assert http.get(path, headers={"authorization": "Bearer wrong"}).status_code == 401
        assert http.get(path, headers=TOKEN).status_code == 200

    def test_no_browser_even_with_the_token(self, http: httpx.Client) -> None:
        answer = http.get("/control/health", headers={**TOKEN, "origin": "http://127.0.0.1"})
        assert answer.status_code == 403

    def test_no_rebound_host_name(self, http: httpx.Client) -> None:
        assert http.get("/", headers={"host": "evil.example"}).status_code == 400

    def test_a_wrong_token_is_an_error_of_the_client(self, vendors: Vendors) -> None:
        with Control(vendors.url, "wrong") as stranger, pytest.raises(ControlError, match="401"):
            stranger.faults()

    def test_no_process_is_an_error_of_the_client(self) -> None:
        with Control("http://127.0.0.1:1", "token") as lonely, pytest.raises(ControlError, match="does not answer"):
            lonely.health()


class TestHealth:
    def test_names_the_workers_that_run(self, control: Control) -> None:
        health = control.health()
        assert health["status"] == "ok"
        assert health["workers"]["resend"] == {"state": "running", "restarts": 0, "last_error": None}


class TestClock:
    def test_moves_forward_and_can_be_reset(self, control: Control) -> None:
        before = control.now()
        after = control.advance(timedelta(days=3))
        assert timedelta(days=3) <= after - before < timedelta(days=3, minutes=1)
        assert control.reset_clock() - before < timedelta(minutes=1)

    @pytest.mark.parametrize("seconds", [0, -1, "many", None])
    def test_never_backward(self, http: httpx.Client, seconds: object) -> None:
        answer = http.post("/control/clock/advance", headers=TOKEN, json={"seconds": seconds})
        assert answer.status_code == 422


class TestFirstPage:
    def test_links_the_pages_of_the_emulators(self, http: httpx.Client) -> None:
        page = http.get("/")
        assert page.status_code == 200
        for path in ("/resend/mailbox", "/dns/registrar"):
            assert f'href="{path}"' in page.text
            assert http.get(path).status_code == 200
        assert "script" not in page.headers["content-security-policy"]

    def test_unknown_paths_are_not_found(self, http: httpx.Client) -> None:
        assert http.get("/nobody").status_code == 404
