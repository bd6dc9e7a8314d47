"""One partner of the demo world is late: the folder that its files go to is away for a night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matchbook import partner_channels
from matchbook.settings import Settings

if TYPE_CHECKING:
    from ingest.demo import WorldOptions

CLIENT, PARTNER = "oakandlinen", "selligent"
NIGHTS_AGO = 4
AT_MINUTE = 3 * 60
FEWEST_NIGHTS = 8
"""In a shorter demo no partner is late."""


def set_up(settings: Settings, options: WorldOptions, night: int) -> None:
    """Give the partner a folder of its own, there in every night but one."""
    if options.nights < FEWEST_NIGHTS:
        return
    folder = settings.home / "received" / PARTNER
    away = folder.with_name(f"{PARTNER}.away")
    if partner_channels.find(settings, CLIENT, PARTNER) is None:
        folder.mkdir(parents=True, exist_ok=True)
        fields = {"address": folder.as_uri(), "at_minute": AT_MINUTE}
        partner_channels.add(settings, CLIENT, PARTNER, fields, by="demo")
        partner_channels.activate(settings, CLIENT, PARTNER, by="demo")
    is_late = night == options.nights - NIGHTS_AGO
    before, after = (folder, away) if is_late else (away, folder)
    if before.is_dir():
        before.rename(after)
