"""Whether a home holds a demo: an invented world, in which a night may be run at any time."""

from __future__ import annotations

from matchbook.settings import Settings

MARKER = "demo.json"
NIGHT_NOW = "demo_night_now"
"""Kind of the job that runs a night of the demo at once."""


def is_demo(settings: Settings) -> bool:
    """Whether `matchbook demo` made this home."""
    return (settings.home / MARKER).exists()
