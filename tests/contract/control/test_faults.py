"""Each generic fault kind on one vendor, counted, logged and lifted."""

import threading
import time
import uuid

import httpx
import pytest

from sandbox.control.client import Control
from tests.contract.control.process import Vendors, until

KEY = {"authorization": "Bearer re_initial"}
TOKEN = {"authorization": "Bearer control-token"}


@pytest.fixture
def name(http: httpx.Client) -> str:
    """A new domain name: the operation that the faults strike is its creation."""
    return f"d{uuid.uuid4().hex[:10]}.example"


def create(http: httpx.Client, name: str) -> httpx.Response:
    return http.post("/resend/domains", headers=KEY, json={"name": name})


def exists(http: httpx.Client, name: str) -> bool:
    listed = http.get("/resend/domains", headers=KEY).json()["data"]
    return name in [domain["name"] for domain in listed]


class TestKinds:
    def test_delay(self, http: httpx.Client, control: Control, name: str) -> None:
        control.add_fault("resend", "POST /domains", "delay", seconds=0.4, times=1)
        started = time.monotonic()
        assert create(http, name).status_code == 201
        assert time.monotonic() - started >= 0.4

    def test_error_in_the_vendors_shape_and_without_effect(
        self, http: httpx.Client, control: Control, name: str
    ) -> None:
        control.add_fault("resend", "POST /domains", "error", status=503, code="application_error", times=1)
        answer = create(http, name)
        assert answer.status_code == 503
        assert answer.json() == {"statusCode": 503, "name": "application_error", "message": "injected fault"}
        assert not exists(http, name)

    def test_timeout_after_the_effect(self, http: httpx.Client, control: Control, name: str) -> None:
        control.add_fault("resend", "POST /domains", "timeout_after", times=1)
        with pytest.raises(httpx.TransportError):
            create(http, name)
        assert exists(http, name)

    def test_drop_before_any_effect(self, http: httpx.Client, control: Control, name: str) -> None:
        control.add_fault("resend", "POST /domains", "drop", times=1)
        with pytest.raises(httpx.TransportError):
            create(http, name)
        assert not exists(http, name)

    def test_hang_until_lifted(self, http: httpx.Client, control: Control, name: str) -> None:
        fault = control.add_fault("resend", "POST /domains", "hang")
        answers: list[int] = []
        caller = threading.Thread(target=lambda: answers.append(create(http, name).status_code))
        caller.start()
        caller.join(0.3)
        assert answers == []
        assert control.lift_fault(fault.id)
        caller.join(60)
        assert answers == [201]

    def test_what_its_client_gave_up_never_happens(self, http: httpx.Client, control: Control, name: str) -> None:
        fault = control.add_fault("resend", "POST /domains", "hang", times=1)
        with pytest.raises(httpx.ReadTimeout):
            http.post("/resend/domains", headers=KEY, json={"name": name}, timeout=0.5)
        assert control.lift_fault(fault.id)
        assert not exists(http, name)

    def test_garbage_after_the_effect(self, http: httpx.Client, control: Control, name: str) -> None:
        control.add_fault("resend", "POST /domains", "garbage", times=1)
        answer = create(http, name)
        assert answer.status_code == 200
        with pytest.raises(ValueError, match="Expecting value"):
            answer.json()
        assert exists(http, name)

    def test_flap(self, http: httpx.Client, control: Control) -> None:
        control.add_fault("resend", "GET /domains", "flap", times=4)
        assert [http.get("/resend/domains", headers=KEY).status_code for _ in range(5)] == [500, 200, 500, 200, 200]

    def test_quota(self, http: httpx.Client, control: Control, name: str) -> None:
        control.add_fault("resend", "POST /domains", "quota", seconds=7, times=1)
        answer = create(http, name)
        assert (answer.status_code, answer.json()["name"]) == (429, "rate_limit_exceeded")
        assert answer.headers["retry-after"] == "7"


class TestBookkeeping:
    def test_listed_counted_logged_and_lifted(self, http: httpx.Client, control: Control) -> None:
        before = len(control.injections())
        fault = control.add_fault("resend", "GET /domains", "error", times=2)
        for _ in range(3):
            http.get("/resend/domains", headers=KEY)
        assert [(known.id, known.taken) for known in control.faults()] == [(fault.id, 2)]
        logged = control.injections()[before:]
        expected = {"fault": fault.id, "vendor": "resend", "operation": "GET /domains", "kind": "error"}
        assert [{key: entry[key] for key in expected} for entry in logged] == [expected, expected]
        assert control.lift_fault(fault.id)
        assert not control.lift_fault(fault.id)
        assert control.faults() == []

    def test_probability_is_repeatable_by_seed(self, http: httpx.Client, control: Control) -> None:
        def series() -> list[int]:
            with control.fault("resend", "GET /api-keys", "error", probability=0.5, seed=7):
                return [http.get("/resend/api-keys", headers=KEY).status_code for _ in range(12)]

        first = series()
        assert first == series()
        assert set(first) == {200, 500}

    def test_another_operation_is_not_struck(self, http: httpx.Client, control: Control) -> None:
        control.add_fault("resend", "POST /emails*", "error")
        assert http.get("/resend/emails", headers=KEY).status_code == 200
        assert http.post("/resend/emails/batch", headers=KEY, json=[]).status_code == 500
        control.lift_all_faults()
        assert http.post("/resend/emails/batch", headers=KEY, json=[]).status_code == 422

    def test_pages_of_the_sandbox_are_not_struck(self, http: httpx.Client, control: Control) -> None:
        control.add_fault("resend", "*", "drop")
        assert http.get("/resend/mailbox").status_code == 200
        assert http.get("/resend/_sim/mailbox", headers=TOKEN).status_code == 200

    @pytest.mark.parametrize(
        "fault",
        [
            {"vendor": "nobody", "kind": "error"},
            {"vendor": "resend", "kind": "NOT A WORD"},
            {"vendor": "resend", "kind": "error", "times": 0},
            {"vendor": "resend", "kind": "error", "probability": 2},
            {"vendor": "resend", "kind": "error", "surprise": 1},
        ],
    )
    def test_a_malformed_fault_is_refused(self, http: httpx.Client, fault: dict[str, object]) -> None:
        answer = http.post("/control/faults", headers=TOKEN, json=fault)
        assert answer.status_code == 422
        assert answer.json()["fields"]

    def test_kinds_are_explained(self, control: Control) -> None:
        kinds = control.fault_kinds()
        assert {"delay", "error", "timeout_after", "drop", "hang", "garbage", "flap", "quota"} <= kinds[
            "generic"
        ].keys()
        assert "duplicate" in kinds["resend"]
        assert "lie" in kinds["dns"]


class TestLog:
    def test_cut_connections_are_no_crashes(self, http: httpx.Client, control: Control, vendors: Vendors) -> None:
        control.add_fault("resend", "GET /domains", "drop", times=1)
        with pytest.raises(httpx.TransportError):
            http.get("/resend/domains", headers=KEY)
        assert vendors.errors() == ""
        until(lambda: "GET /resend/domains -> cut by a fault" in (vendors.folder / "vendors.log").read_text())

    def test_no_query_and_no_key_is_written(self, http: httpx.Client, vendors: Vendors) -> None:
        http.get("/resend/domains?after=secret-cursor", headers=KEY)
        path = vendors.folder / "vendors.log"
        until(lambda: "GET /resend/domains -> 422" in path.read_text())  # written after the answer
        log = path.read_text()
        assert "secret-cursor" not in log
        assert "re_initial" not in log
