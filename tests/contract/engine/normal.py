"""Everything that differs from run to run, replaced by a word; for what was recorded and for what happens."""

import json
import re
from typing import Any

_RULES = [
    (re.compile(r"(?!04da6b54-80e4-46f7)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<UUID>"),
    (re.compile(r"\b(r2bucket|workersscript|bucket)-\d+\b"), r"\1-<N>"),
    (re.compile(r"\b(sim:\w+|etag)([:-])\d+"), r"\1\2<N>"),
    (re.compile(r"\blogs-[0-9a-f]{7}\b"), "logs-<SEED>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<TIME>"),
    (re.compile(r"v1:[A-Za-z0-9+/=]{11,}:v1:[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+"), "<SALT>"),
    (re.compile(r"v1:[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+"), "<CIPHERTEXT>"),
    (re.compile(r"127\.0\.0\.1:(\d+|<PORT>)"), "<ADDRESS>"),
    (re.compile(r"created by \S+ \(pid [^)]*\)"), "created by <HOLDER>"),
    (re.compile(r"file://\S*?/\.pulumi"), "<BACKEND>/.pulumi"),
    (re.compile(r"(<PULUMI_HOME>|/[\w./-]+)/plugins/resource-"), "<HOME>/plugins/resource-"),
    (re.compile(r"\nTraceback \(most recent call last\):.*?(?=\n\w+Error|\Z)", re.DOTALL), "\n<TRACE>"),
    (re.compile(r"(?<=--file )\S+"), "<TMPFILE>"),
]  # fmt: skip
_DROPPED = {
    "sourcePosition",
    "stackTrace",
    "created",
    "modified",
    "resourceStatusToken",
    "resourceStatusAddress",
    "randomSeed",
}


def text(value: str) -> str:
    for pattern, word in _RULES:
        value = pattern.sub(word, value)
    return value


def value(item: Any) -> Any:
    if isinstance(item, str):
        return text(item)
    if isinstance(item, list):
        return [value(one) for one in item]
    if isinstance(item, dict):
        return {text(key): value(one) for key, one in item.items() if key not in _DROPPED}
    return item


def canonical(item: Any) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False)


# --- command line -------------------------------------------------------------------------------------------------

_OPERATIONS = {"up", "preview", "refresh", "destroy"}


def argv(words: list[str]) -> str:
    return text(" ".join(words))


def stdout(words: list[str], out: str) -> Any:
    """JSON as values; the texts of updates by their lasting parts; anything else as it is."""
    if out.lstrip()[:1] in ("[", "{"):
        return _json_output(words, json.loads(out))
    if _OPERATIONS & set(words[:3]):
        return _update_text(out)
    return [line.rstrip() for line in text(out).splitlines()]


def _json_output(words: list[str], data: Any) -> Any:
    if "history" in words:
        return [_history_entry(entry) for entry in data]
    if "whoami" in words:
        return sorted(data)
    if "plugin" in words:
        return [{"name": item["name"], "kind": item["kind"], "version": item["version"]} for item in data]
    if "preview" in words:
        return _planned(data)
    if "export" in words:  # the order of independent resources is chance
        (data["deployment"].get("resources") or []).sort(key=lambda item: item["urn"])
    return value(data)


def _history_entry(entry: dict[str, Any]) -> Any:
    kept = {key: one for key, one in entry.items() if key != "environment"}
    environment = entry["environment"]
    kept["flags"] = {key: one for key, one in environment.items() if key.startswith("pulumi.flag.")}
    kept["kinds"] = sorted(key for key in environment if key.startswith(("exec.", "stack.", "runtime.")))
    return value(kept)


def _planned(data: dict[str, Any]) -> Any:
    steps = [{"op": one["op"], "urn": one["urn"], "reasons": one.get("diffReasons")} for one in data["steps"]]
    return value(
        {"config": data["config"], "changeSummary": data["changeSummary"], "steps": sorted(steps, key=canonical)}
    )


def _update_text(out: str) -> Any:
    """Headline, what went wrong, the counts, the last words."""
    lines = [line.rstrip() for line in text(out).splitlines()]
    start = lines.index("Resources:") if "Resources:" in lines else len(lines)
    counts = [line.strip() for line in lines[start + 1 :] if line.strip() and not line.startswith("Duration:")]
    if any("errored" in line for line in counts):
        counts = [line for line in counts if "errored" in line]
    errors = sorted({line.strip() for line in lines[:start] if line.strip().startswith(("error: ", "warning: "))})
    return {"headline": lines[:1], "errors": errors, "counts": sorted(counts)}


# --- events ---------------------------------------------------------------------------------------------------------


def events(stream: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without debug messages, numbers and times."""
    found = []
    for event in stream:
        body = {key: one for key, one in event.items() if key not in ("dt", "sequence", "timestamp")}
        if body.get("diagnosticEvent", {}).get("severity") == "debug":
            continue
        body.get("summaryEvent", {}).pop("durationSeconds", None)
        for item in body.values():
            item.pop("steps", None)
        if body.get("summaryEvent", {}).get("result") == "failed":
            del body["summaryEvent"]["resourceChanges"]  # how far the others came when it failed is chance
        found.append(value(body))
    return found


def provider_calls(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Requests in the order in which the plugins got them; what only describes the engine is left out."""
    kept = [item for item in log if item["method"] not in ("Handshake", "GetPluginInfo", "Cancel")]
    return [{"plugin": item["plugin"], "method": item["method"], "request": value(item["request"])} for item in kept]


def state(latest: dict[str, Any] | None) -> Any:
    if latest is None:
        return None
    kept = {key: latest.get(key) for key in ("secrets_providers", "resources", "pending_operations", "metadata")}
    found: Any = value(kept)
    for item in found["resources"] or []:
        if isinstance(item.get("propertyDependencies"), dict):
            item["propertyDependencies"] = {
                key: sorted(urns or []) for key, urns in item["propertyDependencies"].items()
            }
    return found
