"""The command line acts as a person: signed in once, for twelve hours, in a file that only they can read."""

from typing import Annotated

import typer

from controlplane.commands.shared import api, ask, keep_token, secret_from_stdin, token_file


def login(
    url: Annotated[str, typer.Option(help="Address of the control plane.")],
    email: Annotated[str, typer.Option(prompt=True)],
    code: Annotated[str, typer.Option(help="Of the second factor, if there is one.")] = "",
) -> None:
    """Sign in. Reads the password from the terminal, or one line of stdin."""
    import httpx

    body = {"email": email, "password": secret_from_stdin("Password"), "code": code, "token": True}
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        answer = client.post("/v1/auth/sign-in", json=body)
        if answer.status_code == 401 and answer.json().get("code") == "code_needed":
            body["code"] = typer.prompt("Code of the second factor")
        elif answer.is_success:
            keep_token(url, answer.json()["token"])
            typer.echo(f"signed in until {answer.json()['expires_at']}")
            return
        found = ask(client, "POST", "/v1/auth/sign-in", json=body)
    keep_token(url, found["token"])
    typer.echo(f"signed in until {found['expires_at']}")


def logout() -> None:
    """End the session and forget the token."""
    with api() as client:
        client.post("/v1/auth/sign-out")
    token_file().unlink(missing_ok=True)


def confirm() -> None:
    """A new proof that it is you, for what needs one."""
    with api() as client:
        secret = secret_from_stdin("Code of the second factor, or your password")
        body = {"code": secret} if len(secret) == 6 and secret.isdecimal() else {"password": secret}
        found = ask(client, "POST", "/v1/auth/step-up", json=body)
        keep_token(str(client.base_url), found["token"])
    typer.echo("confirmed")
