"""The nightly delivery: every client × partner, each change exactly once.

planned (state) → stored bytes, manifest last → sent over the channel → holdings → confirmed
(state). A run that died is seen through by the next one, by reading back what stands where.
A partner that is away gets one delivery of everything once it is back; one whose delivery may
have arrived in part gets that one completed first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from exporters import sending
from exporters.accounts import account_of
from exporters.manifests import arrived, files_of
from exporters.match_files import workbench, write_holdings
from exporters.run import Run
from exporters.stored import discard, forget_old_bytes, forget_old_holdings
from exporters.storing import store
from matchbook import deliveries, partner_channels
from matchbook.clock import utc_naive
from matchbook.delivery_rows import Delivery
from matchbook.errors import ConfigError, SnapshotUnavailable
from matchbook.failpoints import failpoint
from matchbook.files import whole_file
from matchbook.registry import Registry
from matchbook.settings import Settings
from matchbook.snapshots import Publication, outbox_folder, published
from matchbook.warehouse import run_lock


@dataclass(frozen=True)
class DeliveryResult:
    """What one client × partner got; `is_new` is False when it had this build's file already."""

    client_id: str
    partner_id: str
    build_id: str
    file_name: str
    rows_added: int
    rows_seen: int
    rows_removed: int
    bytes: int
    is_new: bool
    state: str = "confirmed"
    reason: str | None = None
    """Why it is not through yet, or refused."""


def deliver_all(
    settings: Settings,
    *,
    registry: Registry,
    progress: Callable[[str], None] | None = None,
    retry: bool = False,
) -> list[DeliveryResult]:
    """Deliver the published build to every partner that is due and has not had it.

    `retry`: those too that are left alone after a failure. One partner's failure is its
    result's state and reason. Raises SnapshotUnavailable when nothing is published.
    """
    with run_lock(settings, command="deliver"):
        publication = published(settings)
        if publication is None:
            raise SnapshotUnavailable(
                "Nothing has been published yet.",
                kept="No file was written.",
                todo="Run: matchbook nightly",
            )
        results = []
        with workbench(settings) as connection:
            for run in _runs(settings, registry, publication, connection):
                if progress:
                    progress(f"{run.client_id} → {run.partner_id}")
                if done := _deliver(run, retry=retry):
                    results.append(done)
        forget_old_bytes(settings)
        return results


def _runs(
    settings: Settings,
    registry: Registry,
    publication: Publication,
    connection: duckdb.DuckDBPyConnection,
) -> list[Run]:
    """Those with an outbox; a channel that is not active yet, or paused, gets nothing."""
    folder = outbox_folder(settings, publication)
    channels = {(one.client_id, one.partner_id): one for one in partner_channels.every(settings)}
    runs = [
        Run(settings, publication, connection, client.client_id, partner.partner_id,
            channels.get((client.client_id, partner.partner_id)))
        for client in registry.clients
        for partner in client.partners
        if (folder / client.client_id / f"{partner.partner_id}.parquet").is_file()
    ]  # fmt: skip
    return [run for run in runs if run.channel is None or run.channel.is_active]


def _deliver(run: Run, *, retry: bool) -> DeliveryResult | None:
    is_clear = _settle_earlier(run, retry=retry)
    done = deliveries.find(run.settings, *run.target, run.publication.build_id)
    if done is not None and done.is_taken:
        return _result(done, is_new=False)
    if done is None and not _is_due(run):
        return None
    if done is not None and sending.is_waiting(run, done) and not retry:
        return _result(done, is_new=False)
    if not is_clear:
        return _behind_another(run)
    is_through = _see_through(run, done)
    forget_old_holdings(run.settings, *run.target)
    ended = deliveries.find(run.settings, *run.target, run.publication.build_id)
    assert ended is not None, "a delivery that was never planned"
    return _result(ended, is_new=is_through)


def _is_due(run: Run) -> bool:
    """By the channel's own hours, whatever is built meanwhile and whatever the clock did."""
    if run.channel is None:
        return True
    last = deliveries.last_confirmed(run.settings, *run.target)
    slot = utc_naive(run.channel.slot(run.settings.clock.now()))
    return last is None or last.due_at is None or slot > last.due_at


def _settle_earlier(run: Run, *, retry: bool) -> bool:
    """See through, or take back, what earlier builds' deliveries left; False: not known yet."""
    for earlier in deliveries.unsettled(run.settings, *run.target):
        if earlier.build_id == run.publication.build_id:
            continue
        if earlier.channel is None:
            _settle_stored(run, earlier)
            continue
        waits = sending.is_waiting(run, earlier) and not retry
        outcome = False if waits else sending.settle(run, earlier)
        if outcome is False:
            return False
        if isinstance(outcome, str):
            _confirm(run, earlier, outcome)
    return True


def _settle_stored(run: Run, planned: Delivery) -> None:
    if done := arrived(run.destination, planned):
        _confirm(run, done, "stored")
        return
    discard(run.settings, planned)
    reason = "Interrupted; a later build covers its loads."
    deliveries.reject(run.settings, planned, reason=reason)


def _behind_another(run: Run) -> DeliveryResult:
    """An earlier delivery may be at the partner in part: this one waits until that is known."""
    planned = _plan(run)
    reason = "Waits for an earlier delivery, of which it is not known yet whether it arrived."
    deliveries.wait(run.settings, planned, "planned", reason=reason, until=None)
    waiting = deliveries.find(run.settings, *run.target, planned.build_id)
    return _result(waiting or planned, is_new=False)


def _see_through(run: Run, done: Delivery | None) -> bool:
    """Store, send and confirm this build's delivery; whether the partner has it now."""
    if run.channel is None:
        planned = _plan(run)
        _confirm(run, arrived(run.destination, planned) or store(run, planned), "stored")
        return True
    is_frozen = done is not None and done.state in ("sent", "unknown")
    frozen = arrived(run.destination, done) if done is not None and is_frozen else None
    try:
        stored = frozen or _store_for_sending(run, done)
    except ConfigError as error:
        return _refused(run, error)
    receipt = sending.attempt(run, stored)
    if receipt is not None:
        _confirm(run, stored, receipt)
    return receipt is not None


def _store_for_sending(run: Run, before: Delivery | None) -> Delivery:
    """Nothing of it has left: it is made with the opt-outs of this moment."""
    stored = store(run, _plan(run, before))
    deliveries.freeze(run.settings, stored, files_of(run.destination, stored))
    return stored


def _refused(run: Run, error: ConfigError) -> bool:
    planned = deliveries.find(run.settings, *run.target, run.publication.build_id)
    assert planned is not None, "stored before it was planned"
    reason = f"{error.happened} {error.todo}".strip()
    until = utc_naive(run.settings.clock.now()) + sending.STOPPED
    deliveries.wait(run.settings, planned, "rejected", reason=reason, until=until)
    return False


def _plan(run: Run, before: Delivery | None = None) -> Delivery:
    last = deliveries.last_confirmed(run.settings, *run.target)
    slot = run.channel.slot(run.settings.clock.now()) if run.channel else None
    due_at = before.due_at if before else utc_naive(slot) if slot else None
    planned = Delivery(
        client_id=run.client_id,
        partner_id=run.partner_id,
        build_id=run.publication.build_id,
        state="planned",
        from_load_seq=last.load_seq if last else 0,
        load_seq=run.publication.load_seq,
        as_of=utc_naive(run.publication.as_of),
        due_at=due_at,
        channel=run.channel.address if run.channel else None,
        attempts=before.attempts if before else 0,
        account=before.account if before else account_of(run),
    )
    deliveries.plan(run.settings, planned)
    failpoint("deliver.planned")
    return planned


def _confirm(run: Run, done: Delivery, receipt: str) -> None:
    """Write what the partner holds now, then record both."""
    folder = deliveries.holdings_folder(run.settings, *run.target)
    target = folder / f"{done.build_id}.parquet"
    with whole_file(target) as part:
        pairs = write_holdings(
            run.connection, held=run.held, delivered=run.destination.folder / done.name,
            as_of=done.as_of, target=part,
        )  # fmt: skip
        part.chmod(0o440)
    failpoint("deliver.holdings_written")
    if run.channel is None:
        deliveries.freeze(run.settings, done, files_of(run.destination, done))
    deliveries.confirm(run.settings, done, target, pairs=pairs, receipt=receipt)
    failpoint("deliver.confirmed")


def _result(done: Delivery, *, is_new: bool) -> DeliveryResult:
    return DeliveryResult(
        client_id=done.client_id,
        partner_id=done.partner_id,
        build_id=done.build_id,
        file_name=done.file_name or "",
        rows_added=done.rows_added or 0,
        rows_seen=done.rows_seen or 0,
        rows_removed=done.rows_removed or 0,
        bytes=done.bytes or 0,
        is_new=is_new,
        state=done.state,
        reason=done.reason,
    )
