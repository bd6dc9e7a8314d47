"""Rewriting the lake's files without the lines of erased persons.

A file is replaced under its own name, which says what was delivered, not what is left of it. The
ledger stays as it is: its counts say how many lines came. Killed anywhere, the next run does the
rest; what is left of a person is still found by what the request holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from ingest.erasing.lake import files_of, open_lake
from matchbook.erasure.people import Person
from matchbook.erasure.tombstones import Erased
from matchbook.failpoints import failpoint
from matchbook.files import whole_file
from matchbook.registry import Registry
from matchbook.settings import Settings
from matchbook.sql import text

TABLES = ("hits", "crm_rows", "record_attributes", "partner_baselines", "record_identifiers")
"""In this order: a withdrawal without a record id is found by its identifier alone."""

_GONE = """
create table gone as
select unnest(?::bigint[]) as number, unnest(?::varchar[]) as owner,
    unnest(?::varchar[]) as subject_type, unnest(?::varchar[]) as subject_id
"""

_FOUND_BY = (
    ("hits", "coalesce(rows.publisher_id, rows.client_id)", "visitor", "rows.visitor_id"),
    ("hits", "coalesce(rows.publisher_id, rows.client_id)", "identifier", "rows.identifier_key"),
    ("hits", "coalesce(rows.publisher_id, rows.client_id)", "cep_contact",
     "rows.cep_contact_id::varchar"),
    ("crm_rows", "rows.client_id", "record", "rows.crm_record_id"),
    ("crm_rows", "rows.client_id", "cep_contact", "rows.cep_contact_id::varchar"),
    ("record_identifiers", "rows.client_id", "record", "rows.crm_record_id"),
    ("record_identifiers", "rows.client_id", "identifier", "rows.identifier_key"),
    ("record_attributes", "rows.client_id", "record", "rows.crm_record_id"),
    ("partner_baselines", "rows.client_id", "record", "rows.crm_record_id"),
)  # fmt: skip

_EXCERPTS = """
create table excerpts as
select distinct gone.number, rows.load_seq, rows.line_number
from lake_quarantine as rows
inner join gone on contains(rows.excerpt, gone.subject_id)
where rows.excerpt is not null
"""

_REST = "from read_parquet({}) anti join lines using (load_seq, line_number)"

_WITHOUT_EXCERPT = """
select rows.* exclude (is_gone) replace (if(is_gone, null, excerpt) as excerpt)
from (
    from read_parquet({})
    left join (select distinct load_seq, line_number, true as is_gone from excerpts)
        using (load_seq, line_number)
) as rows
"""


def counts(
    settings: Settings,
    registry: Registry,
    erased: Erased,
    persons: Sequence[Person],
) -> dict[int, dict[str, int]]:
    """By number and table of the lake: how many lines there are of each person."""
    found: dict[int, dict[str, int]] = {person.number: {} for person in persons}
    with open_lake(settings, registry) as connection:
        _find(connection, registry, erased, persons)
        for table in TABLES:
            query = (
                "select number, count(distinct (load_seq, line_number)) "
                f"from lake_{table} inner join lines using (load_seq, line_number) group by all"
            )
            for number, lines in connection.execute(query).fetchall():
                found[number][table] = lines
        query = "select number, count(*) from excerpts group by all"
        for number, lines in connection.execute(query).fetchall():
            found[number]["quarantine"] = lines
    return found


def rewrite(
    settings: Settings,
    registry: Registry,
    erased: Erased,
    persons: Sequence[Person],
) -> int:
    """Rewrite every file that holds one of the persons; how many there were."""
    with open_lake(settings, registry) as connection:
        _find(connection, registry, erased, persons)
        of_lines, of_excerpts = _loads(connection, "lines"), _loads(connection, "excerpts")
        affected = [
            p for table in TABLES for p in files_of(settings, table) if _load(p) in of_lines
        ]
        for path in affected:
            _replace(connection, path, _REST.format(text(path)))
        quarantined = [p for p in files_of(settings, "quarantine") if _load(p) in of_excerpts]
        for path in quarantined:
            _replace(connection, path, _WITHOUT_EXCERPT.format(text(path)))
    return len(affected) + len(quarantined)


def _find(
    connection: duckdb.DuckDBPyConnection,
    registry: Registry,
    erased: Erased,
    persons: Sequence[Person],
) -> None:
    """Tables `lines` and `excerpts`: what of the lake is whose."""
    rows = [
        (person.number, owner, kind, subject)
        for person in persons
        for owner, kind, subject in _owned(registry, erased, person)
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
    connection.execute(_GONE, columns)
    found = " union ".join(
        f"select gone.number, rows.load_seq, rows.line_number from lake_{table} as rows "
        f"inner join gone on gone.owner = {owner} and gone.subject_type = {text(kind)} "
        f"and gone.subject_id = {value}"
        for table, owner, kind, value in _FOUND_BY
    )
    connection.execute(f"create table lines as {found}")
    connection.execute(_EXCERPTS)


def _owned(registry: Registry, erased: Erased, person: Person) -> list[tuple[str, str, str]]:
    """Each subject with those whose rows of it go: the client, and a publisher of whose clients
    none may have the person any more."""
    found = [(person.client_id, kind, subject) for kind, subject in person.subjects]
    for publisher in registry.publishers:
        if person.client_id in publisher.client_ids:
            by_all = erased.of(publisher.client_ids)
            for kind in ("visitor", "identifier", "cep_contact"):
                gone = erased.among(by_all, kind, sorted(person.of(kind)))
                found += [(publisher.publisher_id, kind, subject) for subject in sorted(gone)]
    return found


def _loads(connection: duckdb.DuckDBPyConnection, table: str) -> set[int]:
    found = connection.table(table).project("load_seq").distinct().fetchall()
    return {int(row[0]) for row in found}


def _load(path: Path) -> int:
    return int(path.stem.split("-")[0])


def _replace(connection: duckdb.DuckDBPyConnection, path: Path, rest: str) -> None:
    with whole_file(path) as part:
        connection.sql(rest).write_parquet(str(part))
    failpoint("erase.file_rewritten")
