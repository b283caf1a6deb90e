"""Data keys wrapped by Vault's transit engine and by KMS, each over real HTTP."""

import time
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from controlplane.core import data_keys
from controlplane.core.crypto import CannotOpen, Place, Seal
from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.core.log import scrub
from controlplane.settings import Aws as AwsSettings
from controlplane.settings import Keys
from controlplane.vendors.aws import Aws
from controlplane.vendors.aws_keys import KmsKeys
from controlplane.vendors.vault import VaultKeys
from sandbox.ports import free_port
from tests.integration.core.key_servers import Transit, serving

HERE, ELSEWHERE = Place("credentials", "body", "1", "t1"), Place("credentials", "body", "2", "t1")
LETTER, OTHER_LETTER = Place("emails", "sealed", "1"), Place("emails", "sealed", "2")


@pytest.fixture
def transit() -> Iterator[tuple[Transit, str]]:
    with serving(Transit()) as found:
        yield found


def vault(url: str, token: str = "right") -> Seal:
    return Seal(
        VaultKeys(Keys.model_validate({"vault_url": url, "vault_token": token, "vault_key": "ours"})),
        environment="test",
    )


class TestVault:
    def test_opens_only_where_it_was_sealed_and_after_a_rotation(self, transit: tuple[Transit, str]) -> None:
        seal = vault(transit[1])
        old = seal.seal("hidden", HERE)
        assert seal.rotate() == "v2"
        new = seal.rewrap(old, HERE)
        assert (seal.kid_of(old), seal.kid_of(new)) == ("v1", "v2")
        assert seal.open_seal(old, HERE) == seal.open_seal(new, HERE) == "hidden"
        for moved in (old, new):
            with pytest.raises(CannotOpen):
                seal.open_seal(moved, ELSEWHERE)
        with pytest.raises(CannotOpen):
            seal.rewrap(old, ELSEWHERE)
        seal.close()

    def test_outage_is_for_later_and_a_missing_right_for_a_person(self, transit: tuple[Transit, str]) -> None:
        engine, url = transit
        wrong = vault(url, token="wrong")
        with pytest.raises(NeedsPerson, match="CP_KEYS__VAULT_TOKEN") as caught:
            wrong.seal("hidden", HERE)
        assert "wrong" not in str(caught.value)
        seal = vault(url)
        engine.derived = False
        with pytest.raises(NeedsPerson, match="derived=true"):
            seal.seal("hidden", HERE)
        engine.sealed = True
        with pytest.raises(TryLater, match="503"):
            seal.seal("hidden", HERE)
        wrong.close()
        seal.close()

    def test_nobody_at_the_address(self) -> None:
        seal = vault(f"http://127.0.0.1:{free_port()}")
        for _try in range(data_keys.FAILURES):
            with pytest.raises(TryLater, match="ConnectError"):
                seal.seal("hidden", HERE)
        with pytest.raises(TryLater, match="did not answer a moment ago"):  # nobody queues up behind it
            seal.seal("hidden", HERE)
        seal.close()


class TestMemory:
    def test_a_hundred_looks_at_a_value_are_one_call(self, transit: tuple[Transit, str]) -> None:
        engine, url = transit
        sealing, opening = vault(url), vault(url)
        sealed = sealing.seal("hidden", HERE)
        assert {opening.open_seal(sealed, HERE) for _look in range(100)} == {"hidden"}
        assert engine.calls.count("decrypt/ours") == 1
        with pytest.raises(CannotOpen):  # what is remembered opens nothing elsewhere
            opening.open_seal(sealed, ELSEWHERE)
        sealing.close()
        opening.close()

    def test_letters_share_a_data_key_and_stay_apart(self, transit: tuple[Transit, str]) -> None:
        engine, url = transit
        seal = vault(url)
        sealed = {n: seal.seal(f"letter {n}", Place("emails", "sealed", str(n))) for n in range(100)}
        assert {seal.open_seal(body, Place("emails", "sealed", str(n))) for n, body in sealed.items()} == {
            f"letter {n}" for n in range(100)
        }
        assert [call for call in engine.calls if call.startswith(("encrypt", "decrypt"))] == ["encrypt/ours"]
        for place in (OTHER_LETTER, Place("emails", "other", "1"), Place("replays", "body", "1")):
            with pytest.raises(CannotOpen):
                seal.open_seal(sealed[1], place)
        seal.rotate()
        moved = {n: seal.rewrap(body, Place("emails", "sealed", str(n))) for n, body in sealed.items()}
        assert engine.calls.count("encrypt/ours") == 2
        assert seal.open_seal(moved[7], Place("emails", "sealed", "7")) == "letter 7"
        with pytest.raises(CannotOpen):
            seal.rewrap(sealed[1], OTHER_LETTER)
        seal.close()

    def test_it_is_bounded_and_short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        memory: data_keys.Memory[int, str] = data_keys.Memory(most=2, seconds=60, uses=3)
        for number in range(3):
            memory.put(number, "x")
        assert [memory.get(number) for number in range(3)] == [None, "x", "x"]
        assert [memory.get(1), memory.get(1)] == ["x", None]  # used up
        later = time.monotonic() + 61
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert memory.get(2) is None

    def test_what_was_opened_is_not_said(self, transit: tuple[Transit, str]) -> None:
        seal = vault(transit[1])
        odd = "looks like nothing in particular"
        sealed = seal.seal(f'{{"url": "{odd}", "name": "an ordinary word"}}', LETTER)
        assert scrub(f"it is {odd}") == f"it is {odd}"
        seal.open_seal(sealed, LETTER)
        assert scrub(f"it is {odd}, an ordinary word!") == "it is [secret], an ordinary word!"
        assert scrub(sealed) == "[secret]"
        seal.close()


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client("kms", region_name="eu-central-1", endpoint_url=url)
    yield url, client.create_key()["KeyMetadata"]["KeyId"]
    client.close()
    server.stop()


def test_kms_binds_values_to_their_place(kms: tuple[str, str]) -> None:
    url, key = kms
    aws = Aws(AwsSettings(endpoint_url=url))
    seal = Seal(KmsKeys(aws, key), environment="test")
    sealed = seal.seal("hidden", HERE)
    assert seal.kid_of(sealed) == key
    assert seal.rotate() == key  # new material under the same id
    seal = Seal(KmsKeys(aws, key), environment="test")
    assert seal.open_seal(sealed, HERE) == seal.open_seal(seal.rewrap(sealed, HERE), HERE) == "hidden"
    with pytest.raises(CannotOpen):
        seal.open_seal(sealed, ELSEWHERE)
    with pytest.raises(NeedsPerson, match="CP_KEYS__KMS_KEY"):
        Seal(KmsKeys(aws, "00000000-0000-0000-0000-000000000000"), environment="test").seal("hidden", HERE)
