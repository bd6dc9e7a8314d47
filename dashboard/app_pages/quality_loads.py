"""The tab *Loads*: every file that landed, and what became of the client's lines in it."""

from __future__ import annotations

from pathlib import PurePath

from dashboard import formats
from dashboard.components.empty import Button, empty_state
from dashboard.components.markup import heading
from dashboard.components.table import number, table, text
from dashboard.queries import rejected
from dashboard.queries.descriptions import describe
from dashboard.queries.lines import Slice
from dashboard.queries.reading import View
from dashboard.wording import OUTCOMES, SOURCES

MOST = 100


def loads(view: View, part: Slice) -> None:
    """Newest first."""
    found = rejected.files(view, part)
    if found.empty:
        empty_state(
            "No file landed in these days.",
            "Each file stands here with its lines once a night has landed it.",
            Button("Upload a file", "crm_uploads"),
        )
        return
    heading("Files that landed", "A log of several clients' sites counts here with your lines.")
    zone = view.client.time_zone
    columns = (
        text("Landed", "landed_at", lambda at: formats.moment(at, zone)),
        text("File", "file_name", lambda name: PurePath(str(name)).name),
        text("Source", "source", lambda code: SOURCES.get(code, code)),
        number("Lines", "lines", meaning=describe(view, "landed_files.lines")),
        *(
            number(label, code, meaning=describe(view, f"landed_files.{code}"))
            for code, label in OUTCOMES.items()
            if code != "not_ours"
        ),
    )
    table(view, found, columns, file_name="landed-files", is_tall=len(found) > 15, most=MOST)
