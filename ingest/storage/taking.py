"""Taking one offered file, if it is whole: copied to the inbox and noted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from ingest.storage.copying import copy, drop_part
from ingest.storage.noted import DONE_WITH, Noted, inbox_copy, note, wall_clock
from ingest.storage.offers import Offer
from ingest.storage.place import Place
from matchbook.clock import utc_naive
from matchbook.failpoints import failpoint
from matchbook.settings import Settings

SETTLED = timedelta(seconds=30)
"""Between two looks that find the same file."""
OLD = timedelta(minutes=5)
"""By the storage's own clock, which may be wrong by less than that; one look is enough then."""


def take(
    settings: Settings,
    place: Place,
    offer: Offer,
    location_id: str,
    row: Noted | None,
    *,
    deadline: float,
) -> str:
    """`copied`, `waiting`, or `done` when it has been landed or refused before.

    Raises StorageUnavailable when this file cannot be taken now, ConfigError for a full disk.
    """
    if row is not None and row.status == "fetched":
        return "waiting"
    version = offer.entry.version
    if row is not None and row.status in DONE_WITH and row.version == version:
        return "done"
    target = inbox_copy(settings, location_id, offer.path)
    if row is None or row.version != version:
        drop_part(target)
        row = note(settings, Noted(location_id, offer.path, version, "seen", wall_clock()))
    if not _is_whole(place, offer, row):
        return "waiting"
    marker = json.dumps({"uploaded_by": f"storage location {location_id}"})
    sha256 = copy(place, offer, target, marker=marker, deadline=deadline)
    note(settings, row, status="fetched", sha256=sha256)
    failpoint("storage.noted")
    return "copied"


def _is_whole(place: Place, offer: Offer, row: Noted) -> bool:
    if place.writes_whole or offer.markers:
        return True
    now = wall_clock()
    modified = utc_naive(datetime.fromtimestamp(offer.entry.modified, UTC))
    return now - row.seen_at >= SETTLED or now - modified >= OLD
