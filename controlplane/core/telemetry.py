"""Traces, metrics and the one correlation id that goes from the webhook to the e-mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from opentelemetry import propagate, trace
from prometheus_client import Counter, Gauge, Histogram

from controlplane.settings import Settings

ENDPOINT, TRACES = "otlp_endpoint", "/v1/traces"
CHILD_SECONDS = 3

correlation: ContextVar[str] = ContextVar("correlation", default="")

REQUESTS = Counter("cp_http_requests_total", "Answers by route and status", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("cp_http_request_seconds", "Time to answer", ["method", "route"])
JOBS = Counter("cp_jobs_total", "Jobs by name and outcome", ["job", "outcome"])
JOB_SECONDS = Histogram("cp_job_seconds", "Time of a job", ["job"], buckets=(0.01, 0.1, 1, 10, 60, 600, 3600))
REFUSED_WEBHOOKS = Counter("cp_webhooks_refused_total", "Webhooks refused", ["source", "why"])
OLDEST_EVENT = Gauge("cp_inbox_oldest_seconds", "Age of the oldest unhandled event")


def carrier() -> dict[str, str]:
    """What a job needs to go on with the same trace and correlation id."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    if correlation.get():
        headers["correlation"] = correlation.get()
    return headers


def for_child() -> dict[str, str]:
    """The same, and where to say it: a child reads no settings."""
    endpoint = _endpoint()
    return {**carrier(), **({ENDPOINT: endpoint} if endpoint else {})}


@contextmanager
def continued(name: str, headers: dict[str, str]) -> Iterator[None]:
    token = correlation.set(headers.get("correlation", ""))
    structlog.contextvars.bind_contextvars(correlation=headers.get("correlation", ""))
    tracer = trace.get_tracer("controlplane")
    try:
        with tracer.start_as_current_span(name, context=propagate.extract(headers)) as span:
            span.set_attribute("correlation", correlation.get())
            yield
    finally:
        structlog.contextvars.unbind_contextvars("correlation")
        correlation.reset(token)


def start(settings: Settings, *, service: str) -> None:
    if settings.telemetry.otlp_endpoint:
        _export_traces(settings.telemetry.otlp_endpoint, service)


@contextmanager
def shown(settings: Settings) -> Iterator[None]:
    """A worker's own metrics; those of the API are at its /metrics."""
    host, _colon, port = settings.telemetry.metrics_listen.rpartition(":")
    if not port:
        yield
        return
    from prometheus_client import start_http_server

    server, thread = start_http_server(int(port), addr=host or "127.0.0.1")
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def in_child(name: str, headers: dict[str, str], **facts: str) -> Iterator[None]:
    """A span of a child process, exported before it goes on: nobody waits for a child that has answered."""
    endpoint = headers.get(ENDPOINT, "")
    if endpoint:
        _export_traces(endpoint, "controlplane-child", seconds=CHILD_SECONDS)
    with continued(name, headers):
        trace.get_current_span().set_attributes(facts)
        yield
    provider = trace.get_tracer_provider()
    if endpoint and hasattr(provider, "shutdown"):
        provider.shutdown()


def _export_traces(endpoint: str, service: str, *, seconds: int = 10) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service, ENDPOINT: endpoint}))
    address = f"{endpoint.removesuffix(TRACES).rstrip('/')}{TRACES}"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=seconds)))
    trace.set_tracer_provider(provider)


def _endpoint() -> str:
    resource = getattr(trace.get_tracer_provider(), "resource", None)
    return str(resource.attributes.get(ENDPOINT, "")) if resource else ""
