"""Jobs: asked for once, taken once, begun again after a killed worker."""

from __future__ import annotations

import pytest

from matchbook import jobs
from matchbook.cli import work
from matchbook.errors import Busy, ConfigError
from matchbook.settings import Settings


def enqueue(settings: Settings, key: str) -> int:
    return jobs.enqueue(settings, "nightly", idempotency_key=key, arguments={"n": 1})


def test_the_same_key_is_the_same_job(settings: Settings) -> None:
    assert enqueue(settings, "a") == enqueue(settings, "a") != enqueue(settings, "b")


def test_jobs_are_taken_in_order_and_once(settings: Settings) -> None:
    first, second = enqueue(settings, "a"), enqueue(settings, "b")
    taken = [jobs.claim(settings), jobs.claim(settings), jobs.claim(settings)]
    assert [job.job_id if job else None for job in taken] == [first, second, None]


def test_a_job_tells_how_far_it_is_and_how_it_ended(settings: Settings) -> None:
    job_id = enqueue(settings, "a")
    jobs.claim(settings)
    jobs.progress(settings, job_id, "half way")
    assert jobs.get(settings, job_id).progress == "half way"
    jobs.finish(settings, job_id, status="done", result={"rows": 3})
    ended = jobs.get(settings, job_id)
    assert (ended.status, ended.result) == ("done", {"rows": 3})
    assert ended.started_at is not None
    assert ended.ended_at is not None


def test_what_a_killed_worker_left_is_begun_again(settings: Settings) -> None:
    job_id = enqueue(settings, "a")
    jobs.claim(settings)
    jobs.requeue_interrupted(settings)
    again = jobs.claim(settings)
    assert again is not None
    assert again.job_id == job_id


def test_a_worker_that_reports_is_alive(settings: Settings) -> None:
    assert not jobs.worker_is_alive(settings)
    jobs.report(settings, "here-1")
    jobs.report(settings, "here-1")
    assert jobs.worker_is_alive(settings)


def test_a_failed_job_does_not_stop_the_worker(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_settings: Settings, job: jobs.Job, _say: work.Say) -> dict[str, int]:
        if job.idempotency_key == "a":
            raise ConfigError("It is wrong.", todo="Put it right.")
        if job.idempotency_key == "b":
            raise ValueError("anna@shop.example")
        return {"rows": 1}

    monkeypatch.setattr(work, "handlers", lambda: {"nightly": fail})
    ids = [enqueue(settings, key) for key in "abc"]
    with work.only_worker(settings):
        assert work.drain(settings, say=lambda _: None) == 3
    found = [jobs.get(settings, job_id) for job_id in ids]
    assert [job.status for job in found] == ["failed", "failed", "done"]
    assert "anna" not in str(found)


def test_there_is_one_worker(settings: Settings) -> None:
    with work.only_worker(settings), pytest.raises(Busy), work.only_worker(settings):
        pass
