"""Counters for Prometheus: plain integers while serving, metric families when scraped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

from matchbook.consent import Decision

if TYPE_CHECKING:
    from ingest.collector.segments import SegmentLog

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """What this process has answered and written. Labels are words of ours, never the caller's."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self.hits: Counter[tuple[str, str, str]] = Counter()
        self.refusals: Counter[tuple[str, str]] = Counter()
        self.dropped = 0
        self.spare_cookies = 0
        self._log: SegmentLog | None = None
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def watch_log(self, log: SegmentLog) -> None:
        """Show this log's counters too."""
        self._log = log

    def answered(self, path: str, status: int) -> None:
        """One answer; `path` is one of our routes or "other"."""
        self.answers[path, status] += 1

    def decided(self, hit_type: str, decision: Decision) -> None:
        """One hit that was written, with what was decided."""
        word = "tracked" if decision.tracked else "untracked"
        self.hits[hit_type, word, decision.basis or decision.reason or ""] += 1

    def refused(self, hit_type: str, reason: str) -> None:
        """One call that ingest will quarantine."""
        self.refusals[hit_type, reason] += 1

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """What prometheus-client asks for at a scrape."""
        yield _family("answers", "Answers by route and status.", ("route", "status"), self.answers)
        yield _family(
            "hits", "Hits written, by what was decided.", ("type", "decision", "reason"), self.hits
        )
        yield _family("refusals", "Calls refused, by reason.", ("type", "reason"), self.refusals)
        dropped = CounterMetricFamily(
            "matchbook_collector_dropped_hits", "Hits not written because the disk refused."
        )
        dropped.add_metric([], self.dropped)
        yield dropped
        spare = CounterMetricFamily(
            "matchbook_collector_spare_cookies", "Cookies of ours beside the first of a call."
        )
        spare.add_metric([], self.spare_cookies)
        yield spare
        if self._log is not None:
            yield from _log_families(self._log)


def _log_families(log: SegmentLog) -> Iterator[Metric]:
    lines = CounterMetricFamily("matchbook_collector_log_lines", "Lines written to the log.")
    lines.add_metric([], log.lines)
    yield lines
    writable = GaugeMetricFamily(
        "matchbook_collector_log_writable", "1 if the last write to the log succeeded."
    )
    writable.add_metric([], int(log.is_writable))
    yield writable


def _family(
    name: str,
    text: str,
    labels: tuple[str, ...],
    counts: Counter[tuple[str, str]] | Counter[tuple[str, int]] | Counter[tuple[str, str, str]],
) -> Metric:
    family = CounterMetricFamily(f"matchbook_collector_{name}", text, labels=labels)
    for values, count in sorted(counts.items(), key=str):
        family.add_metric([str(value) for value in values], count)
    return family
