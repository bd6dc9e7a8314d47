"""Writing one delivery's bytes: the canonical delta, the partner's own files, the manifest last.

What is stored is what is sent, now and in any replay; it is never computed a second time.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from exporters.destinations import sha256_of
from exporters.formats import PartnerFile, render
from exporters.manifests import manifest_name, manifest_of, partner_manifest
from exporters.match_files import RowCounts, compute_delta, write_csv
from exporters.run import Run
from exporters.transports.secrets import named
from matchbook import suppressions
from matchbook.delivery_rows import Delivery, DeliveryFile
from matchbook.failpoints import failpoint
from matchbook.files import write_whole
from matchbook.snapshots import outbox_folder


def store(run: Run, planned: Delivery) -> Delivery:
    """Write everything of a delivery into its stored folder; the delivery as it was written."""
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
    stored = _as_written(run, planned, rows)
    files = _partner_files(run, stored)
    failpoint("deliver.partner_files_written")
    text = manifest_of(stored, files)
    run.destination.write(manifest_name(stored.name), lambda part: _fill(part, text))
    failpoint("deliver.manifest_written")
    return stored


def _as_written(run: Run, planned: Delivery, rows: RowCounts) -> Delivery:
    file = run.destination.folder / planned.name
    return replace(
        planned,
        file_name=planned.name,
        sha256=sha256_of(file),
        bytes=file.stat().st_size,
        rows_added=rows.add,
        rows_seen=rows.seen,
        rows_removed=rows.remove,
        rows_suppressed=rows.suppressed,
        rows_not_removable=rows.remove if run.profile.removals.how == "unable" else 0,
    )


def _partner_files(run: Run, stored: Delivery) -> list[DeliveryFile]:
    """In the order of sending, the manifest last. None where the client's settings lack something
    and no channel is waiting for the files."""
    profile = run.profile
    if run.channel is None and profile.missing():
        return []
    folder = run.destination.folder / stored.build_id
    shutil.rmtree(folder, ignore_errors=True)
    key = named(run.settings, profile.recipient.key).encode() if profile.recipient else None
    made = render(
        run.connection, profile=profile, moment=stored.moment, folder=folder, recipient_key=key
    )
    files = [_as_file(one) for one in made]
    if run.channel is not None and run.channel.kind != "https" and profile.has_manifest and files:
        files.append(_with_manifest(folder, stored, files))
    return files


def _as_file(made: PartnerFile) -> DeliveryFile:
    return DeliveryFile(
        name=made.name, kind=made.kind, rows=made.rows, bytes=made.bytes, sha256=made.sha256
    )


def _with_manifest(folder: Path, stored: Delivery, files: Sequence[DeliveryFile]) -> DeliveryFile:
    parent = Path(files[0].name).parent
    # Readers of whole folders pass over names that begin with an underscore.
    name = (parent / f"_manifest_{stored.moment:%Y%m%dT%H%M%SZ}.json").as_posix()
    content = json.dumps(partner_manifest(stored, files), indent=1) + "\n"
    write_whole(folder / name, content)
    path = folder / name
    return DeliveryFile(
        name=name, kind="manifest", rows=0, bytes=path.stat().st_size, sha256=sha256_of(path)
    )


def _fill(part: Path, content: str) -> None:
    part.write_text(content)
