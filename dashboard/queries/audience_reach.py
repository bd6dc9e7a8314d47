"""What each destination can take of an audience, why not the rest, and what its people share."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.queries.audiences import state_of
from dashboard.queries.reading import View, rows
from matchbook.audiences import Definition, read, write
from matchbook.disclosure import rounded
from matchbook.kept_audiences import overlap, reach
from matchbook.kept_audiences.overlap import Profile
from matchbook.kept_audiences.reach import ToldReach
from matchbook.kept_audiences.worlds import open_world
from matchbook.reading import select

COVERAGE = """
with records as (
    select distinct crm_record_id, identifier_types from record_progress
)
select count(*), count(*) filter (is_matched),
    count(*) filter (contains(identifier_types, 'email')),
    count(*) filter (contains(identifier_types, 'phone')),
    count(*) filter (contains(identifier_types, 'postal')),
    count(*) filter (has_cep_contact), count(*) filter (identifies > 0),
    count(*) filter (member_key in (select member_key from people_partners))
from chosen inner join people using (member_key) left join records using (crm_record_id)
"""
COVERED = ("matched", "email", "phone", "postal", "cep_contact", "signed_in", "partner_cookie")
PARTNER_NAMES = "select partner_id, partner_name from partners"


@dataclass(frozen=True)
class Covered:
    """Something that is known of so many people; None reads "<50"."""

    what: str
    """One of `COVERED`."""
    people: int | None
    share: float | None
    """Of the audience, from rounded numbers: nothing can be reckoned back."""


@dataclass(frozen=True)
class Insight:
    """All that the page says of an audience's people besides its size."""

    reach: tuple[ToldReach, ...]
    """CEP first, then each partner of the client."""
    coverage: tuple[Covered, ...]
    profiles: tuple[Profile, ...]


def insight(view: View, definition: Definition) -> Insight:
    """Reach, coverage and profiles of a definition, counted exactly and rounded."""
    home = str(view.settings.home)
    client_id, document = view.client.client_id, write(definition)
    return _insight(home, client_id, view.build_id, state_of(view), document, view)


def partner_names(view: View) -> dict[str, str]:
    """Names of partners by id."""
    found = rows(view, PARTNER_NAMES).itertuples(index=False)
    return {str(partner_id): str(name) for partner_id, name in found}


@st.cache_data(ttl="1h", max_entries=200, show_spinner=False)
def _insight(
    home: str, client_id: str, build_id: str, state: str, document: str, _view: View
) -> Insight:
    with open_world(_view.settings, client_id) as opened:
        reach.choose(opened, read(document))
        found = reach.told(reach.reach(opened))
        ((people, *counts),) = select(opened.connection, COVERAGE).fetchall()
        profiles = overlap.profiles(opened)
    covered = [
        Covered(what, rounded(count), _share(count, people))
        for what, count in zip(COVERED, counts, strict=True)
    ]
    return Insight(tuple(found), tuple(covered), tuple(profiles))


def _share(count: int, people: int) -> float | None:
    part, whole = rounded(count), rounded(people)
    return min(part / whole, 1.0) if part is not None and whole else None
