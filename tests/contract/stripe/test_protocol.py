"""What is the same for every call: keys, idempotency, expansion, pages, errors, limits, faults."""

import threading
import uuid
from collections.abc import Iterator

import httpx
import pytest
import stripe

from tests.contract.stripe.conftest import SECRETS, Sandbox
from tests.contract.stripe.shop import Shop, wait_for


class TestKeys:
    def test_no_key_and_a_wrong_key_are_401(self, sandbox: Sandbox) -> None:
        with pytest.raises(stripe.AuthenticationError) as refused:
            sandbox.client("sk_test_wrong_and_long_enough").v1.customers.list()
        assert "sk_test_wrong_and_long_enough" not in str(refused.value)
        answer = httpx.get(f"{sandbox.base}/v1/customers", trust_env=False)
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")

    def test_a_restricted_key_may_what_it_may(self, sandbox: Sandbox, shop: Shop) -> None:
        rights = {"customers": "write", "checkout/sessions": "read"}
        key = sandbox.sim("POST", "/keys", {"rights": rights})["id"]
        restricted = sandbox.client(key)
        assert restricted.v1.customers.create({"name": "A"}).name == "A"
        assert restricted.v1.checkout.sessions.list({"limit": 1}).object == "list"
        for refused in (lambda: restricted.v1.prices.list(), lambda: restricted.v1.refunds.create({"charge": "ch_1"})):
            with pytest.raises(stripe.PermissionError) as error:
                refused()
            assert error.value.http_status == 403
        sandbox.sim("POST", f"/keys/{key}/revoke")
        with pytest.raises(stripe.AuthenticationError):
            restricted.v1.customers.list()

    def test_another_api_version_is_refused(self, client: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError, match="version"):
            client.v1.customers.list({}, {"stripe_version": "2019-01-01"})


class TestIdempotency:
    def test_the_same_request_has_one_effect_and_one_answer(self, shop: Shop) -> None:
        options = {"idempotency_key": str(uuid.uuid4())}
        first = shop.v1.customers.create({"name": "A"}, options)
        second = shop.v1.customers.create({"name": "A"}, options)
        assert first.id == second.id
        assert second.last_response.headers["idempotent-replayed"] == "true"
        assert second.last_response.headers["original-request"] == first.last_response.headers["request-id"]
        assert "idempotent-replayed" not in first.last_response.headers

    def test_another_body_is_an_error(self, shop: Shop) -> None:
        options = {"idempotency_key": str(uuid.uuid4())}
        shop.v1.customers.create({"name": "A"}, options)
        with pytest.raises(stripe.IdempotencyError) as refused:
            shop.v1.customers.create({"name": "B"}, options)
        assert refused.value.http_status == 400

    def test_a_refused_request_may_be_corrected(self, shop: Shop) -> None:
        options = {"idempotency_key": str(uuid.uuid4())}
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.customers.create({"email": "nonsense"}, options)
        assert shop.v1.customers.create({"email": "a@example.com"}, options).email == "a@example.com"

    def test_a_declined_payment_is_replayed(self, shop: Shop) -> None:
        options = {"idempotency_key": str(uuid.uuid4())}
        params = {"amount": 500, "currency": "eur", "payment_method": "pm_card_chargeDeclined", "confirm": True}
        ids = set()
        for _ in range(2):
            with pytest.raises(stripe.CardError) as declined:
                shop.v1.payment_intents.create(params, options)
            ids.add(declined.value.error.payment_intent["id"])
        assert len(ids) == 1

    def test_concurrent_requests_are_409(self, sandbox: Sandbox, shop: Shop) -> None:
        key, results = str(uuid.uuid4()), []
        fault = sandbox.fault("POST /v1/customers", "slow", times=1, seconds=1)

        def create() -> None:
            results.append(shop.v1.customers.create({"name": "Slow"}, {"idempotency_key": key}).id)

        thread = threading.Thread(target=create)
        thread.start()
        wait_for(
            lambda: any(entry["fault"] == fault["id"] for entry in sandbox.control("GET", "/faults/log")["injections"])
        )
        with pytest.raises(stripe.StripeError) as refused:
            shop.v1.customers.create({"name": "Slow"}, {"idempotency_key": key})
        thread.join()
        assert refused.value.http_status == 409
        assert shop.v1.customers.create({"name": "Slow"}, {"idempotency_key": key}).id == results[0]


class TestExpansion:
    def test_nested_and_in_lists(self, shop: Shop) -> None:
        customer = shop.customer()
        subscription = shop.subscribe(customer, expand=["latest_invoice.payments", "customer"])
        assert subscription.customer.name == "Buyer"
        payment = subscription.latest_invoice.payments.data[0].payment
        assert payment.payment_intent.startswith("pi_")
        found = shop.v1.subscriptions.list({"customer": customer.id, "expand": ["data.customer.tax_ids"]}).data[0]
        assert found.customer.tax_ids.data == []

    def test_what_can_not_be_expanded_is_refused(self, shop: Shop) -> None:
        for path in ("name", "nonsense", "a.b.c.d.e"):
            with pytest.raises(stripe.InvalidRequestError, match="expand"):
                shop.v1.products.retrieve(shop.product, {"expand": [path]})


class TestPages:
    def test_both_directions_and_all(self, shop: Shop) -> None:
        email = f"{uuid.uuid4()}@example.com"
        made = [shop.v1.customers.create({"email": email}).id for _ in range(12)]
        newest = shop.v1.customers.list({"email": email, "limit": 5})
        assert ([c.id for c in newest.data], newest.has_more) == (made[:-6:-1], True)
        older = shop.v1.customers.list({"email": email, "limit": 5, "starting_after": newest.data[-1].id})
        assert [c.id for c in older.data] == made[6:1:-1]
        back = shop.v1.customers.list({"email": email, "limit": 5, "ending_before": older.data[0].id})
        assert [c.id for c in back.data] == [c.id for c in newest.data]
        every = [c.id for c in shop.v1.customers.list({"email": email, "limit": 5}).auto_paging_iter()]
        assert every == made[::-1]

    def test_wrong_cursors_and_limits(self, shop: Shop) -> None:
        for params in ({"limit": 0}, {"limit": 101}, {"starting_after": "cus_nobody"}, {"limit": "many"}):
            with pytest.raises(stripe.InvalidRequestError):
                shop.v1.customers.list(params)


class TestErrors:
    def test_unknown_missing_invalid_and_unsupported(self, shop: Shop) -> None:
        cases = [
            (lambda: shop.v1.customers.create({"nonsense": 1}), "parameter_unknown", "nonsense"),
            (lambda: shop.v1.checkout.sessions.create({"mode": "payment"}), "parameter_missing", "success_url"),
            (lambda: shop.v1.prices.create({"currency": "eur", "unit_amount": "x", "product": shop.product}),
             "parameter_invalid_integer", "unit_amount"),
            (lambda: shop.v1.customers.create({"source": "tok"}), "sandbox_unsupported", "source"),
            (lambda: shop.session(line_items=[{"price": "no", "quantity": 1}]), "resource_missing",
             "line_items[0][price]"),
        ]  # fmt: skip
        for call, code, param in cases:
            with pytest.raises(stripe.InvalidRequestError) as refused:
                call()
            assert refused.value.code == code
            assert refused.value.param == param
            assert refused.value.error.doc_url

    def test_an_enumeration_takes_its_words_only(self, shop: Shop) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.session(mode="barter")
        assert refused.value.param == "mode"

    def test_unknown_routes_and_request_ids(self, sandbox: Sandbox) -> None:
        headers = {"authorization": f"Bearer {SECRETS['stripe_secret_key']}"}
        answer = httpx.get(f"{sandbox.base}/v1/nothing", headers=headers, trust_env=False)
        assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")
        assert answer.headers["request-id"].startswith("req_")


class TestFaults:
    @pytest.fixture(autouse=True)
    def lift(self, sandbox: Sandbox) -> Iterator[None]:
        yield
        sandbox.control("DELETE", "/faults")

    def test_wire_faults_have_stripes_shape(self, sandbox: Sandbox, shop: Shop) -> None:
        sandbox.fault("* /v1/balance_transactions", "error", times=1, status=503, code="api_down")
        with pytest.raises(stripe.APIError) as broken:
            shop.v1.balance_transactions.list()
        assert broken.value.http_status == 503

    def test_a_time_out_after_the_effect_is_healed_by_the_same_key(self, sandbox: Sandbox, shop: Shop) -> None:
        email, options = f"{uuid.uuid4()}@example.com", {"idempotency_key": str(uuid.uuid4())}
        sandbox.fault("POST /v1/customers", "timeout_after", times=1)
        with pytest.raises(stripe.APIConnectionError):
            shop.v1.customers.create({"email": email}, options)
        made = shop.v1.customers.create({"email": email}, options)
        found = shop.v1.customers.list({"email": email}).data
        assert [customer.id for customer in found] == [made.id]

    def test_the_sdk_repeats_what_the_server_could_not_do(self, sandbox: Sandbox) -> None:
        sandbox.fault("POST /v1/customers", "error", times=1, status=500)
        assert sandbox.client(retries=2).v1.customers.create({"name": "A"}).name == "A"

    def test_rate_limits(self, sandbox: Sandbox, shop: Shop) -> None:
        sandbox.sim("POST", "/settings", {"rate_limit": 2})
        try:
            with pytest.raises(stripe.RateLimitError) as refused:
                [shop.v1.products.retrieve(shop.product) for _ in range(20)]
        finally:
            sandbox.sim("POST", "/settings", {"rate_limit": None})
        assert (refused.value.http_status, refused.value.error.code) == (429, "rate_limit")


class TestControl:
    def test_needs_the_token_and_no_origin(self, sandbox: Sandbox) -> None:
        url = f"{sandbox.base}/_sim/settings"
        token = {"authorization": f"Bearer {SECRETS['control_token']}"}
        assert httpx.get(url, trust_env=False).status_code == 401
        assert httpx.get(url, headers={**token, "origin": sandbox.url}, trust_env=False).status_code == 403
        assert httpx.get(url, headers=token, trust_env=False).status_code == 200

    @pytest.mark.parametrize("wrong", [{"after_retries": "forgive"}, {"nonsense": 1}, {"retry_days": ["x"]}])
    def test_wrong_settings_are_refused(self, sandbox: Sandbox, wrong: dict[str, object]) -> None:
        assert sandbox.sim_answer("POST", "/settings", wrong).status_code == 422
