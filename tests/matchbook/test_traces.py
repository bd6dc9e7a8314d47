"""Whoever collects OpenTelemetry traces is told of each run; one who is away costs it nothing."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from matchbook import runs, traces
from matchbook.errors import BuildFailed
from matchbook.settings import Settings


class Collector(ThreadingHTTPServer):
    """Takes OTLP over HTTP on loopback, or answers that it cannot."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Call)
        self.status = 200
        self.spans: list = []
        self.url = f"http://127.0.0.1:{self.server_port}/v1/traces"


class Call(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status == 200:
            told = ExportTraceServiceRequest.FromString(body)
            self.server.spans += [
                span for r in told.resource_spans for scope in r.scope_spans for span in scope.spans
            ]
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_run_and_its_stages_are_spans(settings: Settings, collector: Collector) -> None:
    with runs.recorded(replace(settings, traces=collector.url), "nightly") as run:
        run.step("land")
        run.counted(rows=7, bytes=10)
        run.step("build")
        run.built("20261121T031000Z-7")
    whole, *stages = sorted(collector.spans, key=lambda span: span.name != "matchbook nightly")
    assert _attributes(whole) == {
        "matchbook.run.id": run.run_id,
        "matchbook.run.status": "done",
        "matchbook.build.id": "20261121T031000Z-7",
    }
    assert [span.name for span in stages] == ["land", "build"]
    assert {span.parent_span_id for span in stages} == {whole.span_id}
    assert {span.trace_id for span in stages} == {whole.trace_id}
    counted = _attributes(stages[0])
    assert (counted["matchbook.rows"], counted["matchbook.bytes"]) == (7, 10)
    assert counted["matchbook.cpu.seconds"] >= 0
    for span in stages:
        assert whole.start_time_unix_nano <= span.start_time_unix_nano
        assert span.start_time_unix_nano <= span.end_time_unix_nano <= whole.end_time_unix_nano


def test_a_failed_run_is_an_error(settings: Settings, collector: Collector) -> None:
    with (
        pytest.raises(BuildFailed),
        runs.recorded(replace(settings, traces=collector.url), "build"),
    ):
        raise BuildFailed("anna@shop.example", kept="Nothing was published.")
    (span,) = collector.spans
    assert span.status.code == 2  # ERROR
    assert b"anna" not in span.SerializeToString()


@pytest.mark.parametrize("status", [400, 503])
def test_a_collector_that_refuses_costs_a_line(
    settings: Settings, collector: Collector, status: int, monkeypatch, caplog
) -> None:
    monkeypatch.setattr(traces, "TIMEOUT_SECONDS", 1)
    collector.status = status
    begun = time.perf_counter()
    with runs.recorded(replace(settings, traces=collector.url), "nightly") as run:
        run.step("land")
    assert time.perf_counter() - begun < 3
    assert runs.latest(settings)[0].status == "done"
    assert "was not sent" in caplog.text


def test_one_that_is_away_costs_a_line(
    settings: Settings, collector: Collector, monkeypatch, caplog
) -> None:
    monkeypatch.setattr(traces, "TIMEOUT_SECONDS", 1)
    collector.server_close()
    with runs.recorded(replace(settings, traces=collector.url), "nightly"):
        pass
    assert runs.latest(settings)[0].status == "done"
    assert "was not sent" in caplog.text


def test_without_the_extra_it_says_what_to_install(
    settings: Settings, collector: Collector, monkeypatch, caplog
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with runs.recorded(replace(settings, traces=collector.url), "nightly"):
        pass
    assert "telemetry" in caplog.text
    assert collector.spans == []


def _attributes(span) -> dict:
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in span.attributes
    }
