"""Each run as an OpenTelemetry trace: one span for the run and one for each of its stages."""

from __future__ import annotations

import calendar
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from matchbook.stage_times import StageTime

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from matchbook.runs import Run

TIMEOUT_SECONDS = 5
"""For all attempts together: a run waits no longer for a collector that is away."""

_LOG = logging.getLogger("matchbook.traces")


def send(url: str, run: Run, stages: list[StageTime]) -> None:
    """Tell the collector at a URL of an ended run, over OTLP/HTTP.

    Times are by the run's own clock. A collector that is away, or a missing extra, costs a line
    in the log and never the run. Headers and certificates are for OpenTelemetry's own variables
    (OTEL_EXPORTER_OTLP_HEADERS and others) to say.
    """
    try:
        _send(url, run, stages)
    except ImportError:
        _LOG.warning("Traces are not sent: pip install '.[telemetry]'.")
    except Exception as error:  # noqa: BLE001 - the run has ended, whatever fails in telling of it
        _LOG.warning("The trace of a run was not sent.", extra={"kind": type(error).__name__})


def _send(url: str, run: Run, stages: list[StageTime]) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # what fails is told once, by us
    memory = InMemorySpanExporter()
    provider = TracerProvider(
        resource=Resource.create({"service.name": "matchbook"}), shutdown_on_exit=False
    )
    provider.add_span_processor(SimpleSpanProcessor(memory))
    _record(provider.get_tracer("matchbook.runs"), run, stages)
    spans = memory.get_finished_spans()
    if OTLPSpanExporter(url, timeout=TIMEOUT_SECONDS).export(spans) != SpanExportResult.SUCCESS:
        _LOG.warning("The trace of a run was not sent: the collector did not take it.")


def _record(tracer: Tracer, run: Run, stages: list[StageTime]) -> None:
    from opentelemetry.trace import StatusCode, set_span_in_context

    known: Mapping[str, str | int | float | None]
    known = {"run.id": run.run_id, "run.status": run.status, "build.id": run.build_id}
    whole = tracer.start_span(
        f"matchbook {run.command}",
        attributes=_given(known),
        start_time=_nanoseconds(run.started_at),
    )
    ends = [_nanoseconds(run.ended_at or run.started_at)]
    for stage in stages:
        begun = _nanoseconds(stage.began_at)
        ends.append(begun + round(stage.seconds * 1e9))
        measured = {"cpu.seconds": stage.cpu_seconds, "rows": stage.rows, "bytes": stage.bytes}
        span = tracer.start_span(
            stage.stage, context=set_span_in_context(whole), attributes=_given(measured),
            start_time=begun,
        )  # fmt: skip
        span.end(ends[-1])
    if run.status == "failed":
        whole.set_status(StatusCode.ERROR)
    whole.end(max(ends))


def _given(values: Mapping[str, str | int | float | None]) -> dict[str, str | int | float]:
    return {f"matchbook.{name}": value for name, value in values.items() if value is not None}


def _nanoseconds(moment: datetime) -> int:
    """Since 1970, of naive UTC."""
    return calendar.timegm(moment.timetuple()) * 10**9 + moment.microsecond * 1000
