"""Who is in an audience: Parquet files named by their content, one for each time it changed.

A row per person, by `member_key`: since when (`entered_at`, naive UTC, the build's moment), whether
the time ran out (`is_expired`: no member any more, but not to come back before having failed the
conditions once) and whether the person is held out of pushes (`is_held_out`).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from matchbook.files import write_whole
from matchbook.settings import Settings

SCHEMA = pa.schema(
    {
        "member_key": pa.int64(),
        "entered_at": pa.timestamp("us"),
        "is_expired": pa.bool_(),
        "is_held_out": pa.bool_(),
    }
)


def write(settings: Settings, client_id: str, audience_id: str, rows: pa.Table) -> str:
    """Store who is in it; the file's name. The same people are the same file."""
    content = io.BytesIO()
    pq.write_table(rows.cast(SCHEMA), content, compression="zstd")
    return store(_folder(settings, client_id, audience_id), content.getvalue())


def read(settings: Settings, client_id: str, audience_id: str, file_name: str | None) -> pa.Table:
    """Who was in it; nobody before the first refresh."""
    if file_name is None:
        return SCHEMA.empty_table()
    return pq.read_table(_folder(settings, client_id, audience_id) / file_name)


def keys(rows: pa.Table) -> Any:
    """Member keys of those who are in it now, as a sorted array."""
    return rows.filter(pc.invert(rows["is_expired"]))["member_key"].to_numpy()


def keep_only(settings: Settings, client_id: str, audience_id: str, names: Iterable[str]) -> None:
    """Remove files that no kept refresh names."""
    kept = set(names)
    for path in sorted(_folder(settings, client_id, audience_id).glob("*.parquet")):
        if path.name not in kept:
            path.unlink()


def store(folder: Path, content: bytes) -> str:
    """Write a file under the name its content gives it, unless it is there."""
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.parquet"
    if not (folder / name).exists():
        write_whole(folder / name, content)
    return name


def _folder(settings: Settings, client_id: str, audience_id: str) -> Path:
    return settings.audiences / client_id / audience_id
