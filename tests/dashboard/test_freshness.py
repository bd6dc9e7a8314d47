"""The header: how fresh, how the night went, what runs, what waits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard import context
from matchbook import jobs
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import ALL_PAGES, OVERVIEW, open_page, words
from tests.sizes import a_few_now


@pytest.mark.parametrize("page", a_few_now(ALL_PAGES, *ALL_PAGES[:3]))
def test_a_failed_night(published: Settings, page: str) -> None:
    world.record_run(published, "failed", step="build")
    said = words(open_page(page))
    assert "last night failed" in said
    assert "Last night failed at “build”. You see the data of 21 Nov, 04:06." in said
    assert "matchbook nightly" in said


@pytest.mark.parametrize("page", a_few_now(ALL_PAGES, *ALL_PAGES[:3]))
def test_old_data(published: Settings, page: str) -> None:
    context.serve_from(replace(published, now=world.NOW + timedelta(days=3)))
    assert "This data is 3 days old. You see the data of 21 Nov, 04:06." in words(open_page(page))


def test_a_build_that_is_not_published(published: Settings) -> None:
    _write_build(published, {"model.matchbook.matches": "success", "test.matchbook.law": "pass"})
    said = words(open_page(OVERVIEW))
    assert "built 04:22, not yet published" in said
    assert "matchbook publish" in said


def test_a_build_that_failed(published: Settings) -> None:
    _write_build(published, {"model.matchbook.matches": "error", "test.matchbook.law": "skipped"})
    said = words(open_page(OVERVIEW))
    assert "The last build failed in" in said
    assert "matches" in said


def test_a_night_that_runs(published: Settings) -> None:
    world.record_run(published, "running", step="deliver")
    assert "A night is running: deliver" in words(open_page(OVERVIEW))


def test_a_demo_night_that_runs(published: Settings) -> None:
    jobs.enqueue(published, "demo_night", idempotency_key="demo_night:5")
    job = jobs.claim(published)
    assert job is not None
    jobs.report(published, "worker-1")
    jobs.progress(published, job.job_id, "Night 5 of 14: building")
    assert "Night 5 of 14: building" in words(open_page(OVERVIEW))


def test_tasks_that_wait_for_a_worker(published: Settings) -> None:
    jobs.enqueue(published, "demo_night", idempotency_key="demo_night:5")
    said = words(open_page(OVERVIEW))
    assert "1 task waiting, and nothing works on them." in said
    assert "matchbook work" in said


def _write_build(settings: Settings, states: dict[str, str]) -> None:
    settings.builds.mkdir(parents=True, exist_ok=True)
    nodes = {
        node: {
            "resource_type": node.split(".")[0],
            "name": node.split(".")[2],
            "schema": "intermediate",
            "columns": {},
        }
        for node in states
    }
    (settings.builds / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    results = {
        "metadata": {"invocation_id": "invocation-2", "generated_at": "2026-11-21T03:22:00Z"},
        "args": {"which": "build"},
        "results": [{"unique_id": node, "status": status} for node, status in states.items()],
    }
    (settings.builds / "run_results.json").write_text(json.dumps(results))
