"""Pixel logs: web-server logs and our collector's segments. Read `load.py` first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.pixel_logs.load import land_pixel_log

__all__ = ["land_pixel_log"]


def __getattr__(name: str) -> Any:
    """Import on use: the collector shares the rules of this package, not its database."""
    if name != "land_pixel_log":
        raise AttributeError(name)
    from ingest.pixel_logs.load import land_pixel_log

    return land_pixel_log
