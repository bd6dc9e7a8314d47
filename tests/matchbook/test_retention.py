"""What state keeps long enough goes, and the documentation says how long that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from matchbook import audit, deliveries, jobs, retention, state
from matchbook.clock import Clock, utc_naive
from matchbook.delivery_rows import Delivery
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.test_architecture import ROOT


def delivered(settings: Settings, load_seq: int) -> None:
    made = Delivery("casa", "piano", f"b-{load_seq}", "confirmed", 0, load_seq, utc_naive(NOW),
                    confirmed_at=utc_naive(NOW))  # fmt: skip
    deliveries.plan(settings, made)


def test_the_log_of_who_did_what_and_got_what_is_kept_24_months(settings: Settings) -> None:
    audit.record(settings, actor="A. Vos", client_id="casa", action="x", subjects=1)
    delivered(settings, 1)
    delivered(settings, 2)
    for days, left in ((729, (1, 2)), (732, (0, 1))):
        later = replace(settings, now=NOW + timedelta(days=days))
        retention.forget_old_rows(later)
        # The newest delivery says where the next one goes on.
        events = audit.events(later, client_id="casa")
        assert (len(events), len(deliveries.of_client(later, "casa"))) == left
    assert [event.action for event in audit.events(later)] == ["audit_expired"]


@pytest.mark.parametrize(("days", "left"), [(29, 2), (31, 1)])
def test_jobs_that_ended_are_kept_a_month(settings: Settings, days: int, left: int) -> None:
    done, _ = (jobs.enqueue(settings, "nightly", idempotency_key=key) for key in "ab")
    jobs.finish(settings, done, status="done", result={})
    ended_at = utc_naive(Clock().now()) - timedelta(days=days)
    with state.begin(settings) as connection:
        ended = state.jobs.update().where(state.jobs.c.job_id == done)
        connection.execute(ended.values(ended_at=ended_at))
    retention.forget_old_rows(settings)
    assert len(jobs.all_of(settings)) == left


def test_the_documentation_has_the_same_table() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text()
    for rule in retention.RULES:
        assert f"| {rule.what} | {rule.kept} | {rule.why} |" in page
