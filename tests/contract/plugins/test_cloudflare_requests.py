"""What the Cloudflare plugin sends, and what it does when the answers are bad."""

import hashlib
import json
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2

from sandbox.plugins.proto import provider_pb2
from tests.contract.plugins.client import UNKNOWN, CheckRefused, Doc, Object, Plugin, doc, secret, struct
from tests.contract.plugins.recorder import Recorder, parts

RECORD = "cloudflare:index/dnsRecord:DnsRecord"
NAMESPACE = "cloudflare:index/workersKvNamespace:WorkersKvNamespace"
BUCKET = "cloudflare:index/r2Bucket:R2Bucket"
LIFECYCLE = "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle"
SCRIPT = "cloudflare:index/workersScript:WorkersScript"
ENTRY = "cloudflare:index/workersKv:WorkersKv"
HOSTNAME = "cloudflare:index/customHostname:CustomHostname"

WWW: Doc = {"zoneId": "z1", "name": "www.example.org", "type": "A", "content": "192.0.2.1", "ttl": 300}


class TestRequests:
    def test_token_and_agent_are_sent(self, cloudflare: Plugin, recorder: Recorder) -> None:
        cloudflare.create(NAMESPACE, {"accountId": "a1", "title": "one"})
        [request] = recorder.requests
        assert request.headers["authorization"] == "Bearer token-of-the-test"
        assert request.json == {"title": "one"}

    def test_numbers_are_integers(self, cloudflare: Plugin, recorder: Recorder) -> None:
        cloudflare.create(RECORD, WWW)
        assert b'"ttl": 300,' in recorder.requests[0].body

    def test_a_jurisdiction_travels_as_a_header(self, cloudflare: Plugin, recorder: Recorder) -> None:
        bucket = {"accountId": "a1", "name": "media", "jurisdiction": "eu", "location": "weur"}
        cloudflare.create(BUCKET, bucket)
        rules = [{"id": "old", "enabled": True, "conditions": {"prefix": ""}}]
        cloudflare.create(LIFECYCLE, {"accountId": "a1", "bucketName": "media", "jurisdiction": "eu", "rules": rules})
        assert recorder.calls() == ["POST /accounts/a1/r2/buckets", "PUT /accounts/a1/r2/buckets/media/lifecycle"]
        assert [request.headers["cf-r2-jurisdiction"] for request in recorder.requests] == ["eu", "eu"]
        assert recorder.requests[0].json == {"name": "media", "locationHint": "weur", "storageClass": "Standard"}

    def test_a_storage_class_is_changed_by_a_header(self, cloudflare: Plugin, recorder: Recorder) -> None:
        bucket = cloudflare.create(BUCKET, {"accountId": "a1", "name": "media"})
        cloudflare.update(bucket, {"accountId": "a1", "name": "media", "storageClass": "InfrequentAccess"})
        request = recorder.requests[-1]
        assert (request.method, request.headers["cf-r2-storage-class"], request.body) == (
            "PATCH",
            "InfrequentAccess",
            b"",
        )

    def test_deleting_a_lifecycle_calls_nobody(self, cloudflare: Plugin, recorder: Recorder) -> None:
        rules = cloudflare.create(LIFECYCLE, {"accountId": "a1", "bucketName": "media"})
        recorder.requests.clear()
        cloudflare.delete(rules)
        assert recorder.requests == []

    def test_keys_are_percent_encoded(self, cloudflare: Plugin, recorder: Recorder) -> None:
        entry = {
            "accountId": "a1",
            "namespaceId": "n1",
            "keyName": "h:www.example.org",
            "value": "{}",
            "metadata": '{"a":1}',
        }
        object = cloudflare.create(ENTRY, entry)
        assert recorder.calls() == ["PUT /accounts/a1/storage/kv/namespaces/n1/values/h%3Awww.example.org"]
        assert {name: content for name, (_, content) in parts(recorder.requests[0]).items()} == {
            "value": b"{}",
            "metadata": b'{"a":1}',
        }
        assert object.id == "h:www.example.org"

    def test_a_hostname_update_sends_only_what_changed(self, cloudflare: Plugin, recorder: Recorder) -> None:
        ssl = {"method": "txt", "type": "dv", "settings": {"tls13": "on", "minTlsVersion": "1.2"}}
        first = {"zoneId": "z1", "hostname": "www.shop.example", "ssl": ssl}
        hostname = cloudflare.create(HOSTNAME, first)
        assert recorder.requests[0].json["ssl"]["settings"] == {"tls_1_3": "on", "min_tls_version": "1.2"}
        cloudflare.update(hostname, {**first, "customOriginServer": "origin.example.org"})
        assert recorder.requests[-1].json == {"custom_origin_server": "origin.example.org"}


class TestScripts:
    def script(self, folder: Path, **more: object) -> Doc:
        file = folder / "index.mjs"
        file.write_text("export default { fetch: () => new Response('hi') }")
        sha = hashlib.sha256(file.read_bytes()).hexdigest()
        source = {"mainModule": "index.mjs", "contentFile": str(file), "contentSha256": sha}
        return {"accountId": "a1", "scriptName": "core", "compatibilityDate": "2026-08-01", **source, **more}

    def test_upload_is_a_module_and_its_metadata(self, cloudflare: Plugin, recorder: Recorder, tmp_path: Path) -> None:
        bindings = [
            {"name": "KEY", "type": "secret_text", "text": secret("hush")},
            {"name": "LIMIT", "type": "ratelimit", "namespaceId": "1001", "simple": {"limit": 5.0, "period": 60.0}},
            {"name": "SITES", "type": "r2_bucket", "bucketName": "sites", "jurisdiction": "eu"},
        ]
        given = self.script(tmp_path, bindings=bindings, observability={"enabled": True, "headSamplingRate": 0.5})
        object = cloudflare.create(SCRIPT, {**given, "bindingsInherit": "strict", "limits": {"cpuMs": 50}})
        [request] = recorder.requests
        assert request.path == "/accounts/a1/workers/scripts/core?bindings_inherit=strict"
        head, module = parts(request)["index.mjs"]
        assert 'filename="index.mjs"' in head
        assert "application/javascript+module" in head
        assert module.startswith(b"export default")
        head, metadata = parts(request)["metadata"]
        assert "filename" not in head
        assert json.loads(metadata) == {
            "main_module": "index.mjs",
            "compatibility_date": "2026-08-01",
            "observability": {"enabled": True, "head_sampling_rate": 0.5},
            "limits": {"cpu_ms": 50},
            "bindings": [
                {"name": "KEY", "type": "secret_text", "text": "hush"},
                {"name": "LIMIT", "type": "ratelimit", "namespace_id": "1001", "simple": {"limit": 5, "period": 60}},
                {"name": "SITES", "type": "r2_bucket", "bucket_name": "sites", "jurisdiction": "eu"},
            ],
        }
        assert object.id == "core"
        assert object.outputs["bindings"][0]["text"] == secret("hush"), "a secret input stays secret in the outputs"

    def test_a_file_that_changed_since_it_was_declared_is_refused(
        self, cloudflare: Plugin, recorder: Recorder, tmp_path: Path
    ) -> None:
        given = self.script(tmp_path, contentSha256="0" * 64)
        with pytest.raises(grpc.RpcError, match="contentSha256"):
            cloudflare.create(SCRIPT, given)
        assert recorder.requests == []

    def test_a_script_needs_a_source(self, cloudflare: Plugin, recorder: Recorder) -> None:
        with pytest.raises(CheckRefused) as refused:
            cloudflare.create(SCRIPT, {"accountId": "a1", "scriptName": "core"})
        assert refused.value.failures == {"content": "a script needs content or contentFile"}
        assert recorder.requests == []


class TestTrouble:
    @pytest.mark.parametrize("fault", ["drop_after", "500_after", "garbage_after"])
    def test_a_create_that_got_no_answer_takes_the_object_it_made(
        self, cloudflare: Plugin, recorder: Recorder, fault: str
    ) -> None:
        recorder.faults.append(fault)
        object = cloudflare.create(RECORD, WWW)
        assert list(recorder.documents) == [f"/zones/z1/dns_records/{object.id}"]

    def test_an_object_of_somebody_else_is_not_taken(self, cloudflare: Plugin, recorder: Recorder) -> None:
        cloudflare.create(RECORD, WWW)
        with pytest.raises(grpc.RpcError, match="81058") as refused:
            cloudflare.create(RECORD, WWW)
        assert refused.value.code() is grpc.StatusCode.ALREADY_EXISTS

    @pytest.mark.parametrize("fault", ["429", "500"])
    def test_a_passing_failure_is_repeated(self, cloudflare: Plugin, recorder: Recorder, fault: str) -> None:
        recorder.faults += [fault, fault]
        cloudflare.create(NAMESPACE, {"accountId": "a1", "title": "one"})
        assert recorder.calls() == ["POST /accounts/a1/storage/kv/namespaces"] * 3

    def test_attempts_are_bounded(self, cloudflare: Plugin, recorder: Recorder) -> None:
        recorder.faults += ["429"] * 9
        with pytest.raises(grpc.RpcError, match="429") as refused:
            cloudflare.create(NAMESPACE, {"accountId": "a1", "title": "one"})
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert len(recorder.requests) == 5
        assert recorder.documents == {}

    def test_no_message_holds_a_secret(self, cloudflare: Plugin, recorder: Recorder) -> None:
        recorder.faults += ["500"] * 5
        with pytest.raises(grpc.RpcError) as refused:
            cloudflare.create(ENTRY, {"accountId": "a1", "namespaceId": "n1", "keyName": "k", "value": secret("hush")})
        assert "hush" not in str(refused.value)
        assert "token-of-the-test" not in str(refused.value)


class TestCancel:
    def test_a_request_that_waits_for_its_turn_is_given_up(self, recorder: Recorder) -> None:
        plugin = Plugin("cloudflare", {"apiToken": "t", "baseUrl": recorder.url})
        recorder.faults += ["429 20"]
        try:
            object = Object(NAMESPACE, "it")
            properties = struct(plugin.check(object, {"accountId": "a1", "title": "one"}))
            request = provider_pb2.CreateRequest(urn=object.urn, type=NAMESPACE, name="it", properties=properties)
            waiting = plugin.stub.Create.future(request)
            recorder.await_requests(1)
            plugin.stub.Cancel(empty_pb2.Empty())
            assert waiting.exception(timeout=60).code() is grpc.StatusCode.CANCELLED
        finally:
            plugin.close()
        assert recorder.documents == {}


class TestProtocol:
    def test_a_preview_calls_nobody(self, cloudflare: Plugin, recorder: Recorder) -> None:
        outputs = cloudflare.preview(RECORD, {**WWW, "content": UNKNOWN})
        assert recorder.requests == []
        assert repr(outputs["createdOn"]) == repr(outputs["content"]) == "<unknown>"
        assert outputs["name"] == "www.example.org"

    def test_missing_is_a_successful_delete_and_an_empty_read(self, cloudflare: Plugin, recorder: Recorder) -> None:
        gone = Object(RECORD, "it", "0" * 32, WWW, WWW)
        cloudflare.delete(gone)
        assert cloudflare.read(gone) is None
        assert recorder.calls() == [f"DELETE /zones/z1/dns_records/{gone.id}", f"GET /zones/z1/dns_records/{gone.id}"]

    def test_a_replacement_under_the_same_name_deletes_first(self, cloudflare: Plugin, recorder: Recorder) -> None:
        bucket = cloudflare.create(BUCKET, {"accountId": "a1", "name": "media"})
        same_name = cloudflare.diff(bucket, {"accountId": "a1", "name": "media", "jurisdiction": "eu"})
        other_name = cloudflare.diff(bucket, {"accountId": "a1", "name": "films"})
        assert (list(same_name.replaces), same_name.deleteBeforeReplace) == (["jurisdiction"], True)
        assert (list(other_name.replaces), other_name.deleteBeforeReplace) == (["name"], False)

    def test_ignored_changes_are_no_changes(self, cloudflare: Plugin, recorder: Recorder) -> None:
        record = cloudflare.create(RECORD, WWW)
        assert cloudflare.diff(record, {**WWW, "ttl": 60}, ignore=("ttl",)).changes == 1
        assert cloudflare.diff(record, {**WWW, "ttl": 60}).changes == 2

    def test_drift_is_found_by_a_refresh(self, cloudflare: Plugin, recorder: Recorder) -> None:
        record = cloudflare.create(RECORD, WWW)
        recorder.documents[f"/zones/z1/dns_records/{record.id}"]["content"] = "192.0.2.9"
        assert cloudflare.drift(record) == ["content"]

    def test_an_object_is_imported_by_its_path(self, cloudflare: Plugin, recorder: Recorder) -> None:
        record = cloudflare.create(RECORD, WWW)
        found = cloudflare.imported(RECORD, f"z1/{record.id}")
        assert found is not None
        assert (found.id, found.inputs) == (record.id, WWW)

    def test_what_the_table_does_not_know_is_named(self, cloudflare: Plugin, recorder: Recorder) -> None:
        with pytest.raises(CheckRefused) as refused:
            cloudflare.create(RECORD, {**WWW, "privateRouting": True, "type": "ABC"})
        assert "does not support the property 'privateRouting'" in refused.value.failures["privateRouting"]
        assert "must be one of" in refused.value.failures["type"]
        with pytest.raises(grpc.RpcError, match="no resource type 'cloudflare:index/ruleset:Ruleset'"):
            cloudflare.create("cloudflare:index/ruleset:Ruleset", {})

    def test_unknown_values_reach_no_rule(self, cloudflare: Plugin, recorder: Recorder) -> None:
        object = Object(BUCKET, "it")
        inputs = cloudflare.check(object, {"accountId": UNKNOWN, "name": "media", "storageClass": UNKNOWN})
        assert doc(struct(inputs))["accountId"].__class__.__name__ == "Unknown"
