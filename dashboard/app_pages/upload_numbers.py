"""What the page CRM uploads says first: the newest upload, the next one, the records."""

from __future__ import annotations

import pandas as pd

from dashboard import formats
from dashboard.app_pages.upload_rhythm import due
from dashboard.components.tile import Tile, tiles
from dashboard.queries import uploads
from dashboard.queries.descriptions import describe
from dashboard.queries.reading import View


def upload_numbers(view: View) -> None:
    """Three tiles; nothing before the first file is landed."""
    history, schedules = uploads.history(view), uploads.schedules(view)
    if history.empty:
        return
    shown = [_newest(view, history), _next(view, schedules), _records(view)]
    tiles([tile for tile in shown if tile])


def _newest(view: View, history: pd.DataFrame) -> Tile | None:
    brought = history[(history["list_mode"] != "opt-out") & (history["records"] > 0)]
    if brought.empty:
        return None
    # A rate over a handful of records is not shown: rather the newest upload that has one.
    row = [*brought[brought["records"] >= formats.SMALL].iloc, *brought.iloc][0]
    on = formats.short_day(formats.in_zone(row["landed_at"], view.client.time_zone))
    return Tile(
        f"Upload of {on}, matched so far",
        formats.rate(row["matched_share"], int(row["records"])),
        f"of its {formats.plural(int(row['records']), 'record')} ({row['list_name']})",
        meaning=describe(view, "uploads.matched_records"),
    )


def _next(view: View, schedules: pd.DataFrame) -> Tile | None:
    planned = schedules[schedules["due_date"].notna()]
    if planned.empty:
        return Tile("Next upload", formats.NOTHING, "No list has a rhythm yet: say one below")
    row = next(planned.itertuples())
    said = due(row, view.as_of.date())
    last = formats.short_day(pd.Timestamp(str(row.last_uploaded_date)).date())
    value = said.removeprefix("Next upload due ").removeprefix("Upload ")
    return Tile(
        "Next upload",
        value[0].upper() + value[1:],
        f"{row.list_name}: uploaded every {row.upload_every}, last on {last}",
        meaning=describe(view, "upload_schedules.due_date"),
    )


def _records(view: View) -> Tile | None:
    lists = uploads.per_list(view)
    if lists.empty:
        return None
    gone = int(lists["withdrawn"].sum() + lists["left_out"].sum())
    return Tile(
        "Records on your lists",
        formats.count(lists["live"].sum()),
        f"on {formats.plural(len(lists), 'list')}; {formats.count(gone)} have left since",
    )
