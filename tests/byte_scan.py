"""Looking for ids in everything below a folder: as bytes, as hex, as base64, and unpacked.

Parquet and DuckDB pack what they hold, so all their values are looked through as well.
"""

from __future__ import annotations

import base64
import gzip
import io
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.csv as pv
import pyarrow.parquet as pq
import zstandard

from matchbook.sql import name
from matchbook.warehouse import open_file


def found(home: Path, ids: Iterable[str]) -> dict[str, set[str]]:
    """By id the files that hold it in any form."""
    wanted = sorted(set(ids))
    forms = {one: _forms(one) for one in wanted}
    words = re.compile(rb"(?<![0-9A-Za-z])(" + b"|".join(re.escape(o.encode()) for o in wanted)
                       + rb")(?![0-9A-Za-z])")  # fmt: skip
    hits: dict[str, set[str]] = {}
    for path in sorted(home.rglob("*")):
        if path.is_file():
            where = path.relative_to(home).as_posix()
            for content in contents(path):
                for word in words.findall(content):
                    hits.setdefault(word.decode(), set()).add(where)
                for one, others in forms.items():
                    if any(other in content for other in others):
                        hits.setdefault(one, set()).add(where)
    return hits


def _forms(one: str) -> list[bytes]:
    """What else than itself an id can look like; too short a form would be found anywhere."""
    raw = [one.encode()]
    if re.fullmatch(r"(?:[0-9a-f]{2}){8,}", one):
        raw.append(bytes.fromhex(one))
    forms = [form for value in raw for form in (value.hex().encode(), value.hex().upper().encode())]
    forms += raw[1:]
    for value in raw:
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + value)
            # The ends depend on what stands beside the id.
            forms.append(coded[(0, 2, 3)[shift] : -4])
    return [form for form in forms if len(form) >= 8 and form != one.encode()]


def contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and what they hold once unpacked."""
    raw = _read(path)
    yield raw
    if raw[:2] == b"\x1f\x8b":
        yield gzip.decompress(raw)
    elif raw[:4] == b"\x28\xb5\x2f\xfd":
        yield zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read()
    elif path.suffix == ".parquet":
        text = io.BytesIO()
        pv.write_csv(pq.read_table(path), text)
        yield text.getvalue()
    elif path.suffix == ".duckdb":
        yield from _tables(path)


def _read(path: Path) -> bytes:
    if ".sqlite" not in path.name:
        return path.read_bytes()
    # Closing it in this process would drop the locks of SQLite connections that are open here.
    return subprocess.run(["cat", path], capture_output=True, check=True).stdout


def _tables(path: Path) -> Iterator[bytes]:
    with open_file(path) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where not temporary"
        ).fetchall()
        for schema, table in tables:
            text = io.BytesIO()
            pv.write_csv(
                connection.execute(f"from {name(schema)}.{name(table)}").to_arrow_table(), text
            )
            yield text.getvalue()
