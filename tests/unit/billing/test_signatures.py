"""Forgeries of both vendors' signatures."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from stripe import WebhookSignature

from controlplane.vendors.signatures import BadSignature, verify_stripe, verify_svix

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STAMP = int(NOW.timestamp())
BODY = b'{"id":"evt_1","object":"event"}'
OURS = (SecretStr("whsec_ours"), SecretStr("whsec_before"))


def signed(body: bytes = BODY, secret: str = "whsec_ours", at: int = STAMP) -> str:
    return WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=at)


def why(body: bytes, header: str, secrets: tuple[SecretStr, ...] = OURS) -> str:
    try:
        verify_stripe(body, header, secrets, now=NOW)
    except BadSignature as error:
        return error.why
    return "accepted"


class TestStripe:
    @pytest.mark.parametrize("secret", ["whsec_ours", "whsec_before"])
    def test_either_secret_is_good_during_a_rotation(self, secret: str) -> None:
        assert why(BODY, signed(secret=secret)) == "accepted"

    @pytest.mark.parametrize(
        ("body", "header", "expected"),
        [
            (BODY, "", "missing"),
            (BODY, f"t={STAMP}", "missing"),
            (BODY, "v1=00", "missing"),
            (BODY, f"t=soon,{signed().partition(',')[2]}", "missing"),
            (BODY, signed(at=STAMP - 301), "stale"),
            (BODY, signed(at=STAMP + 301), "stale"),
            (BODY, signed(secret="whsec_other"), "wrong"),
            (BODY, signed(secret=""), "wrong"),
            (BODY, f"t={STAMP},v0={'0' * 64}", "missing"),
            (BODY + b" ", signed(), "wrong"),
            (BODY[:-1], signed(), "wrong"),
            (b'{"object":"event","id":"evt_1"}', signed(), "wrong"),
            (BODY, signed().replace(f"t={STAMP}", f"t={STAMP + 1}"), "wrong"),
            (BODY, f"t={STAMP},v1=\u00e9\u00e9", "wrong"),
        ],
    )
    def test_forgeries(self, body: bytes, header: str, expected: str) -> None:
        assert why(body, header) == expected

    def test_an_empty_secret_opens_nothing(self) -> None:
        assert why(BODY, signed(secret=""), (SecretStr(""),)) == "wrong"

    @given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
    def test_any_flipped_byte(self, place: int, change: int) -> None:
        forged = bytearray(BODY)
        forged[place] ^= change
        assert why(bytes(forged), signed()) == "wrong"

    @given(st.text(max_size=200))
    def test_any_header(self, header: str) -> None:
        assert why(BODY, header) in {"missing", "stale", "wrong"}


KEY = b"0123456789abcdef01234567"
SVIX = (SecretStr("whsec_" + base64.b64encode(KEY).decode()),)


def svix(body: bytes = BODY, key: bytes = KEY, at: int = STAMP, identity: str = "msg_1") -> dict[str, str]:
    digest = hmac.new(key, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
    value = f"v1,{base64.b64encode(digest).decode()}"
    return {"svix-id": identity, "svix-timestamp": str(at), "svix-signature": f"v1a,xyz {value}"}


class TestSvix:
    def test_the_id_of_the_message_comes_back(self) -> None:
        assert verify_svix(BODY, svix(), SVIX, now=NOW) == "msg_1"

    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            ({}, "missing"),
            ({**svix(), "svix-id": ""}, "missing"),
            ({**svix(), "svix-id": "msg_2"}, "wrong"),
            ({**svix(), "svix-timestamp": str(STAMP + 1)}, "wrong"),
            (svix(at=STAMP - 400), "stale"),
            (svix(key=b""), "wrong"),
            (svix(key=b"x" * 24), "wrong"),
            (svix(body=b"{}"), "wrong"),
        ],
    )
    def test_forgeries(self, headers: dict[str, str], expected: str) -> None:
        with pytest.raises(BadSignature) as refused:
            verify_svix(BODY, headers, SVIX, now=NOW)
        assert refused.value.why == expected

    def test_a_broken_secret_opens_nothing(self) -> None:
        with pytest.raises(BadSignature):
            verify_svix(BODY, svix(key=b""), (SecretStr("whsec_"), SecretStr("whsec_%%%")), now=NOW)
