"""The stack of a creator: made once, the same afterwards, and answering."""

import json

from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import APP, Creator, now_shown


class TestStack:
    def test_a_second_run_changes_nothing(self, creator: Creator) -> None:
        created = creator.report["changes"]["create"]
        assert creator.report["changes"] == {"create": created}
        assert creator.run("up")["changes"] == {"same": created}

    def test_what_it_made_is_told(self, creator: Creator) -> None:
        outputs = creator.report["outputs"]
        assert outputs["functions"] == [
            f"creator-{name}"
            for name in (
                "analytics auth chat chat-review contact donations events health mailer membership newsletter"
                " newsletter-sender polls privacy shop sponsor stream stripe-webhook"
            ).split()
        ]  # fmt: skip
        assert "POST /contact" in outputs["routes"]
        assert outputs["tables"] == [
            f"creator-{name}"
            for name in (
                "analytics-daily auth-codes campaigns donations event-tickets events memberships messages poll-votes"
                " polls privacy-requests processed-events shop-orders shop-products sponsors streams subscribers users"
            ).split()
        ]
        assert outputs["site_bucket"] == f"cr-anna-{creator.account}-site"
        assert len(outputs["name_servers"]) == 4
        assert {record["type"] for record in outputs["validation_records"]} == {"CNAME"}
        assert len(outputs["validation_records"]) == 2


class TestMonitoring:
    def test_every_table_is_watched_and_every_module_shown(self, creator: Creator) -> None:
        watch = creator.aws.client("cloudwatch", creator.member())
        alarms = watch.describe_alarms(AlarmNamePrefix="creator-tables-throttled-")["MetricAlarms"]
        queries = [query for alarm in alarms for query in alarm["Metrics"] if "MetricStat" in query]
        seen = {each["Value"] for query in queries for each in query["MetricStat"]["Metric"]["Dimensions"]}
        assert seen == set(creator.report["outputs"]["tables"])
        assert max(len(alarm["Metrics"]) for alarm in alarms) <= 11
        widgets = json.loads(watch.get_dashboard(DashboardName="creator")["DashboardBody"])["widgets"]
        shown = {widget["properties"]["title"] for widget in widgets}
        assert {"Stream", "Chat", "Mail", "Site", "Cost of this month"} < shown
        assert len(widgets) <= 12

    def test_the_site_is_watched_where_it_is_measured(self, creator: Creator) -> None:
        watch = creator.aws.client("cloudwatch", creator.member(), region="us-east-1")
        [alarm] = watch.describe_alarms(AlarmNames=["creator-site-5xx"])["MetricAlarms"]
        of_site = {"DistributionId": creator.report["outputs"]["distribution_id"], "Region": "Global"}
        assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == of_site
        assert alarm["AlarmActions"] == [f"arn:aws:sns:us-east-1:{creator.account}:creator-alarms"]

    def test_a_day_of_a_fifth_of_the_months_traffic_rings(self, creator: Creator) -> None:
        watch = creator.aws.client("cloudwatch", creator.member(), region="us-east-1")
        site = {"DistributionId": creator.report["outputs"]["distribution_id"], "Region": "Global"}
        named = [{"Name": name, "Value": value} for name, value in site.items()]

        def after(gigabytes: int) -> str:
            data = {"MetricName": "BytesDownloaded", "Value": gigabytes * 1e9, "Dimensions": named}
            watch.put_metric_data(Namespace="AWS/CloudFront", MetricData=[data])
            found = watch.describe_alarms(AlarmNames=["creator-site-traffic"])["MetricAlarms"]
            return str(found[0]["StateValue"])

        assert [after(17), after(1)] == ["OK", "ALARM"]


class TestPeople:
    def test_sign_up_confirm_sign_in(self, creator: Creator) -> None:
        token = creator.token(creator.sign_up("berta"))
        me = creator.call("GET", "/auth/me", token=token)
        assert (me.status_code, me.json()["username"], me.json()["role"]) == (200, "berta", "member")
        assert creator.call("GET", "/auth/me").status_code == 401
        assert creator.call("GET", "/auth/me", token=f"{token[:-4]}AAAA").status_code == 401

    def test_a_session_is_renewed_and_ended(self, creator: Creator) -> None:
        address = creator.sign_up("clara")
        login = creator.call("POST", "/auth/login", json={"email": address, "password": "Correct-Horse-1"})
        cookie = login.headers["set-cookie"]
        assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/api/auth"} <= set(cookie.split("; "))
        again = {"cookie": cookie.partition(";")[0], "x-requested-with": "site"}
        assert creator.call("POST", "/auth/refresh", headers=again).status_code == 200
        assert creator.call("POST", "/auth/logout", headers=again).status_code == 204
        assert creator.call("POST", "/auth/refresh", headers=again).status_code == 401

    def test_a_second_factor_is_asked_for(self, creator: Creator) -> None:
        address = creator.sign_up("fritz")
        token, login = creator.token(address), {"email": address, "password": "Correct-Horse-1"}
        seed = creator.call("POST", "/auth/me/totp", token=token).json()["secret"]
        assert creator.call("POST", "/auth/me/totp/confirm", token=token, json={"code": "000000"}).status_code == 400
        right = {"code": now_shown(seed)}
        assert creator.call("POST", "/auth/me/totp/confirm", token=token, json=right).status_code == 200
        asked = creator.call("POST", "/auth/login", json=login)
        assert (asked.status_code, asked.json()["error"]["field"]) == (401, "totp")
        wrong = creator.call("POST", "/auth/login", json={**login, "totp": "000000"})
        assert wrong.status_code == 401
        both = {**login, "totp": now_shown(seed)}
        assert creator.call("POST", "/auth/login", json=both).status_code == 200
        removal = {"password": both["password"], "totp": both["totp"]}
        assert creator.call("DELETE", "/auth/me/totp", token=token, json=removal).status_code == 204
        assert creator.call("POST", "/auth/login", json=login).status_code == 200


class TestContact:
    def test_a_message_arrives(self, creator: Creator) -> None:
        body = {"name": "Dora", "email": "dora@fan.example", "message": "Wann ist die Premiere?", "topic": "Presse"}
        body |= {"website": "", "startedAt": 0}
        # A function has ten seconds, which a machine under load may not have for it; visitors try again, too.
        assert until(lambda: creator.call("POST", "/contact", json=body).status_code == 202)
        mails = creator.mail.to("owner@creator.example")
        mail = next(mail for mail in mails if mail["reply_to"] == "dora@fan.example")
        assert mail["subject"] == "Presse: Dora"
        assert mail["from"] == "anna.example <post@mail.anna.example>"
        assert mail["authorization"] == "Bearer re_test"


class TestHealth:
    def test_the_token_shows_the_parts(self, creator: Creator) -> None:
        short = creator.call("GET", "/health").json()
        assert (short["ok"], short["version"], "checks" in short) == (True, "1.0.0", False)
        assert creator.call("GET", "/health", headers={"x-health-token": "wrong"}).status_code == 403
        long = creator.call("GET", "/health", headers={"x-health-token": APP["health"]})
        assert long.json()["checks"] == {"dynamodb": True, "cognito": True, "secrets": True}


class TestBackup:
    def test_what_holds_data_is_marked_and_recoverable(self, creator: Creator) -> None:
        member = creator.member()
        vault = creator.aws.client("backup", member)
        [plan] = vault.list_backup_plans()["BackupPlansList"]
        [rule] = vault.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"]
        assert rule["Lifecycle"]["DeleteAfterDays"] == 14
        tables = creator.aws.client("dynamodb", member)
        marked = set()
        for name in creator.report["outputs"]["tables"]:
            arn = tables.describe_table(TableName=name)["Table"]["TableArn"]
            tags = {tag["Key"]: tag["Value"] for tag in tables.list_tags_of_resource(ResourceArn=arn)["Tags"]}
            found = tables.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
            on = found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
            assert on == (tags["data"] != "transient")
            marked |= {name} if tags["backup"] == "true" else set()
        unmarked = set(creator.report["outputs"]["tables"]) - marked
        assert unmarked == {"creator-analytics-daily", "creator-auth-codes", "creator-processed-events"}
