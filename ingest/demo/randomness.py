"""Reproducible chance: one generator per seed, day and purpose, and hashes of arrays."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Texts = NDArray[np.object_]


def generator(seed: int, day: int, purpose: str) -> np.random.Generator:
    """Chance for one purpose of one day; no other draw can shift it."""
    return np.random.default_rng([seed, day, zlib.crc32(purpose.encode())])


def quota(chance: np.random.Generator, size: int, share: float) -> Flags:
    """Exactly the share of `size`, rounded up, at random places."""
    chosen = np.zeros(size, dtype=np.bool_)
    chosen[chance.permutation(size)[: math.ceil(size * share)]] = True
    return chosen


def mixed(purpose: str, *parts: Any) -> NDArray[np.uint64]:
    """64 well-mixed bits per element of the parts (arrays or numbers)."""
    state = np.array(zlib.crc32(purpose.encode()), dtype=np.uint64)
    for part in parts:
        with np.errstate(over="ignore"):
            state = _step(state ^ np.asarray(part).astype(np.uint64))
    return np.atleast_1d(state)


def share_of(purpose: str, *parts: Any) -> Floats:
    """A number in [0, 1) per element: a coin that always falls the same way."""
    return (mixed(purpose, *parts) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def hex_ids(purpose: str, digits: int, *parts: Any) -> list[str]:
    """Lower hex strings of up to 48 digits, one per element."""
    words = [mixed(f"{purpose}{n}", *parts) for n in range(3)]
    text = np.stack(words, axis=1).astype(">u8").tobytes().hex()
    return [text[at : at + digits] for at in range(0, len(text), 48)]


def texts(values: Sequence[Any]) -> Texts:
    """Strings, or members of segment lines, as an array that can be indexed by arrays."""
    out = np.empty(len(values), dtype=np.object_)
    out[:] = values
    return out


def _step(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)))
