"""One client × partner of one publication, on its way out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from exporters.destinations import LocalFolder
from exporters.stored import stored_folder
from matchbook import deliveries, partner_channels
from matchbook.partner_channels import Channel
from matchbook.partners.profile import DeliveryProfile
from matchbook.settings import Settings
from matchbook.snapshots import Publication


@dataclass(frozen=True)
class Run:
    """What every step of a delivery needs to know."""

    settings: Settings
    publication: Publication
    connection: duckdb.DuckDBPyConnection
    client_id: str
    partner_id: str
    channel: Channel | None
    """None: the files stay in the local folder."""

    @property
    def target(self) -> tuple[str, str]:
        """Client and partner."""
        return self.client_id, self.partner_id

    @property
    def destination(self) -> LocalFolder:
        """Where the bytes are stored."""
        return stored_folder(self.settings, *self.target)

    @property
    def held(self) -> Path | None:
        """What the partner holds; None: nothing yet."""
        holding = deliveries.holding(self.settings, *self.target)
        return holding.path if holding else None

    @property
    def profile(self) -> DeliveryProfile:
        """The form in which this client's files go to this partner."""
        if self.channel is not None:
            return self.channel.profile
        return partner_channels.partner(self.partner_id).delivery
