import pytest

from controlplane.core.errors import Invalid
from controlplane.identity import passwords


@pytest.mark.parametrize(
    "weak", ["short", "passwordpassword", "123456789012", "aaaaaaaaaaaaaaa", "abcdefghijklm", "maria1234567", "x" * 257]
)
def test_what_is_guessed_first_is_refused(weak: str) -> None:
    with pytest.raises(Invalid):
        passwords.check(weak, email="maria@example.com")


def test_a_phrase_is_fine() -> None:
    passwords.check("vier bunte Enten im Regen", email="maria@example.com")
    stored = passwords.hashed("vier bunte Enten im Regen")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3")
    assert passwords.right("vier bunte Enten im Regen", stored)
    assert not passwords.right("vier bunte Enten", stored)
