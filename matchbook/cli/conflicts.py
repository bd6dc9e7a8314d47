"""`matchbook conflicts`: browsers several records lay claim to, and a person's word."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from matchbook import decisions
from matchbook.cli.app import App, command
from matchbook.reading import select
from matchbook.snapshots import open_snapshot

WORDS = {"this": "this_record", "not-this": "not_this_record", "open": "open"}

_CONFLICTS = """
select subject_key as visitor_key, candidates, confident_candidates, outcome, outcome_reason,
    best_record_id, best_confidence, next_record_id, next_confidence, decided_by
from match_conflicts
where subject_type = 'browser'
order by outcome = 'decided', best_confidence - coalesce(next_confidence, 0), subject_key
limit ?
"""


@click.group()
def conflicts() -> None:
    """Browsers in which more than one CRM record is recognised."""


@command("list", example="matchbook conflicts list oakhouse --limit 20")
@click.argument("client")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1))
def list_conflicts(app: App, client: str, limit: int) -> None:
    """The closest contests first, as of the published build."""
    with open_snapshot(app.settings, client) as connection:
        found = select(connection, _CONFLICTS, [limit])
        names = [column[0] for column in found.description or []]
        rows: list[dict[str, Any]] = [
            dict(zip(names, row, strict=True)) for row in found.fetchall()
        ]
    table = Table("browser", "records", "surest", "", "next", "", "what becomes of it", box=None)
    for row in rows:
        table.add_row(
            str(row["visitor_key"]), str(row["candidates"]),
            row["best_record_id"], f"{row['best_confidence']:.2f}",
            row["next_record_id"] or "", f"{row['next_confidence'] or 0:.2f}",
            row["outcome_reason"],
        )  # fmt: skip
    app.emit({"client_id": client, "conflicts": rows}, table)


@command("decide", example='matchbook conflicts decide oakhouse 8123 OL-0010001 this --by "A. Vos"')
@click.argument("client")
@click.argument("browser", type=int)
@click.argument("record")
@click.argument("word", type=click.Choice(list(WORDS)))
@click.option("--by", required=True, help="Who decides; kept as proof.")
def decide(app: App, client: str, browser: int, record: str, word: str, by: str) -> None:
    """Say that a browser is this record's and nobody else's, or not this one's, or open again.

    The next build honours it; the newest word stands, and earlier ones are kept.
    """
    made = decisions.decide(
        app.settings, client, visitor_key=browser, crm_record_id=record,
        decision=WORDS[word], by=by,
    )  # fmt: skip
    data = vars(made) | {"decided_at": made.decided_at.isoformat()}
    app.emit(data, "Decided; the next build honours it.")


for _command in (list_conflicts, decide):
    conflicts.add_command(_command)
