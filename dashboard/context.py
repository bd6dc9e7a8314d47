"""What this process serves: its settings, given once by `serve` or read from the environment."""

from __future__ import annotations

from matchbook.settings import Settings

_served: list[Settings] = []


def serve_from(settings: Settings) -> None:
    """Every page and route of this process uses `settings` from now on."""
    _served[:] = [settings]


def settings() -> Settings:
    """The settings served; those of the environment when none were given."""
    return _served[0] if _served else Settings.from_environment()
