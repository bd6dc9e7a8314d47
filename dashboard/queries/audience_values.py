"""Real values to choose from in a condition, each with the people it is true of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import streamlit as st

from dashboard.queries.reading import View, rows
from matchbook.disclosure import rounded
from matchbook.kept_audiences import values
from matchbook.kept_audiences.values import Field, Value
from matchbook.kept_audiences.worlds import open_world

MOST = 200
PAGE_DAYS = 30

PAGES = """
select page_path, count(distinct member_key) as people
from visitor_hits inner join members using (visitor_key) inner join people using (member_key)
where not people.is_suppressed and hit_type = 'page_view' and hit_date >= $since
    and page_path is not null
group by page_path order by people desc, page_path limit $most
"""
NAMES = {
    "site": "select site_id as id, site_name as name from sites",
    "partner": "select partner_id as id, partner_name as name from partners",
}


@dataclass(frozen=True)
class Offer:
    """A value, what it is called, and how many people; None reads "<50"."""

    value: str
    name: str
    people: int | None


def of_field(view: View, field: str) -> list[Offer]:
    """Values of a site, section, page, event, message, browser or partner; most people first."""
    if field == "page":
        since = view.as_of_date - timedelta(days=PAGE_DAYS)
        found = rows(view, PAGES, since=since, most=MOST).itertuples(index=False)
        return [Offer(path, path, rounded(int(people))) for path, people in found]
    known = _values(str(view.settings.home), view.client.client_id, view.build_id, field, view)
    names = rows(view, NAMES[field]).itertuples(index=False) if field in NAMES else ()
    return _offers(known, {str(value): str(name or value) for value, name in names})


def attributes(view: View) -> dict[str, str]:
    """The CRM's attributes and the type of each."""
    return _attributes(str(view.settings.home), view.client.client_id, view.build_id, view)


def of_attribute(view: View, attribute: str) -> list[Offer]:
    """Values that 50 people have or more; rarer ones could point at somebody."""
    home, client_id = str(view.settings.home), view.client.client_id
    known = _attribute_values(home, client_id, view.build_id, attribute, view)
    return _offers(one for one in known if one.people is not None)


def _offers(known: Iterable[Value], names: dict[str, str] | None = None) -> list[Offer]:
    names = names or {}
    return [Offer(one.value, names.get(one.value, one.value), one.people) for one in known]


@st.cache_data(ttl="1h", max_entries=100, show_spinner=False)
def _values(home: str, client_id: str, build_id: str, field: str, _view: View) -> list[Value]:
    with open_world(_view.settings, client_id) as opened:
        return values.values(opened, cast(Field, field), most=MOST)


@st.cache_data(ttl="1h", max_entries=20, show_spinner=False)
def _attributes(home: str, client_id: str, build_id: str, _view: View) -> dict[str, str]:
    with open_world(_view.settings, client_id) as opened:
        return {one.name: one.type for one in values.attributes(opened)}


@st.cache_data(ttl="1h", max_entries=100, show_spinner=False)
def _attribute_values(
    home: str, client_id: str, build_id: str, attribute: str, _view: View
) -> list[Value]:
    with open_world(_view.settings, client_id) as opened:
        return values.attribute_values(opened, attribute, most=MOST)
