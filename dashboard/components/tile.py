"""Metric tiles: one number, what it is, how it moved, and the sentence behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.components.markup import escape, tooltip


@dataclass(frozen=True)
class Tile:
    """One number with its words."""

    label: str
    value: str
    sentence: str = ""
    change: str = ""
    meaning: str = ""


def tiles(shown: Sequence[Tile]) -> None:
    """Tiles side by side, wrapping on narrow screens."""
    st.html(f'<div class="mb-tiles">{"".join(_tile(tile) for tile in shown)}</div>')


def _tile(tile: Tile) -> str:
    change = f'<div class="mb-change">{escape(tile.change)}</div>' if tile.change else ""
    sentence = f'<div class="mb-sentence">{escape(tile.sentence)}</div>' if tile.sentence else ""
    return (
        f'<section class="mb-tile"><div class="mb-label">{tooltip(tile.label, tile.meaning)}</div>'
        f'<div class="mb-value">{escape(tile.value)}</div>{change}{sentence}</section>'
    )
