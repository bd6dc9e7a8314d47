"""The nightly delivery: one file per client × partner, each change exactly once.

planned (state) → file → manifest → holdings → confirmed (state). A run that died is seen
through by the next one, by reading back what stands at the destination.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from exporters.destinations import Destination, LocalFolder, sha256_of
from exporters.manifests import arrived, manifest_name, manifest_of
from exporters.match_files import RowCounts, compute_delta, workbench, write_csv, write_holdings
from exporters.stored import forget_old_bytes, forget_old_holdings, stored_folder
from matchbook import deliveries, state
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
        for client_id, partner_id in _targets(settings, registry, publication):
            if progress:
                progress(f"{client_id} → {partner_id}")
            results.append(_deliver(settings, publication, client_id, partner_id))
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


def _deliver(
    settings: Settings, publication: Publication, client_id: str, partner_id: str
) -> DeliveryResult:
    destination = stored_folder(settings, client_id, partner_id)
    _settle_earlier(settings, destination, publication.build_id, client_id, partner_id)
    done = deliveries.find(settings, client_id, partner_id, publication.build_id)
    is_new = done is None or done.state != "confirmed"
    if done is None or is_new:
        done = _see_through(settings, destination, publication, client_id, partner_id)
    forget_old_holdings(settings, client_id, partner_id)
    return _result(done, is_new=is_new)


def _see_through(
    settings: Settings,
    destination: LocalFolder,
    publication: Publication,
    client_id: str,
    partner_id: str,
) -> Delivery:
    planned = _plan(settings, publication, client_id, partner_id)
    done = arrived(destination, planned)
    if done is None:
        done = _send(settings, destination, outbox_folder(settings, publication), planned)
    _confirm(settings, destination, done)
    return done


def _settle_earlier(
    settings: Settings, destination: LocalFolder, build_id: str, client_id: str, partner_id: str
) -> None:
    """See through, or take back, what an earlier build's delivery left behind."""
    for planned in deliveries.unsettled(settings, client_id, partner_id):
        if planned.build_id == build_id:
            continue
        if done := arrived(destination, planned):
            _confirm(settings, destination, done)
            continue
        destination.remove(manifest_name(planned.name))
        destination.remove(planned.name)
        deliveries.reject(settings, planned, reason="Interrupted; a later build covers its loads.")


def _plan(
    settings: Settings, publication: Publication, client_id: str, partner_id: str
) -> Delivery:
    last = deliveries.last_confirmed(settings, client_id, partner_id)
    planned = Delivery(
        client_id=client_id,
        partner_id=partner_id,
        build_id=publication.build_id,
        state="planned",
        from_load_seq=last.load_seq if last else 0,
        load_seq=publication.load_seq,
        as_of=utc_naive(publication.as_of),
    )
    deliveries.plan(settings, planned)
    failpoint("deliver.planned")
    return planned


def _send(
    settings: Settings, destination: Destination, outbox: Path, planned: Delivery
) -> Delivery:
    """Write the file and then its manifest; the delivery with what was written."""
    own = outbox / planned.client_id
    holding = deliveries.holding(settings, planned.client_id, planned.partner_id)
    facts: dict[str, str | int] = {}

    def fill(part: Path) -> None:
        write_csv(connection, part)
        facts.update(sha256=sha256_of(part), bytes=part.stat().st_size)

    with workbench(settings, holding.path if holding else None) as connection:
        rows = compute_delta(
            connection,
            pairs=own / f"{planned.partner_id}.parquet",
            gate=own / f"{planned.partner_id}.gate.parquet",
            suppressed=_suppressed(settings, planned.client_id),
            since=planned.from_load_seq,
        )
        destination.write(planned.name, fill)
    failpoint("deliver.file_renamed")
    sent = _with_facts(planned, rows, facts)
    manifest = manifest_of(sent)
    destination.write(manifest_name(sent.name), lambda part: _fill(part, manifest))
    failpoint("deliver.manifest_written")
    return sent


def _confirm(settings: Settings, destination: LocalFolder, done: Delivery) -> None:
    """Write what the partner holds now, then record both; older versions go."""
    before = deliveries.holding(settings, done.client_id, done.partner_id)
    folder = deliveries.holdings_folder(settings, done.client_id, done.partner_id)
    target = folder / f"{done.build_id}.parquet"
    delivered = destination.folder / done.name
    with (
        workbench(settings, before.path if before else None) as connection,
        whole_file(target) as part,
    ):
        pairs = write_holdings(connection, delivered, part)
        part.chmod(0o440)
    failpoint("deliver.holdings_written")
    deliveries.confirm(settings, done, target, pairs=pairs)
    failpoint("deliver.confirmed")


def _suppressed(settings: Settings, client_id: str) -> list[tuple[str, str]]:
    """Who is suppressed at this moment, for this client or for every one."""
    table = state.suppressions
    query = sa.select(table.c.subject_type, table.c.subject_id).where(
        sa.or_(table.c.client_id == client_id, table.c.client_id.is_(None))
    )
    with state.begin(settings) as connection:
        return [(row.subject_type, row.subject_id) for row in connection.execute(query)]


def _with_facts(planned: Delivery, rows: RowCounts, facts: dict[str, str | int]) -> Delivery:
    return replace(
        planned,
        file_name=planned.name,
        sha256=str(facts["sha256"]),
        bytes=int(facts["bytes"]),
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
