"""What the demo tells at its end: read from the warehouse, measured against the truth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table

from matchbook import deliveries
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse, run_lock

if TYPE_CHECKING:
    import duckdb

OUTCOMES = ("accepted", "untracked", "quarantined", "duplicate", "not_ours")

_LINES = """
select coalesce(sum(lines), 0)::bigint, coalesce(sum(accepted), 0)::bigint,
    coalesce(sum(untracked), 0)::bigint, coalesce(sum(quarantined), 0)::bigint,
    coalesce(sum(duplicate), 0)::bigint, coalesce(sum(not_ours), 0)::bigint
from raw.loads
"""

_REASONS = """
select reason, sum(lines)::bigint as lines from raw.line_outcomes
where outcome = 'quarantined' group by reason order by lines desc, reason
"""

_RATES = """
select client_name, coalesce(partner_name, 'All partners') as partner, match_rate
from marts.match_rates
inner join marts.build using (as_of_date)
inner join raw.clients using (client_id)
left join raw.partners using (partner_id)
where breakdown = 'all' and look_back_days = 30 and partner_id <> 'mapp_cep'
order by position nulls first, raw.clients.rowid
"""

_MATCHES = "select count(*) from marts.matches where is_deliverable"

_PAIRS = """
select client_id, visitor_id, crm_record_id from intermediate.int_visitor_records
where is_deliverable
"""


def summary(settings: Settings) -> dict[str, Any]:
    """Lines in, why some were rejected, matches, match rates, accuracy, files delivered."""
    from ingest.demo import score

    with (
        run_lock(settings, command="matchbook demo"),
        open_warehouse(settings) as connection,
    ):
        found = _counts(connection)
        measured = score(settings, connection.execute(_PAIRS).fetchall())
    found |= {"precision": measured.precision, "recall": measured.recall}
    found |= {"pairs": measured.pairs, "recoverable_pairs": measured.recoverable}
    sent = deliveries.confirmed(settings)
    found["files_delivered"] = len(sent)
    found["rows_delivered"] = sum(
        (one.rows_added or 0) + (one.rows_seen or 0) + (one.rows_removed or 0) for one in sent
    )
    return found | {"delivered_to": str(settings.delivered)}


def told(found: dict[str, Any]) -> list[RenderableType]:
    """The same for people."""
    return [
        "",
        _facts(found),
        "\nMatch rate: CRM records recognised at the partner in the last 30 days\n",
        Padding(_rates(found["match_rates"]), (0, 0, 0, 2)),
        "",
    ]


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    lines = connection.execute(_LINES).fetchone()
    matches = connection.execute(_MATCHES).fetchone()
    assert lines is not None
    assert matches is not None
    found: dict[str, Any] = dict(zip(("lines", *OUTCOMES), lines, strict=True))
    found["quarantined_by_reason"] = dict(connection.execute(_REASONS).fetchall())
    found["matches"] = matches[0]
    rates: dict[str, dict[str, float | None]] = {}
    for client, partner, rate in connection.execute(_RATES).fetchall():
        rates.setdefault(partner, {})[client] = rate
    return found | {"match_rates": rates}


def _facts(found: dict[str, Any]) -> Table:
    reasons = found["quarantined_by_reason"]
    named = ", ".join(f"{count:,} {reason}" for reason, count in list(reasons.items())[:4])
    more = f", {len(reasons) - 4} more reasons" if len(reasons) > 4 else ""
    return _table(
        ("Lines in", f"{found['lines']:,}", "log lines and CRM rows"),
        ("accepted", f"{found['accepted']:,}", ""),
        ("untracked", f"{found['untracked']:,}", "no consent, opted out or no cookie"),
        ("rejected", f"{found['quarantined']:,}", named + more),
        ("duplicate", f"{found['duplicate']:,}", "landed before"),
        ("not ours", f"{found['not_ours']:,}", "the rest of a shared web-server log"),
        ("Matches", f"{found['matches']:,}", "partner cookie ids with a CRM record, deliverable"),
        ("Precision", _percent(found["precision"]), f"of {found['pairs']:,} pairs found are right"),
        (
            "Recall",
            _percent(found["recall"]),
            f"of {found['recoverable_pairs']:,} that can be known",
        ),
        ("Files", f"{found['files_delivered']:,}", f"{found['rows_delivered']:,} rows, in"),
        ("", "", found["delivered_to"]),
    )


def _table(*rows: tuple[str, str, str]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for name, value, remark in rows:
        table.add_row(name if name[:1].isupper() else f"  {name}", value, remark)
    return table


def _rates(rates: dict[str, dict[str, float | None]]) -> Table:
    clients = list(dict.fromkeys(client for row in rates.values() for client in row))
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for client in clients:
        table.add_column(client, justify="right")
    for partner, row in rates.items():
        table.add_row(partner, *_cells(row, clients))
    return table


def _cells(row: dict[str, float | None], clients: Iterable[str]) -> list[str]:
    return [_percent(row[client]) if client in row else "" for client in clients]


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:.1f} %"
