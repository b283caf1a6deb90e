"""Traces, metrics and the one correlation id that goes from the webhook to the e-mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from opentelemetry import propagate, trace
from prometheus_client import Counter, Gauge, Histogram

from controlplane.settings import Settings

correlation: ContextVar[str] = ContextVar("correlation", default="")

REQUESTS = Counter("cp_http_requests_total", "Answers by route and status", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("cp_http_request_seconds", "Time to answer", ["method", "route"])
JOBS = Counter("cp_jobs_total", "Jobs by name and outcome", ["job", "outcome"])
JOB_SECONDS = Histogram("cp_job_seconds", "Time of a job", ["job"], buckets=(0.01, 0.1, 1, 10, 60, 600, 3600))
REFUSED_WEBHOOKS = Counter("cp_webhooks_refused_total", "Webhooks refused", ["source", "why"])
OLDEST_EVENT = Gauge("cp_inbox_oldest_seconds", "Age of the oldest unhandled event")


def carrier() -> dict[str, str]:
    """What a job or child process needs to go on with the same trace and correlation id."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    if correlation.get():
        headers["correlation"] = correlation.get()
    return headers


@contextmanager
def continued(name: str, headers: dict[str, str]) -> Iterator[None]:
    token = correlation.set(headers.get("correlation", ""))
    structlog.contextvars.bind_contextvars(correlation=headers.get("correlation", ""))
    tracer = trace.get_tracer("controlplane")
    try:
        with tracer.start_as_current_span(name, context=propagate.extract(headers)):
            yield
    finally:
        structlog.contextvars.unbind_contextvars("correlation")
        correlation.reset(token)


def start(settings: Settings, *, service: str) -> None:
    if settings.telemetry.otlp_endpoint:
        _export_traces(settings.telemetry.otlp_endpoint, service)
    dsn = settings.telemetry.sentry_dsn.get_secret_value()
    if dsn:
        import sentry_sdk

        sentry_sdk.init(dsn=dsn, environment=settings.name, include_local_variables=False, send_default_pii=False)


def _export_traces(endpoint: str, service: str) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
