"""A push from its plan to its end; one retry policy for all that can go wrong on the way.

Nothing is waited for here: a push that has to wait says until when, and the worker does other
things. After a failure it waits 30 seconds, then 15 minutes, then it stops and says so; whenever
somebody was added or removed in between, the count begins anew.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from exporters.cep import groups, reading_back, sending
from exporters.cep.activation import code_of, problem_of
from exporters.cep.answers import Busy, Stopped
from exporters.cep.opening import opened
from exporters.cep.run import Paused, Run
from matchbook.clock import Clock, utc_naive
from matchbook.errors import ConfigError, MatchbookError, RetryLater
from matchbook.failpoints import failpoint
from matchbook.pushes import accounts, confirming, held, outbox, planning, turns
from matchbook.pushes.accounts import Account
from matchbook.pushes.outbox import Push
from matchbook.settings import Settings

LADDER = (timedelta(seconds=30), timedelta(minutes=15))
"""As Mapp documents it; after these a push stops."""
LOG_IN = ("credentials", "no_log_in", "expired")
"""While one of these stands, nothing calls the account: trying on would lock it."""

Say = Callable[[str], None]


def go_on(
    settings: Settings, push: Push, *, clock: Clock, until: datetime | None = None,
    say: Say = lambda _: None,
) -> Push:  # fmt: skip
    """Go on with a push until it ends, has to wait, or the time is over; the push as it is then."""
    account = accounts.find(settings, push.client_id)
    if account is None:
        return _stuck(settings, push, "inactive", "Mapp Digital – Email is not active.")
    if account.problem_code in LOG_IN:
        return _stuck(settings, push, str(account.problem_code), account.problem or "")
    try:
        with opened(settings, account, clock) as cep:
            run = Run(settings, push, account, cep, clock, until, say)
            ended = _see_through(run)
    except Paused:
        return outbox.get(settings, push.push_id)
    except MatchbookError as error:
        return _failed(settings, push, account, error, clock)
    accounts.note(settings, account, code=None, problem=None)
    return ended


def _see_through(run: Run) -> Push:
    if run.push.state == "cancelling":
        return _cancel(run)
    if run.push.planned_at is None:
        refused = _plan(run)
        if refused is not None:
            return refused
    if _has_work(run):
        group_id = groups.ensure(run)
        sending.settle_doubts(run, group_id)
        sending.send_all(run, group_id)
    return _end(run)


def _plan(run: Run) -> Push | None:
    """Write the intents; the ended push where too few people may go and nobody must leave."""
    _replace_earlier(run)
    if run.push.kind == "empty":
        rows = held.read(run.settings, run.target).to_pylist()
        intents = [(row["contact_id"], "remove") for row in rows if row["standing"] == "member"]
        outbox.plan(run.settings, run.push, intents, funnel=None)
    elif run.push.kind == "leave":
        gone = planning.leaving(run.settings, run.push.client_id, run.push.audience_id)
        outbox.plan(run.settings, run.push, [(one, "remove") for one in gone], funnel=None)
    else:
        plan = planning.plan(run.settings, run.push.client_id, run.push.audience_id)
        known = {"refresh_id": plan.refresh_id, "as_of": plan.as_of, "reason_code": plan.refusal}
        if confirming.is_wanted(run.settings, run.push, plan.counts["add"]):
            return outbox.note(run.settings, run.push, state=outbox.UNCONFIRMED,
                               funnel=plan.funnel, **known)  # fmt: skip
        outbox.plan(run.settings, run.push, plan.intents, funnel=plan.funnel, **known)
    failpoint("push.planned")
    run.push = outbox.get(run.settings, run.push.push_id)
    return _end(run) if not _has_work(run) else None


def _replace_earlier(run: Run) -> None:
    """What an earlier push left open: doubts are looked up, the rest is in the new plan."""
    for earlier in outbox.of_target(run.settings, run.push.target):
        if earlier.push_id == run.push.push_id or earlier.state not in outbox.UNSETTLED:
            continue
        own = run.push
        run.push = earlier
        try:
            _settle(run, "replaced")
        finally:
            run.push = own


def _cancel(run: Run) -> Push:
    return _settle(run, "cancelled")


def _settle(run: Run, word: str) -> Push:
    """Send nothing more of it; what is in doubt is looked up."""
    group_id = run.target.group_id
    if group_id is not None:
        sending.settle_doubts(run, group_id)
    outbox.drop_planned(run.settings, run.push)
    return held.end(run.settings, run.push, run.target, word, ended_at=_now(run.clock))


def _has_work(run: Run) -> bool:
    some = outbox.intents(run.settings, run.push, "planned", "sent", "unknown", limit=1)
    return bool(some)


def _end(run: Run) -> Push:
    target = run.target
    read = None
    if target.group_id is not None and run.push.kind == "fill":
        run.say("Reading back")
        read = reading_back.read_back(run, target.group_id)
        failpoint("push.read_back")
    word = "refused" if run.push.reason_code in ("size<k", "difference<k") else "done"
    return held.end(
        run.settings, run.push, target, word, ended_at=_now(run.clock), read_back=read,
        next_attempt_at=None, failures=0, reason=None,
    )  # fmt: skip


def _failed(
    settings: Settings, push: Push, account: Account, error: MatchbookError, clock: Clock
) -> Push:
    code, problem = code_of(error), problem_of(error)
    if code in LOG_IN:
        accounts.note(settings, account, code=code, problem=problem)
    if isinstance(error, RetryLater):
        return _wait(settings, push, account, error, clock)
    if isinstance(error, Stopped | ConfigError):
        return _stuck(settings, push, code, problem)
    return _stuck(settings, push, "unforeseen", problem)


def _wait(
    settings: Settings, push: Push, account: Account, error: RetryLater, clock: Clock
) -> Push:
    now = outbox.get(settings, push.push_id)
    failures = now.failures + 1
    if failures > len(LADDER):
        note = f"{error.happened} It was tried {failures} times."
        return outbox.note(settings, now, state="failed", failures=failures, reason_code="away",
                           reason=note, next_attempt_at=None, ended_at=_now(clock))  # fmt: skip
    rest = _rest(push, failures, error.after)
    if isinstance(error, Busy) and error.code == "limit":
        turns.block(settings, account.key, clock, rest)
    return outbox.note(settings, now, failures=failures, reason=error.happened,
                       next_attempt_at=_now(clock) + rest)  # fmt: skip


def _rest(push: Push, failures: int, asked: float | None) -> timedelta:
    """As long as the server asks for; else the ladder, a little stretched so that workers that
    failed together do not come back together."""
    if asked is not None and asked > 0:
        return timedelta(seconds=asked)
    chance = random.Random(f"{push.push_id} {failures}")  # noqa: S311 - nothing is kept secret by it
    return LADDER[failures - 1] * chance.uniform(1.0, 1.1)


def _stuck(settings: Settings, push: Push, code: str, problem: str) -> Push:
    return outbox.note(settings, push, state="stuck", reason_code=code, reason=problem,
                       next_attempt_at=None)  # fmt: skip


def _now(clock: Clock) -> datetime:
    return utc_naive(clock.now())
