"""What an operator sees: how the whole installation does, client by client."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard import context, formats
from dashboard.components.header import plain_header
from dashboard.components.markup import heading, note
from dashboard.components.notice import notice
from dashboard.components.plain_table import plain_table
from dashboard.queries import installation
from dashboard.queries.health import health
from matchbook.settings import Settings

ZONE = "UTC"
SOURCES = {"pixel_log": "Logs", "crm_file": "CRM files", "baseline": "Partners' own ids"}


def page() -> None:
    """The page of whoever has no client."""
    plain_header("Data quality", "The whole installation")
    section(context.settings())


def section(settings: Settings) -> None:
    """Nights, clients, loads, builds."""
    _night(settings)
    heading("Clients", "What landed of each, and its nightly files of the newest build.")
    _table(
        ("Client", "Last file landed", "Lines", "Rejected", "Delivered", "Failed", "Last delivery"),
        installation.clients(settings),
        ("client_id", _at("landed_at"), _n("lines"), _n("rejected"), _delivered, _n("failed"),
         _at("delivered_at")),
    )  # fmt: skip
    heading("Not delivered", "Nightly files that did not arrive, or may not have.")
    _table(
        ("Client", "Partner", "Of", "State", "Attempts", "Why"),
        installation.trouble(settings),
        ("client_id", "partner_id", _at("as_of"), "state", _n("attempts"), "reason"),
    )
    heading("Landed in the last week", "Every line is accounted for.")
    _table(
        ("Kind", "Files", "Lines", "Accepted", "Untracked", "Rejected", "Repeated", "Not ours",
         "Unaccounted"),
        installation.loads(settings),
        (_source, *map(_n, ("files", "lines", "accepted", "untracked", "rejected", "repeated",
                            "not_ours", "unaccounted"))),
    )  # fmt: skip
    heading("Published builds")
    _table(
        ("Build", "Data as of", "Published", "Clients"),
        installation.builds(settings),
        ("build_id", _at("as_of"), _at("published_at"), _n("clients")),
    )


def _night(settings: Settings) -> None:
    found = health(settings)
    if found.failed_step:
        notice("error", f"Last night failed at “{found.failed_step}”.", "Run it again:",
               command="matchbook nightly")  # fmt: skip
    elif found.ended_at:
        note(f"The last night ended {formats.moment(found.ended_at, ZONE)} (UTC), all well.")
    if found.waiting:
        notice("warning", f"{formats.plural(found.waiting, 'task')} waiting, and nothing works on "
               "them.", "Start the worker:", command="matchbook work")  # fmt: skip


def _table(header: tuple[str, ...], found: pd.DataFrame, columns: tuple[Any, ...]) -> None:
    if found.empty:
        note("None.")
        return
    rows = [
        tuple(_text(row[column]) if isinstance(column, str) else column(row) for column in columns)
        for _, row in found.iterrows()
    ]
    plain_table(header, rows)


def _text(value: Any) -> str:
    return formats.NOTHING if pd.isna(value) else str(value)


def _n(column: str) -> Any:
    return lambda row: "0" if pd.isna(row[column]) else formats.count(row[column])


def _at(column: str) -> Any:
    return lambda row: (
        formats.NOTHING
        if pd.isna(row[column])
        else formats.moment(pd.Timestamp(row[column]).to_pydatetime(), ZONE)
    )


def _delivered(row: pd.Series) -> str:
    return f"{_n('delivered')(row)} of {_n('files')(row)}"


def _source(row: pd.Series) -> str:
    return SOURCES.get(str(row["source"]), str(row["source"]))
