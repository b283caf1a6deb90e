"""A new name for each story, so that one sandbox can play many."""

import secrets


def slug_of_now() -> str:
    return f"blumen-{secrets.token_hex(3)}"
