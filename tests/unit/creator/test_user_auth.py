"""Signing up, in and out."""

import json
import time

import boto3
import pytest

from programs.creator.modules.user_auth import plan
from programs.creator.modules.user_auth.handlers import auth, codes, people
from programs.creator.modules.user_auth.handlers.auth import LOGINS
from programs.creator.runtime.aws import client
from programs.creator.runtime.mail import Mail
from tests.unit.creator.conftest import REGION, Site

PASSWORD = "Correct-Horse-1"
ADDRESS = "berta@fan.example"
SIGNUP = {"email": ADDRESS, "password": PASSWORD, "username": "berta", "consent": True}


@pytest.fixture(autouse=True)
def pool(site: Site, mails: list[Mail], monkeypatch: pytest.MonkeyPatch) -> str:
    cognito = boto3.client("cognito-idp", REGION)
    pool = str(cognito.create_user_pool(PoolName="users", UsernameAttributes=["email"])["UserPool"]["Id"])
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="site", ExplicitAuthFlows=flows)
    cognito.create_group(UserPoolId=pool, GroupName="member")
    told = {"POOL_ID": pool, "CLIENT_ID": client["UserPoolClient"]["ClientId"], "SESSION_SECONDS": "60"}
    for name, value in {**told, "SIGNUP": "open", "MFA": "optional"}.items():
        monkeypatch.setenv(name, value)
    return pool


def signed_up(site: Site) -> str:
    answer = site.call("POST", "/auth/signup", SIGNUP)
    assert answer.status == 202, answer.body
    return str(answer.body["userId"])


def member(site: Site) -> str:
    user_id = signed_up(site)
    assert site.call("POST", "/auth/confirm", {"userId": user_id, "code": site.code(ADDRESS)}).status == 200
    return user_id


def token(site: Site, password: str = PASSWORD, address: str = ADDRESS) -> str:
    answer = site.call("POST", "/auth/login", {"email": address, "password": password})
    assert answer.status == 200, answer.body
    return str(answer.body["accessToken"])


def locked(site: Site) -> str:
    """The recovery code of a second factor that is asked for from now on."""
    mine = token(site)
    site.call("POST", "/auth/me/totp", token=mine)
    return str(site.call("POST", "/auth/me/totp/confirm", {"code": "123456"}, token=mine).body["recovery"])


class TestSigningUp:
    def test_only_a_confirmed_address_signs_in(self, site: Site) -> None:
        user_id = signed_up(site)
        assert site.call("POST", "/auth/login", {"email": ADDRESS, "password": PASSWORD}).status == 401
        assert site.call("POST", "/auth/confirm", {"userId": user_id, "code": site.code(ADDRESS)}).status == 200
        me = site.call("GET", "/auth/me", token=token(site))
        assert me.body["userId"] == user_id
        assert me.body["subscription"] == "free"
        assert "consentAt" not in me.body

    def test_a_taken_address_looks_the_same_from_outside(self, site: Site) -> None:
        user_id = member(site)
        again = site.call("POST", "/auth/signup", {**SIGNUP, "username": "other"})
        assert again.status == 202
        assert again.body["userId"] != user_id
        assert site.mails[-1].subject == "Sie haben schon ein Konto"

    def test_a_taken_name_is_refused_and_frees_the_address(self, site: Site) -> None:
        member(site)
        other = {**SIGNUP, "email": "other@fan.example"}
        refused = site.call("POST", "/auth/signup", other)
        assert (refused.status, refused.body["error"]["field"]) == (409, "username")
        assert site.call("POST", "/auth/signup", {**other, "username": "other"}).status == 202

    def test_half_a_user_does_not_block_the_address(
        self, site: Site, pool: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cognito = boto3.client("cognito-idp", REGION)
        cognito.admin_create_user(UserPoolId=pool, Username=ADDRESS, MessageAction="SUPPRESS")
        monkeypatch.setattr("programs.creator.modules.user_auth.handlers.pool.HALF", -1)
        assert member(site)

    def test_a_code_bears_few_guesses(self, site: Site) -> None:
        user_id = signed_up(site)
        right = site.code(ADDRESS)
        wrong = f"{(int(right) + 1) % 1_000_000:06}"
        for _ in range(codes.ATTEMPTS):
            assert site.call("POST", "/auth/confirm", {"userId": user_id, "code": wrong}).status == 400
        assert site.call("POST", "/auth/confirm", {"userId": user_id, "code": right}).status == 410

    def test_a_code_ends(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        user_id, now = signed_up(site), time.time()
        monkeypatch.setattr(time, "time", lambda: now + codes.SECONDS + 1)
        assert site.call("POST", "/auth/confirm", {"userId": user_id, "code": site.code(ADDRESS)}).status == 410

    @pytest.mark.parametrize("wrong", [{"consent": False}, {"email": "x"}, {"username": "A b"}, {"more": 1}])
    def test_input_is_checked(self, site: Site, wrong: dict[str, object]) -> None:
        refused = site.call("POST", "/auth/signup", {**SIGNUP, **wrong})
        assert (refused.status, refused.body["error"]["field"]) == (400, next(iter(wrong)))
        assert site.mails == []

    def test_an_address_cannot_be_flooded(self, site: Site) -> None:
        signed_up(site)
        states = {site.call("POST", "/auth/resend", {"email": ADDRESS}).status for _ in range(6)}
        assert states == {202, 429}

    def test_a_closed_site_takes_nobody(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SIGNUP", "closed")
        assert site.call("POST", "/auth/signup", SIGNUP).status == 403

    def test_by_invitation_only_who_was_invited_comes_in_and_once(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SIGNUP", "invite")
        assert site.call("POST", "/auth/signup", SIGNUP).status == 410
        invited = {"email": ADDRESS}
        assert site.call("POST", "/auth/invitations", invited, token=site.person("fan")).status == 403
        assert site.call("POST", "/auth/invitations", invited, token=site.person("me", "admin")).status == 202
        code = site.code(ADDRESS)
        assert f"/account?email=berta%40fan.example&invitation={code}" in site.mails[-1].text
        other = {**SIGNUP, "invitation": code, "email": "other@fan.example"}
        assert site.call("POST", "/auth/signup", other).status == 410  # it is nobody else's
        people.create("somebody", email="x@fan.example", username="taken", locale="de")
        refused = site.call("POST", "/auth/signup", {**SIGNUP, "invitation": code, "username": "taken"})
        assert refused.status == 409
        assert site.call("POST", "/auth/signup", {**SIGNUP, "invitation": code}).status == 202
        assert site.call("POST", "/auth/signup", {**SIGNUP, "invitation": code}).status == 410


class TestSessions:
    def test_a_wrong_password_and_a_stranger_get_the_same(self, site: Site) -> None:
        member(site)
        answers = [
            site.call("POST", "/auth/login", {"email": email, "password": "Wrong-Horse-1"})
            for email in (ADDRESS, "nobody@fan.example")
        ]
        assert answers[0] == answers[1]
        assert answers[0].status == 401

    def test_the_refresh_token_stays_in_a_cookie(self, site: Site) -> None:
        member(site)
        answer = site.call("POST", "/auth/login", {"email": ADDRESS, "password": PASSWORD})
        [cookie] = answer.cookies
        assert "refresh" not in str(answer.body).lower()
        pair = (cookie.partition(";")[0],)
        assert site.call("POST", "/auth/refresh", cookies=pair).status == 401
        renewed = site.call("POST", "/auth/refresh", cookies=pair, headers={"x-requested-with": "site"})
        assert (renewed.status, sorted(renewed.body)) == (200, ["accessToken", "expiresIn", "idToken"])

    def test_an_identity_token_is_not_an_access_token(self, site: Site) -> None:
        member(site)
        answer = site.call("POST", "/auth/login", {"email": ADDRESS, "password": PASSWORD})
        assert site.call("GET", "/auth/me", token=answer.body["idToken"]).status == 401

    def test_a_forgotten_password_is_set_anew(self, site: Site) -> None:
        member(site)
        assert site.call("POST", "/auth/forgot", {"email": ADDRESS}).status == 202
        new = {"email": ADDRESS, "code": site.code(ADDRESS), "password": "Better-Horse-2"}
        assert site.call("POST", "/auth/reset", new).status == 204
        assert site.call("POST", "/auth/reset", new).status == 410
        assert token(site, "Better-Horse-2")

    def test_who_has_no_account_gets_no_mail_and_no_hint(self, site: Site) -> None:
        assert site.call("POST", "/auth/forgot", {"email": ADDRESS}).status == 202
        new = {"email": ADDRESS, "code": "123456", "password": "Better-Horse-2"}
        assert site.call("POST", "/auth/reset", new).status == 410
        assert site.mails == []


class TestSecondFactor:
    def test_it_counts_from_the_first_right_code_on_until_both_factors_remove_it(self, site: Site) -> None:
        member(site)
        mine = token(site)
        begun = site.call("POST", "/auth/me/totp", token=mine).body
        assert begun["address"].startswith("otpauth://totp/anna.example%3Aberta%40fan.example?secret=")
        assert f"secret={begun['secret']}&" in begun["address"]
        assert token(site)  # not yet
        assert site.call("POST", "/auth/me/totp/confirm", {"code": "123456"}, token=mine).status == 200
        login = {"email": ADDRESS, "password": PASSWORD}
        asked = site.call("POST", "/auth/login", login)
        assert (asked.status, asked.body["error"]["field"]) == (401, "totp")
        wrong = site.call("POST", "/auth/login", {**login, "password": "Wrong-Horse-1"})
        assert (wrong.status, "field" in wrong.body["error"]) == (401, False)
        with_code = site.call("POST", "/auth/login", {**login, "totp": "123456"})
        assert with_code.status == 200
        mine = with_code.body["accessToken"]
        assert site.call("GET", "/auth/me", token=mine).body["totpSince"]
        removal = {"password": PASSWORD, "totp": "123456"}
        assert site.call("DELETE", "/auth/me/totp", {**removal, "password": "x"}, token=mine).status == 401
        assert site.call("DELETE", "/auth/me/totp", removal, token=mine).status == 204
        assert token(site)

    def test_who_lost_the_device_comes_in_with_the_code_that_was_shown_once(self, site: Site) -> None:
        user_id = member(site)
        code = locked(site)
        row = people.find(user_id)
        assert code not in str(row)
        wanted = {"email": ADDRESS, "password": PASSWORD, "recovery": code}
        wrong = {**wanted, "recovery": "2222-2222-2222-2222"}
        for refused in (site.call("POST", "/auth/recover", each) for each in (wrong, {**wanted, "password": "x"})):
            assert (refused.status, people.find(user_id)["totpSince"]) == (401, row["totpSince"])
        back = site.call("POST", "/auth/recover", {**wanted, "recovery": f" {code.upper().replace('-', ' ')}"})
        assert (back.status, site.mails[-1].subject) == (200, "Der zweite Faktor ist abgeschaltet")
        assert back.cookies
        assert token(site)  # by the password alone, until it is set up again
        assert site.call("POST", "/auth/recover", wanted).status == 401  # spent
        assert site.call("GET", "/auth/me", token=back.body["accessToken"]).body["totpSince"] == ""
        again = locked(site)
        assert again != code
        assert site.call("POST", "/auth/recover", wanted).status == 401  # of the factor before

    def test_who_has_both_factors_gets_another_code_and_the_one_before_is_worth_nothing(self, site: Site) -> None:
        member(site)
        both = {"password": PASSWORD, "totp": "123456"}
        path = "/auth/me/totp/recovery"
        assert site.call("POST", path, both, token=token(site)).status == 409  # there is no factor yet
        mine = token(site)
        first = locked(site)
        assert site.call("POST", path, {**both, "password": "x"}, token=mine).status == 401
        second = site.call("POST", path, both, token=mine).body["recovery"]
        wanted = {"email": ADDRESS, "password": PASSWORD}
        assert site.call("POST", "/auth/recover", {**wanted, "recovery": first}).status == 401
        assert site.call("POST", "/auth/recover", {**wanted, "recovery": second}).status == 200

    def test_the_platform_lets_the_creator_in_and_nobody_can_ask_for_it_from_outside(self, site: Site) -> None:
        user_id = member(site)
        told = {"routeKey": "platform unlock", "body": json.dumps({"userId": user_id, "by": "operator:1"})}
        assert "platform unlock" not in {route.key for route in plan.AUTH.routes}
        assert json.loads(auth.handle(told)["body"]) == {"unlocked": False}
        locked(site)
        assert json.loads(auth.handle(told)["body"]) == {"unlocked": True}
        assert (bool(token(site)), site.mails[-1].subject) == (True, "Der zweite Faktor ist abgeschaltet")
        [entry] = client("dynamodb").scan(TableName="privacy-requests")["Items"]
        assert entry["by"] == {"S": "operator:1"}

    def test_a_recovery_that_broke_off_can_be_done_again(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        member(site)
        wanted = {"email": ADDRESS, "password": PASSWORD, "recovery": locked(site)}

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError

        with monkeypatch.context() as patch:
            patch.setattr(people, "update", broken)
            assert site.call("POST", "/auth/recover", wanted).status == 500
        assert site.call("POST", "/auth/recover", wanted).status == 200

    def test_codes_of_recovery_cannot_be_tried_for_ever(self, site: Site) -> None:
        member(site)
        wanted = {"email": ADDRESS, "password": PASSWORD, "recovery": "2222-2222-2222-2222"}
        states = [site.call("POST", "/auth/recover", wanted).status for _ in range(LOGINS + 1)]
        assert states == [401] * LOGINS + [429]

    def test_the_creator_lets_somebody_in_and_it_is_written_down(self, site: Site) -> None:
        user_id = member(site)
        boss, fan = site.person("me", "admin"), {"email": ADDRESS}
        assert site.call("POST", "/auth/unlock", fan, token=site.person("fan")).status == 403
        assert site.call("POST", "/auth/unlock", fan, token=boss).status == 409
        locked(site)
        assert site.call("POST", "/auth/unlock", {"email": "x@fan.example"}, token=boss).status == 404
        assert site.call("POST", "/auth/unlock", fan, token=boss).status == 204
        assert token(site)
        assert site.mails[-1].subject == "Der zweite Faktor ist abgeschaltet"
        [entry] = client("dynamodb").scan(TableName="privacy-requests")["Items"]
        assert (entry["kind"], entry["by"]) == ({"S": "second-factor"}, {"S": "me"})
        assert entry["subjectHash"] == {"S": people.subject(user_id)}
        assert ADDRESS not in str(entry)
        assert user_id not in str(entry)

    def test_a_site_may_do_without(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MFA", "off")
        member(site)
        assert site.call("POST", "/auth/me/totp", token=token(site)).status == 403


class TestProfile:
    def test_a_name_moves_and_frees_the_old_one(self, site: Site) -> None:
        member(site)
        mine = token(site)
        assert site.call("PATCH", "/auth/me", {"username": "bea"}, token=mine).body["username"] == "bea"
        other = {**SIGNUP, "email": "other@fan.example"}
        assert site.call("POST", "/auth/signup", {**other, "username": "bea"}).status == 409
        assert site.call("POST", "/auth/signup", other).status == 202

    def test_a_new_address_counts_once_confirmed(self, site: Site) -> None:
        user_id = member(site)
        new = "bea@fan.example"
        assert site.call("PATCH", "/auth/me", {"email": new}, token=token(site)).body["email"] == ADDRESS
        assert site.call("POST", "/auth/confirm", {"userId": user_id, "code": site.code(new)}).status == 200
        assert site.call("GET", "/auth/me", token=token(site, address=new)).body["email"] == new


def test_two_people_cannot_take_one_name_at_once(site: Site) -> None:
    people.create("one", email="a@fan.example", username="same", locale="de")
    with pytest.raises(Exception, match="taken"):
        people.create("two", email="b@fan.example", username="same", locale="de")
    assert not people.exists("two")
