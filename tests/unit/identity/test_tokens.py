from hypothesis import given
from hypothesis import strategies as st

from controlplane.core.log import scrub
from controlplane.core.tokens import Kind, digest, kind_of, mint


def test_a_token_says_its_kind() -> None:
    for kind in Kind:
        token = mint(kind)
        assert (kind_of(token), len(token)) == (kind, 56)


@given(st.integers(0, 55), st.characters(codec="ascii"))
def test_one_wrong_character_is_no_token(place: int, other: str) -> None:
    token = mint(Kind.ACCESS)
    changed = token[:place] + other + token[place + 1 :]
    assert (kind_of(changed) is None) == (changed != token)


def test_the_log_never_shows_one() -> None:
    assert "cpl_" not in scrub(f"token {mint(Kind.SESSION)} given")


def test_the_hash_depends_on_the_pepper() -> None:
    token = mint(Kind.ACCESS)
    assert digest(token, kid="a", pepper="x") != digest(token, kid="a", pepper="y")
    assert token[8:] not in digest(token, kid="a", pepper="x")
