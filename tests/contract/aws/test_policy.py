"""The policy evaluator on its own."""

from typing import Any

import pytest

from sandbox.aws.policy import Document, Policies, Request, decide

S3 = "arn:aws:s3:::bucket/key"
WHO = {
    "aws:PrincipalArn": "arn:aws:iam::111122223333:role/app", "aws:PrincipalAccount": "111122223333",
    "aws:RequestedRegion": "eu-central-1", "aws:SourceIp": "10.1.2.3", "aws:SecureTransport": "true",
}  # fmt: skip


def statement(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "*", "Resource": "*", **more}


def policy(*statements: dict[str, Any]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allowed(document: Document, action: str = "s3:GetObject", resource: str = S3, context: Any = None) -> bool:
    request = Request(action, resource, {**WHO, **(context or {})})
    return decide(request, Policies(identity=[document])).allowed


class TestMatching:
    @pytest.mark.parametrize(
        ("action", "wanted"),
        [("s3:GetObject", True), ("s3:getobject", True), ("s3:Get*", True), ("*", True), ("s3:Put*", False),
         ("s3:GetObjec?", True), ("sqs:*", False), (["sqs:*", "s3:*"], True)],
    )  # fmt: skip
    def test_actions(self, action: Any, wanted: bool) -> None:
        assert allowed(policy(statement(Action=action))) is wanted

    @pytest.mark.parametrize(
        ("resource", "wanted"),
        [("*", True), (S3, True), ("arn:aws:s3:::bucket/*", True), ("arn:aws:s3:::bucket", False),
         ("arn:aws:s3:::other/*", False), ("arn:aws:s3:::bucket/${aws:PrincipalAccount}", False)],
    )  # fmt: skip
    def test_resources(self, resource: str, wanted: bool) -> None:
        assert allowed(policy(statement(Resource=resource))) is wanted

    def test_variables(self) -> None:
        own = policy(statement(Resource="arn:aws:s3:::bucket/${aws:PrincipalAccount}/*"))
        assert allowed(own, resource="arn:aws:s3:::bucket/111122223333/x")
        assert not allowed(own, resource="arn:aws:s3:::bucket/999922223333/x")

    def test_not_action_and_not_resource(self) -> None:
        document = policy(statement(), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"})
        assert allowed(document)
        assert not allowed(document, action="sqs:SendMessage", resource="*")
        document = policy(statement(), {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::bucket/*"})
        assert allowed(document)
        assert not allowed(document, resource="arn:aws:s3:::other/x")

    def test_nothing_is_allowed_by_default(self) -> None:
        assert not allowed(policy())
        assert not allowed(policy(statement("Deny")))


class TestConditions:
    @pytest.mark.parametrize(
        ("operator", "key", "value", "wanted"),
        [
            ("StringEquals", "aws:RequestedRegion", ["us-east-1", "eu-central-1"], True),
            ("StringEquals", "AWS:requestedregion", "eu-central-1", True),
            ("StringNotEquals", "aws:RequestedRegion", ["us-east-1", "eu-central-1"], False),
            ("StringLike", "aws:RequestedRegion", "eu-*", True),
            ("StringNotLike", "aws:RequestedRegion", "us-*", True),
            ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/app", True),
            ("ArnNotLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/platform"], True),
            ("IpAddress", "aws:SourceIp", "10.0.0.0/8", True),
            ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", False),
            ("Bool", "aws:SecureTransport", "false", False),
            ("Bool", "aws:SecureTransport", True, True),
            ("StringEquals", "sts:ExternalId", "x", False),
            ("StringNotEquals", "sts:ExternalId", "x", True),
            ("StringEqualsIfExists", "sts:ExternalId", "x", True),
            ("Null", "sts:ExternalId", "true", True),
            ("Null", "aws:SourceIp", "true", False),
            ("NumericLessThan", "s3:max-keys", "10", False),
        ],
    )
    def test_operators(self, operator: str, key: str, value: Any, wanted: bool) -> None:
        assert allowed(policy(statement(Condition={operator: {key: value}}))) is wanted

    def test_sets(self) -> None:
        every = policy(statement(Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}))
        some = policy(statement(Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}))
        assert allowed(every, context={"aws:TagKeys": ["a"]})
        assert not allowed(every, context={"aws:TagKeys": ["a", "c"]})
        assert allowed(some, context={"aws:TagKeys": ["a", "c"]})
        assert not allowed(some, context={"aws:TagKeys": ["c"]})
        assert allowed(every)
        assert not allowed(some)

    def test_numbers_and_dates(self) -> None:
        assert allowed(
            policy(statement(Condition={"NumericLessThanEquals": {"s3:max-keys": "10"}})), context={"s3:max-keys": "10"}
        )
        past = {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00+00:00"}}
        assert allowed(policy(statement(Condition=past)), context={"aws:CurrentTime": "2026-11-20T00:00:00+00:00"})
        assert not allowed(policy(statement(Condition=past)), context={"aws:CurrentTime": "2025-11-20T00:00:00+00:00"})

    def test_all_conditions_must_hold(self) -> None:
        both = {"StringEquals": {"aws:RequestedRegion": "eu-central-1", "aws:PrincipalAccount": "999922223333"}}
        assert not allowed(policy(statement(Condition=both)))


class TestLevels:
    FULL = policy(statement())

    def decide(self, **more: Any) -> tuple[bool, str]:
        verdict = decide(Request("s3:GetObject", S3, WHO), Policies(**{"identity": [self.FULL], **more}))
        return verdict.allowed, verdict.reason

    def test_a_deny_anywhere_wins(self) -> None:
        no = policy(statement("Deny", Action="s3:*"))
        assert self.decide(controls=[[self.FULL, no]]) == (False, "an explicit deny in a service control policy")
        assert self.decide(boundary=policy(statement(), *no["Statement"]))[1].startswith("an explicit deny")
        assert self.decide(resource=no)[0] is False
        assert self.decide(identity=[self.FULL, no])[0] is False

    def test_every_level_of_control_policies_must_allow(self) -> None:
        some = policy(statement(Action="sqs:*"))
        assert self.decide(controls=[[self.FULL], [self.FULL]]) == (True, "")
        assert self.decide(controls=[[self.FULL], [some]]) == (False, "no service control policy allows")

    def test_boundary_and_session_only_limit(self) -> None:
        some = policy(statement(Action="sqs:*"))
        assert self.decide(boundary=some) == (False, "no permissions boundary allows")
        assert self.decide(session=some) == (False, "no session policy allows")
        assert self.decide(identity=[], boundary=self.FULL)[0] is False

    def test_a_resource_policy_opens_inside_the_account_only(self) -> None:
        mine = policy(statement(Principal={"AWS": "arn:aws:iam::111122223333:role/app"}))
        other = policy(statement(Principal={"AWS": "arn:aws:iam::111122223333:role/other"}))
        assert self.decide(identity=[], resource=mine) == (True, "")
        assert self.decide(identity=[], resource=other)[0] is False
        account = policy(statement(Principal={"AWS": "arn:aws:iam::111122223333:root"}))
        assert self.decide(identity=[], resource=account)[0] is False
        assert self.decide(resource=account, same_account=False)[0] is True
        assert self.decide(identity=[], resource=mine, same_account=False)[0] is False
        assert self.decide(resource=mine, same_account=False) == (True, "")
        assert self.decide(same_account=False)[0] is False
