"""What the server keeps of each delivery: its own record, and the files as the partner got them."""

from __future__ import annotations

from pathlib import Path

from matchbook.deliveries import Delivery
from matchbook.settings import Settings


def stored(settings: Settings, client_id: str, partner_id: str) -> Path:
    """The folder of one client × partner."""
    return settings.delivered / client_id / partner_id


def manifest(settings: Settings, delivery: Delivery) -> bytes | None:
    """The manifest of a delivery; None when its bytes are no longer stored."""
    folder = stored(settings, delivery.client_id, delivery.partner_id)
    try:
        return (folder / f"{delivery.name}.manifest.json").read_bytes()
    except FileNotFoundError:
        return None
