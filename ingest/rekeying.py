"""Rewriting the identifier keys of the lake into their newest version, after a rotation.

Rows carry the version of their key, and version n wraps version n - 1, so no hash is needed. A
file is replaced whole under its own name; killed anywhere, the next run does the rest.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.erasing.lake import MEMORY_LIMIT, files_of
from matchbook.failpoints import failpoint
from matchbook.files import whole_file
from matchbook.identifiers import key_version, key_versions
from matchbook.keys import Keys
from matchbook.settings import Settings
from matchbook.sql import text
from matchbook.warehouse import open_memory

TABLES = ("hits", "record_identifiers")

_OLD = """
select distinct identifier_type, identifier_key, key_version from read_parquet({})
where key_version < $newest and identifier_key is not null
"""

_RENEWED = """
select rows.* replace (
    coalesce(renewed.new_key, rows.identifier_key) as identifier_key,
    case when renewed.new_key is null then rows.key_version else $newest end as key_version
)
from read_parquet({}) as rows
left join renewed
    on rows.identifier_type = renewed.identifier_type
        and rows.identifier_key = renewed.identifier_key
        and rows.key_version = renewed.key_version
"""


def rekey(settings: Settings, keys: Keys) -> int:
    """Rewrite each file that holds a key of an earlier version; how many there were."""
    # One thread: the rows of a file stay in their order.
    connection = open_memory(memory_limit=MEMORY_LIMIT, threads=1)
    try:
        connection.execute(f"set temp_directory = {text(settings.home / 'tmp')}")
        files = [path for table in TABLES for path in files_of(settings, table)]
        return sum(_rekey(connection, path, keys) for path in files)
    finally:
        connection.close()


def _rekey(connection: duckdb.DuckDBPyConnection, path: Path, keys: Keys) -> bool:
    newest = {"newest": key_version(keys)}
    old = connection.execute(_OLD.format(text(path)), newest).fetchall()
    if not old:
        return False
    made = [key_versions(keys, kind, key, above=version)[-1] for kind, key, version in old]
    names = ("identifier_type", "identifier_key", "key_version")
    columns = dict(zip(names, map(list, zip(*old, strict=True)), strict=True))
    connection.register("renewed", pa.table(columns | {"new_key": made}))
    try:
        with whole_file(path) as part:
            rows = connection.sql(_RENEWED.format(text(path)), params=newest)
            rows.write_parquet(str(part))
    finally:
        connection.unregister("renewed")
    failpoint("rekey.file_rewritten")
    return True
