"""Whatever goes wrong, the caller gets a problem document with a next step and the request's id; never a trace."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from controlplane.app import create_app
from controlplane.gateways import Gateways


@pytest.fixture
def app(gateways: Gateways) -> FastAPI:
    return create_app(gateways)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, base_url="http://localhost:8000")


def test_an_unknown_route_says_where_to_look(client: TestClient) -> None:
    answer = client.get("/v1/nothing")
    assert answer.status_code in {401, 404}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["next_step"]


def test_a_malformed_body_names_its_fields(client: TestClient) -> None:
    answer = client.post("/v1/quotes", content=b'{"line": ', headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert answer.json()["fields"]


def test_a_too_large_body_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/quotes", content=b"x" * 300_000, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_bug_is_answered_with_the_request_id_and_without_a_trace(app: FastAPI, client: TestClient) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    app.router.add_route("/health/broken", lambda _request: broken())
    answer = client.get("/health/broken", headers={"x-request-id": "given-by-the-caller"})
    assert answer.status_code == 500
    assert answer.json()["request_id"] == "given-by-the-caller"
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
