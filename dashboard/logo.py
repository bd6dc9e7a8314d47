"""The logo: a struck match beside the name, drawn for both themes."""

from __future__ import annotations

from pathlib import Path

from dashboard import theme

STATIC = Path(__file__).parent / "static"
FAVICON = str(STATIC / "favicon.svg")


def logo() -> str:
    """The SVG file that suits the theme in use."""
    name = "logo-dark.svg" if theme.current() is theme.DARK else "logo-light.svg"
    return str(STATIC / name)
