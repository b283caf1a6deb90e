"""Route 53, ACM and SES all look at the one DNS table: nothing is proven before the records are there."""

from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from sandbox.dns.table import DnsTable, Record
from sandbox.kit import Store
from tests.contract.aws.conftest import Aws, until


@pytest.fixture(scope="module")
def dns(aws: Aws) -> DnsTable:
    return DnsTable(Store(aws.folder / "dns" / "state.sqlite"))


def upsert(name: str, kind: str, *values: str, action: str = "UPSERT") -> dict[str, Any]:
    record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value} for value in values]}
    return {"Action": action, "ResourceRecordSet": record}


def make_zone(route53: Any, name: str) -> tuple[str, list[str]]:
    made = route53.create_hosted_zone(Name=name, CallerReference=name)
    return made["HostedZone"]["Id"].rpartition("/")[2], made["DelegationSet"]["NameServers"]


class TestZones:
    def test_records_are_served_once_the_registrar_delegates(
        self, aws: Aws, member: boto3.Session, dns: DnsTable
    ) -> None:
        route53 = aws.client("route53", member)
        zone, servers = make_zone(route53, "delegated.example")
        assert servers == route53.get_hosted_zone(Id=zone)["DelegationSet"]["NameServers"]
        changes = [
            upsert("www.delegated.example", "A", "192.0.2.7"),
            upsert("delegated.example", "TXT", '"v=spf1 -all"'),
        ]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
        assert dns.lookup("www.delegated.example", "A") == []
        delegation = Record("delegated.example", "NS", servers[0])
        dns.publish(delegation)
        assert until(lambda: dns.lookup("www.delegated.example", "A"))[0].value == "192.0.2.7"
        assert {record.owner for record in dns.lookup("delegated.example", "TXT")} == {f"route53:{zone}"}
        gone = upsert("www.delegated.example", "A", "192.0.2.7", action="DELETE")
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [gone]})
        assert dns.lookup("www.delegated.example", "A") == []
        dns.withdraw(delegation)
        assert until(lambda: dns.lookup("delegated.example", "TXT") == [])

    def test_the_same_domain_in_two_zones_has_other_name_servers(self, aws: Aws, member: boto3.Session) -> None:
        _, first = make_zone(aws.client("route53", member), "twice.example")
        _, second = make_zone(aws.client("route53", aws.assume(aws.new_account())), "twice.example")
        assert set(first).isdisjoint(second)


class TestCertificates:
    def test_issued_when_the_records_are_there(self, aws: Aws, member: boto3.Session, dns: DnsTable) -> None:
        acm = aws.client("acm", member, "us-east-1")
        names = ["cert.example", "www.cert.example"]
        arn = acm.request_certificate(DomainName=names[0], SubjectAlternativeNames=names, ValidationMethod="DNS")[
            "CertificateArn"
        ]
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        assert found["Status"] == "PENDING_VALIDATION"
        assert "NotAfter" not in found
        records = [option["ResourceRecord"] for option in found["DomainValidationOptions"]]
        assert len({record["Name"] for record in records}) == 2
        dns.publish(Record(records[0]["Name"].rstrip("."), "CNAME", records[0]["Value"].rstrip(".")))
        assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "PENDING_VALIDATION"
        dns.publish(Record(records[1]["Name"].rstrip("."), "CNAME", records[1]["Value"].rstrip(".")))
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        assert found["Status"] == "ISSUED"
        assert found["NotAfter"] > found["IssuedAt"]

    def test_nobody_validates_for_ever(self, aws: Aws, member: boto3.Session) -> None:
        acm = aws.client("acm", member, "us-east-1")
        arn = acm.request_certificate(DomainName="late.example", ValidationMethod="DNS")["CertificateArn"]
        aws.sim("POST", "/clock/advance", json={"seconds": 73 * 3600}).raise_for_status()
        assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "VALIDATION_TIMED_OUT"

    def test_who_forbids_it_is_refused_and_has_to_be_asked_anew(
        self, aws: Aws, member: boto3.Session, dns: DnsTable
    ) -> None:
        acm = aws.client("acm", member, "us-east-1")
        arn = acm.request_certificate(DomainName="www.closed.example", ValidationMethod="DNS")["CertificateArn"]
        dns.publish(Record("closed.example", "CAA", '0 issue "letsencrypt.org"'))
        [option] = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
        proof = option["ResourceRecord"]
        dns.publish(Record(proof["Name"].rstrip("."), "CNAME", proof["Value"].rstrip(".")))
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        assert (found["Status"], found["FailureReason"], "NotAfter" in found) == ("FAILED", "CAA_ERROR", False)
        dns.publish(Record("closed.example", "CAA", '0 issue "amazon.com"'))
        assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "FAILED"
        again = acm.request_certificate(DomainName="www.closed.example", ValidationMethod="DNS")["CertificateArn"]
        assert acm.describe_certificate(CertificateArn=again)["Certificate"]["Status"] == "ISSUED"


class TestMail:
    def test_a_domain_is_verified_by_its_dkim_records(self, aws: Aws, member: boto3.Session, dns: DnsTable) -> None:
        ses = aws.client("sesv2", member)
        made = ses.create_email_identity(EmailIdentity="mail.names.example")
        assert made["VerifiedForSendingStatus"] is False
        for token in made["DkimAttributes"]["Tokens"]:
            dns.publish(Record(f"{token}._domainkey.mail.names.example", "CNAME", f"{token}.dkim.amazonses.com"))
        found = ses.get_email_identity(EmailIdentity="mail.names.example")
        assert (found["VerifiedForSendingStatus"], found["DkimAttributes"]["Status"]) == (True, "SUCCESS")
        for record in dns.records(type="CNAME"):
            if record.name.endswith("._domainkey.mail.names.example"):
                dns.withdraw(record)
        assert (
            ses.get_email_identity(EmailIdentity="mail.names.example")["DkimAttributes"]["Status"]
            == "TEMPORARY_FAILURE"
        )

    def test_an_address_is_verified_by_the_link_in_a_mail(self, aws: Aws, account: str, member: boto3.Session) -> None:
        ses, address = aws.client("sesv2", member), "owner@address.example"
        ses.create_email_identity(EmailIdentity=address)
        with pytest.raises(ClientError, match="MessageRejected"):
            send(ses, address, address)
        mail = aws.sim("GET", "/mailbox", params={"account": account}).json()["mails"][0]
        assert httpx.get(mail["text"].rpartition(" ")[2]).status_code == 200
        assert send(ses, address, address)["MessageId"]
        mail = aws.sim("GET", "/mailbox", params={"account": account}).json()["mails"][0]
        assert (mail["from"], mail["to"], mail["subject"], mail["text"]) == (address, [address], "Hello", "Text")
        with pytest.raises(ClientError, match="stranger@elsewhere"):
            send(ses, address, "stranger@elsewhere.example")
        assert ses.get_account()["ProductionAccessEnabled"] is False
        aws.sim("POST", "/mail/production", json={"account": account}).raise_for_status()
        assert send(ses, address, "stranger@elsewhere.example")["MessageId"]
        assert ses.get_account()["SendQuota"]["Max24HourSend"] == 50000

    def test_bounces_reach_the_topic_of_the_configuration_set(self, aws: Aws, member: boto3.Session) -> None:
        ses, sns, sqs = (aws.client(name, member) for name in ("sesv2", "sns", "sqs"))
        topic = sns.create_topic(Name="mail-events")["TopicArn"]
        url = sqs.create_queue(QueueName="mail-events")["QueueUrl"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=topic.replace(":sns:", ":sqs:"))
        ses.create_configuration_set(ConfigurationSetName="main")
        ses.create_configuration_set_event_destination(
            ConfigurationSetName="main", EventDestinationName="sns",
            EventDestination={"Enabled": True, "MatchingEventTypes": ["BOUNCE"], "SnsDestination": {"TopicArn": topic}},
        )  # fmt: skip
        verified(aws, ses, "sender@bounces.example")
        send(ses, "sender@bounces.example", "bounce@simulator.amazonses.com", ConfigurationSetName="main")
        got = until(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
        assert got
        assert "Permanent" in got[0]["Body"]
        ses.put_suppressed_destination(EmailAddress="gone@elsewhere.example", Reason="BOUNCE")
        assert (
            ses.get_suppressed_destination(EmailAddress="gone@elsewhere.example")["SuppressedDestination"]["Reason"]
            == "BOUNCE"
        )


def verified(aws: Aws, ses: Any, address: str) -> None:
    ses.create_email_identity(EmailIdentity=address)
    mail = next(m for m in aws.sim("GET", "/mailbox").json()["mails"] if m["to"] == [address])
    assert httpx.get(mail["text"].rpartition(" ")[2]).status_code == 200


def send(ses: Any, sender: str, to: str, **more: Any) -> Any:
    content = {
        "Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Text"}, "Html": {"Data": "<p>Html</p>"}}}
    }
    return ses.send_email(FromEmailAddress=sender, Destination={"ToAddresses": [to]}, Content=content, **more)
