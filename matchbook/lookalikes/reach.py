"""Whom each size of a list reaches, in the destination's own ids, as it may be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pyarrow as pa

from matchbook.disclosure import part
from matchbook.kept_audiences.reach import CEP, LOOK_BACK_DAYS
from matchbook.kept_audiences.worlds import Opened, registered
from matchbook.lookalikes.source import Numbers

_CONTACTS = """
select min(place) as place from ranked inner join members using (member_key)
inner join cep_contacts using (visitor_key) where is_reachable group by cep_contact_id
"""

_COOKIES = """
select min(place) as place from ranked inner join people_partners using (member_key)
where partner_id = $partner and not is_hot and last_seen_at >= $since
group by partner_cookie_key
"""


def at_sizes(
    opened: Opened, keys: Numbers, sizes: Sequence[int], destination: str
) -> tuple[list[int | None], list[int | None]]:
    """CEP contacts, and ids of the destination, among the first people of an order."""
    contacts = _first_places(opened, keys, _CONTACTS, {})
    told = _told(contacts, sizes)
    if destination == CEP:
        return told, told
    since = opened.world.as_of - timedelta(days=LOOK_BACK_DAYS)
    asked = {"partner": destination, "since": since}
    return told, _told(_first_places(opened, keys, _COOKIES, asked), sizes)


def _first_places(
    opened: Opened, keys: Numbers, sql: str, parameters: dict[str, object]
) -> Numbers:
    """Where in the order each id comes first."""
    ranked = pa.table({"member_key": keys, "place": np.arange(len(keys))})
    with registered(opened.connection, ranked=ranked):
        found = opened.connection.execute(sql, parameters).fetchnumpy()
    return np.sort(np.asarray(found["place"], dtype=np.int64))


def _told(places: Numbers, sizes: Sequence[int]) -> list[int | None]:
    return [part(size, int(np.searchsorted(places, size))) for size in sizes]
