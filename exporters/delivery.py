"""The nightly delivery: one file per client × partner, each change exactly once.

planned (state) → file → manifest → holdings → confirmed (state). A run that died is seen
through by the next one, by reading back what stands at the destination.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from exporters.destinations import LocalFolder, sha256_of
from exporters.manifests import arrived, manifest_name, manifest_of
from exporters.match_files import RowCounts, compute_delta, workbench, write_csv, write_holdings
from exporters.stored import forget_old_bytes, forget_old_holdings, stored_folder
from matchbook import deliveries, suppressions
from matchbook.clock import utc_naive
from matchbook.deliveries import Delivery
from matchbook.errors import SnapshotUnavailable
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


def deliver_all(
    settings: Settings, *, registry: Registry, progress: Callable[[str], None] | None = None
) -> list[DeliveryResult]:
    """Deliver the published build to every partner that has not had it.

    Raises SnapshotUnavailable when nothing is published.
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
            for client_id, partner_id in _targets(settings, registry, publication):
                if progress:
                    progress(f"{client_id} → {partner_id}")
                run = _Run(settings, publication, connection, client_id, partner_id)
                results.append(_deliver(run))
        forget_old_bytes(settings)
        return results


def _targets(
    settings: Settings, registry: Registry, publication: Publication
) -> list[tuple[str, str]]:
    folder = outbox_folder(settings, publication)
    return [
        (client.client_id, partner.partner_id)
        for client in registry.clients
        for partner in client.partners
        if (folder / client.client_id / f"{partner.partner_id}.parquet").is_file()
    ]


@dataclass(frozen=True)
class _Run:
    """One client × partner of one publication."""

    settings: Settings
    publication: Publication
    connection: duckdb.DuckDBPyConnection
    client_id: str
    partner_id: str

    @property
    def target(self) -> tuple[str, str]:
        return self.client_id, self.partner_id

    @property
    def destination(self) -> LocalFolder:
        return stored_folder(self.settings, *self.target)

    @property
    def held(self) -> Path | None:
        holding = deliveries.holding(self.settings, *self.target)
        return holding.path if holding else None


def _deliver(run: _Run) -> DeliveryResult:
    _settle_earlier(run)
    done = deliveries.find(run.settings, *run.target, run.publication.build_id)
    is_new = done is None or done.state != "confirmed"
    if done is None or is_new:
        planned = _plan(run)
        done = arrived(run.destination, planned) or _send(run, planned)
        _confirm(run, done)
    forget_old_holdings(run.settings, *run.target)
    return _result(done, is_new=is_new)


def _settle_earlier(run: _Run) -> None:
    """See through, or take back, what an earlier build's delivery left behind."""
    for planned in deliveries.unsettled(run.settings, *run.target):
        if planned.build_id == run.publication.build_id:
            continue
        if done := arrived(run.destination, planned):
            _confirm(run, done)
            continue
        run.destination.remove(manifest_name(planned.name))
        run.destination.remove(planned.name)
        reason = "Interrupted; a later build covers its loads."
        deliveries.reject(run.settings, planned, reason=reason)


def _plan(run: _Run) -> Delivery:
    last = deliveries.last_confirmed(run.settings, *run.target)
    planned = Delivery(
        client_id=run.client_id,
        partner_id=run.partner_id,
        build_id=run.publication.build_id,
        state="planned",
        from_load_seq=last.load_seq if last else 0,
        load_seq=run.publication.load_seq,
        as_of=utc_naive(run.publication.as_of),
    )
    deliveries.plan(run.settings, planned)
    failpoint("deliver.planned")
    return planned


def _send(run: _Run, planned: Delivery) -> Delivery:
    """Write the file and then its manifest; the delivery with what was written."""
    outbox = outbox_folder(run.settings, run.publication) / run.client_id
    rows = compute_delta(
        run.connection,
        pairs=outbox / f"{run.partner_id}.parquet",
        gate=outbox / f"{run.partner_id}.gate.parquet",
        held=run.held,
        suppressed=suppressions.of_client(run.settings, run.client_id),
        since=planned.from_load_seq,
    )
    run.destination.write(planned.name, lambda part: write_csv(run.connection, part))
    failpoint("deliver.file_renamed")
    sent = _as_written(planned, rows, run.destination.folder / planned.name)
    manifest = manifest_of(sent)
    run.destination.write(manifest_name(sent.name), lambda part: _fill(part, manifest))
    failpoint("deliver.manifest_written")
    return sent


def _confirm(run: _Run, done: Delivery) -> None:
    """Write what the partner holds now, then record both."""
    folder = deliveries.holdings_folder(run.settings, *run.target)
    target = folder / f"{done.build_id}.parquet"
    delivered = run.destination.folder / done.name
    with whole_file(target) as part:
        pairs = write_holdings(
            run.connection, held=run.held, delivered=delivered, as_of=done.as_of, target=part
        )
        part.chmod(0o440)
    failpoint("deliver.holdings_written")
    deliveries.confirm(run.settings, done, target, pairs=pairs)
    failpoint("deliver.confirmed")


def _as_written(planned: Delivery, rows: RowCounts, file: Path) -> Delivery:
    return replace(
        planned,
        file_name=planned.name,
        sha256=sha256_of(file),
        bytes=file.stat().st_size,
        rows_added=rows.add,
        rows_seen=rows.seen,
        rows_removed=rows.remove,
    )


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
    )


def _fill(part: Path, content: str) -> None:
    part.write_text(content)
