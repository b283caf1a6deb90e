"""The command line acts as a person: signed in once, for twelve hours, in a file that only they can read."""

from typing import TYPE_CHECKING, Annotated

import typer

from controlplane.commands.shared import AsJson, api, ask, keep_token, secret_from_stdin, tell, token_file

if TYPE_CHECKING:
    import httpx

SIGN_IN = "/v1/auth/sign-in"


def login(
    url: Annotated[str, typer.Option(help="Address of the control plane.")],
    email: Annotated[str, typer.Option(help="As an operator.")] = "",
    client: Annotated[str, typer.Option(help="As a machine client, by its id; good for a quarter of an hour.")] = "",
    code: Annotated[str, typer.Option(help="Of the second factor, if there is one.")] = "",
    as_json: AsJson = False,
) -> None:
    """Sign in. Reads the password or secret from the terminal, or one line of stdin."""
    import httpx

    if bool(email) == bool(client):
        raise typer.BadParameter("one of --email and --client says who you are")
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as door:
        token, until = _as_machine(door, client) if client else _as_person(door, email, code)
    keep_token(url, token)
    tell({"until": until}, f"signed in until {until}", as_json=as_json)


def _as_person(door: "httpx.Client", email: str, code: str) -> tuple[str, str]:
    body = {"email": email, "password": secret_from_stdin("Password"), "code": code, "token": True}
    found = ask(door, "POST", SIGN_IN, json=body, unless="code_needed")
    if found is None:
        body["code"] = secret_from_stdin("Code of the second factor")
        found = ask(door, "POST", SIGN_IN, json=body)
    return found["token"], found["expires_at"]


def _as_machine(door: "httpx.Client", client: str) -> tuple[str, str]:
    body = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret_from_stdin("Secret")}
    found = ask(door, "POST", "/oauth/token", data=body)
    return found["access_token"], f"{found['expires_in']} s from now"


def logout(as_json: AsJson = False) -> None:
    """End the session and forget the token, also when nobody answers."""
    try:
        with api() as client:
            ask(client, "POST", "/v1/auth/sign-out", unless="bad_token")
    finally:
        token_file().unlink(missing_ok=True)
    tell({"signed_out": True}, "signed out", as_json=as_json)


def confirm(as_json: AsJson = False) -> None:
    """A new proof that it is you, for what needs one."""
    with api() as client:
        secret = secret_from_stdin("Code of the second factor, or your password")
        body = {"code": secret} if len(secret) == 6 and secret.isdecimal() else {"password": secret}
        found = ask(client, "POST", "/v1/auth/step-up", json=body)
        keep_token(str(client.base_url), found["token"])
    tell({"confirmed": True}, "confirmed", as_json=as_json)
