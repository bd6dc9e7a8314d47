"""What five of the retailer's partners knew by themselves, as each would export it once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np

from ingest.demo import story
from ingest.demo.cast import Cast
from ingest.demo.companies import RETAILER
from ingest.demo.log_files import InboxFile
from ingest.demo.people import record_id
from ingest.demo.randomness import share_of
from ingest.demo.syncs import partner_cookie_ids
from matchbook.partners import Partner, load_partners
from matchbook.settings import Settings

KNOWN = {"tealium": 0.46, "selligent": 0.54, "spotler": 0.35, "snowplow": 0.29, "piano": 0.18}
"""Of the people with a record and a browser, those who had signed in with the partner itself."""

BROKEN = 150
"""One in so many rows is one that no export should hold."""


def write_baselines(settings: Settings, cast: Cast, day: int) -> list[Path]:
    """Write the partners' exports, on the one day on which they were asked for."""
    if day != cast.options.at_share(story.BASELINES):
        return []
    moment = cast.options.clock_after(day) - timedelta(minutes=30)
    partners = [partner for partner in load_partners() if partner.partner_id in KNOWN]
    written = []
    for partner in partners:
        folder = settings.inbox / "baseline" / f"client={RETAILER.client_id}"
        target = folder / f"partner={partner.partner_id}" / f"{moment:%Y%m%d_%H%M%S}.csv"
        rows = list(_rows(cast, partner, day))
        content = io.StringIO(newline="")
        csv.writer(content, lineterminator="\n").writerows([_header(partner), *rows])
        with InboxFile(target) as out:
            out.write(content.getvalue().encode(), len(rows) + 1)
        written.append(target)
    return written


def _header(partner: Partner) -> tuple[str, str]:
    own = (partner.baseline_cookie_column, partner.baseline_record_column)
    return own[0] or "partner_cookie_id", own[1] or "crm_record_id"


def _rows(cast: Cast, partner: Partner, day: int) -> Iterator[tuple[str, str]]:
    """One row per record of a person whom the partner knows, with their own browser's cookie."""
    records = cast.people.records[RETAILER.client_id]
    luck = share_of(f"baseline {partner.partner_id}", records.person)
    is_known = (luck < KNOWN[partner.partner_id]) & (records.person < cast.people.n_online)
    is_live = (records.created_day <= day) & (records.left_day > day)
    some = records.take(np.flatnonzero(is_known & is_live))
    # The people online own the browser of the same number.
    cookies = partner_cookie_ids(cast, RETAILER, partner.partner_id, some.person, day)
    for place, (cookie, number) in enumerate(zip(cookies, some.number.tolist(), strict=True)):
        if place % BROKEN == BROKEN - 1:
            yield ("undefined", record_id(RETAILER, number))
        yield (cookie, record_id(RETAILER, number))
