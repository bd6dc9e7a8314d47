"""The public sets as tables: bank customers who said yes, and visitors of one area of a site."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from matchbook.lookalikes.source import Flags
from matchbook.lookalikes.table_source import TableSource, load_table
from tests.msweb import visits

FEWEST_VISITORS = 20
"""Of an area that is a feature."""


def bank(data: Path, folder: Path) -> tuple[TableSource, Flags]:
    """Without how long the call took, which leaks the answer."""
    path = data / "l06_bank_additional" / "bank-additional-full.csv.gz"
    return load_table(path, folder, seed_column="y", key_column=None, drop=("duration",))


def area(data: Path, folder: Path, seed: str) -> tuple[TableSource, Flags]:
    """Visitors of an area, that area removed.

    Visitors of nothing else are left out: an empty row would tell where they have been.
    """
    rows: dict[int, set[str]] = {}
    for user, name in visits(data):
        rows.setdefault(abs(user), set()).add(name)
    is_seed = np.array([seed in row for row in rows.values()])
    names = sorted(set().union(*rows.values()) - {seed})
    place = {name: number for number, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names)), dtype=np.float32)
    for number, row in enumerate(rows.values()):
        matrix[number, [place[name] for name in row - {seed}]] = 1
    kept, columns = matrix.any(axis=1), matrix.sum(axis=0) >= FEWEST_VISITORS
    table = pa.table(
        {names[n]: matrix[kept, n] for n in np.flatnonzero(columns)}
        | {"seed": is_seed[kept].astype(np.int8), "user": np.array(list(rows))[kept]}
    )
    path = folder / "visitors.parquet"
    pq.write_table(table, path)
    return load_table(path, folder, seed_column="seed", key_column="user", drop=())
