"""The two palettes, for charts and for our own HTML alike. One accent, greys, red and amber
only for trouble. The colours of Streamlit's own widgets are in .streamlit/config.toml."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import streamlit as st


@dataclass(frozen=True)
class Palette:
    """The colours of one theme."""

    text: str
    muted: str
    faint: str
    line: str
    surface: str
    accent: str
    accent_soft: str
    on_accent: str
    grey: str
    amber: str
    amber_soft: str
    red: str
    red_soft: str


LIGHT = Palette(
    text="#1b2430",
    muted="#5b6675",
    faint="#8a94a3",
    line="#dfe3e8",
    surface="#f7f8fa",
    accent="#1f5fbf",
    accent_soft="#e8f0fb",
    on_accent="#ffffff",
    grey="#c3cad3",
    amber="#9a5b00",
    amber_soft="#fff4dd",
    red="#b3261e",
    red_soft="#fdecea",
)
DARK = Palette(
    text="#e6e9ee",
    muted="#a4adba",
    faint="#7c8694",
    line="#2d3540",
    surface="#171c23",
    accent="#6ea8fe",
    accent_soft="#1b2a42",
    on_accent="#12161c",
    grey="#465160",
    amber="#f0b95a",
    amber_soft="#33290f",
    red="#ff8a80",
    red_soft="#3a1a18",
)


def current() -> Palette:
    """The palette of the theme that the person looks at."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def css_variables(palette: Palette) -> str:
    """`--mb-accent: #1f5fbf; …` for our stylesheet."""
    return " ".join(f"--mb-{k.replace('_', '-')}: {v};" for k, v in asdict(palette).items())
