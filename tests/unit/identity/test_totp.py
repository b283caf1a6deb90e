import base64
from datetime import UTC, datetime, timedelta

from controlplane.identity.totp import STEP, address, code_at, counter_at, matching_counter, new_seed, picture

SEED = base64.b32encode(b"12345678901234567890").decode()  # of RFC 6238, appendix B


def test_the_vectors_of_the_standard() -> None:
    vectors = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {second: code_at(SEED, second // STEP) for second in vectors} == vectors


def test_a_step_beside_is_taken_and_none_further() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    for steps, right in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        code = code_at(SEED, counter_at(now + timedelta(seconds=steps * STEP)))
        assert (matching_counter(SEED, code, now=now, after=0) is not None) == right


def test_a_used_step_and_those_before_it_are_spent() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    at = counter_at(now)
    assert matching_counter(SEED, code_at(SEED, at), now=now, after=at) is None
    assert matching_counter(SEED, code_at(SEED, at - 1), now=now, after=at) is None


def test_garbage_is_no_code() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert [matching_counter(SEED, text, now=now, after=0) for text in ("", "12345", "12345a", "１２３４５６")] == [
        None
    ] * 4


def test_it_can_be_scanned() -> None:
    assert picture(address(new_seed(), issuer="Control plane", account="a@example.com")).startswith("<svg")
