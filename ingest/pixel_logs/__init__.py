"""Pixel logs: web-server logs and our collector's segments. Read `load.py` first."""

from __future__ import annotations

from ingest.pixel_logs.load import land_pixel_log

__all__ = ["land_pixel_log"]
