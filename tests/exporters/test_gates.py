"""Who is suppressed is found alike by the numbers of a gate and by its texts (an older outbox)."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporters.match_files import compute_delta, workbench
from matchbook.publishing.outbox import SUBJECT_KEY
from matchbook.settings import Settings
from matchbook.sql import text
from matchbook.warehouse import open_memory

PAIRS = 5000
OUT = [
    *(("visitor", f"v{number}") for number in range(0, 400, 7)),
    *(("identifier", f"k{number % 900}") for number in range(3)),
    *(("record", f"r{number}") for number in (1, 55, 4000)),
    ("visitor", "nobody"), ("record", "v3"), ("visitor", "k5"), ("partner", "v8"),
]  # fmt: skip


@pytest.fixture(scope="module")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of which some share a record or an identifier, with both kinds of gate."""
    folder = tmp_path_factory.mktemp("outbox")
    connection = open_memory()
    connection.execute(
        "create table pairs as select md5((i % 3000)::varchar) || i as partner_cookie_id, "
        f"'r' || (i % 700) as crm_record_id, i from range({PAIRS}) as t(i)"
    )
    pairs, gate = text(folder / "pairs.parquet"), text(folder / "old.parquet")
    connection.execute(
        "copy (select * exclude i, timestamp '2026-11-20' as last_seen_at, "
        f"1::bigint as cookie_seen_load_seq from pairs order by 1, 2) to {pairs}"
    )
    connection.execute(
        "copy (select * exclude i, 'visitor' as subject_type, 'v' || (i % 2000) as subject_id "
        "from pairs union all select * exclude i, 'identifier', 'k' || (i % 900) from pairs "
        f"order by all) to {gate}"
    )
    connection.execute(
        f"copy (select gate.*, row_number - 1 as pair_number, {SUBJECT_KEY} as subject_key "
        f"from read_parquet({gate}) as gate inner join (select *, "
        "row_number() over (order by partner_cookie_id, crm_record_id) as row_number from pairs) "
        f"using (partner_cookie_id, crm_record_id)) to {text(folder / 'new.parquet')}"
    )
    connection.close()
    return folder


def delta(settings: Settings, outbox: Path, gate: str, out: list[tuple[str, str]]) -> object:
    with workbench(settings) as connection:
        counts = compute_delta(connection, pairs=outbox / "pairs.parquet", gate=outbox / gate,
                               held=None, suppressed=out, since=0)  # fmt: skip
        return counts, connection.execute("from delta order by all").fetchall()


@pytest.mark.parametrize("out", [[], OUT, OUT[:1], OUT[-4:], [("record", "r7")]], ids=len)
def test_both_gates_say_the_same(
    settings: Settings, outbox: Path, out: list[tuple[str, str]]
) -> None:
    by_text = delta(settings, outbox, "old.parquet", out)
    assert delta(settings, outbox, "new.parquet", out) == by_text


def test_exactly_whom_the_list_names_is_left_out(settings: Settings, outbox: Path) -> None:
    connection = open_memory()
    gone = connection.execute(
        "select count(distinct (partner_cookie_id, crm_record_id)) from "
        f"(from read_parquet({text(outbox / 'old.parquet')})) as gate where "
        "list_contains($subjects, subject_type || ' ' || subject_id) "
        "or list_contains($subjects, 'record ' || crm_record_id)",
        {"subjects": [f"{kind} {subject}" for kind, subject in OUT]},
    ).fetchone()
    connection.close()
    counts, rows = delta(settings, outbox, "new.parquet", OUT)  # type: ignore[misc]
    assert gone == (counts.suppressed,)
    assert len(rows) == PAIRS - counts.suppressed
    assert counts.suppressed > 100
