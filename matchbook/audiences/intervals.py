"""Intervals of a share."""

from __future__ import annotations

from math import sqrt

Z = 1.959964
"""95 %, both sides; as in dbt's macro `wilson`."""


def wilson(found: int, looked_at: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share; everything when nothing was looked at."""
    if looked_at == 0:
        return 0.0, 1.0
    share, square = found / looked_at, Z * Z
    middle = share + square / (2 * looked_at)
    spread = Z * sqrt(share * (1 - share) / looked_at + square / (4 * looked_at**2))
    low, high = ((middle + s * spread) / (1 + square / looked_at) for s in (-1, 1))
    return max(low, 0.0), min(high, 1.0)
