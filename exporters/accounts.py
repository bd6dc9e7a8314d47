"""What a build counted of a delivery's pairs, kept with it: builds go, the ledger stays."""

from __future__ import annotations

from exporters.run import Run
from matchbook.snapshots import outbox_folder


def account_of(run: Run) -> dict[str, int] | None:
    """The row of the mart `delivery_accounts` by column; None in an outbox without one."""
    folder = outbox_folder(run.settings, run.publication) / run.client_id
    counted = folder / f"{run.partner_id}.account.parquet"
    if not counted.is_file():
        return None
    found = run.connection.execute("from read_parquet($path)", {"path": str(counted)})
    names, row = [column[0] for column in found.description], found.fetchone()
    return dict(zip(names, row, strict=True)) if row else None
