"""A matrix of visitors and features as a Parquet file, with a seed and as many hidden like it.

Counts with long tails, rare flags and plain numbers; what makes a seed is partly linear, partly
steps and pairs, and most columns have nothing to do with it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FEATURES = 200
COUNTS, FLAGS = 80, 80
PART = 50_000


def make(path: Path, *, visitors: int, positives: int) -> None:
    """Columns f0 … f199, and `kind`: 2 known seed, 1 hidden, 0 others."""
    names = [*(f"f{n}" for n in range(FEATURES)), "kind"]
    types = [pa.float32()] * FEATURES + [pa.int8()]
    schema = pa.schema(dict(zip(names, types, strict=True)).items())
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for begin in range(0, visitors, PART):
            size = min(PART, visitors - begin)
            rows, kind = _part(begin, size, positives / visitors)
            columns = [pa.array(column) for column in rows.T]
            file.write_table(pa.table([*columns, pa.array(kind)], schema=schema))


def _part(begin: int, size: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(begin)
    busy = chance.gamma(0.8, 1.2, (size, 1))
    counts = chance.poisson(busy * np.geomspace(0.05, 4, COUNTS))
    flags = chance.random((size, FLAGS)) < np.geomspace(0.005, 0.6, FLAGS)
    numbers = chance.normal(size=(size, FEATURES - COUNTS - FLAGS))
    rows = np.hstack([counts, flags, numbers]).astype(np.float32)
    liking = (
        0.6 * np.log1p(counts[:, 50:60]).sum(axis=1)
        + 0.5 * flags[:, 60:70].sum(axis=1)
        + 0.5 * numbers[:, :5].sum(axis=1)
        + 1.2 * (numbers[:, 5] > 1)
        + 1.0 * ((numbers[:, 6] > 0) & flags[:, 75])
        - 0.4 * numbers[:, 7] ** 2
        + 2.5 * chance.gumbel(size=size)
    )
    wanted = round(share * size)
    kind = np.zeros(size, dtype=np.int8)
    likest = np.argsort(-liking)[:wanted]
    kind[likest] = 1 + (chance.permutation(wanted) < wanted // 2)
    return rows, kind
