"""Live sizes of an audience that somebody is building, as they may be said (law 8)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import duckdb
import streamlit as st

from dashboard.queries.reading import View
from matchbook.audiences import (
    Definition,
    compile_audience,
    estimate,
    read,
    write,
)
from matchbook.audiences.sampling import SAMPLE_SHARE
from matchbook.audiences.shapes import places
from matchbook.disclosure import SHOWN_FROM, nested_from_last, part, rounded
from matchbook.kept_audiences import lists as audience_lists
from matchbook.kept_audiences import refreshes as audience_refreshes
from matchbook.kept_audiences import store as audience_store
from matchbook.kept_audiences import told
from matchbook.kept_audiences.worlds import open_world


@dataclass(frozen=True)
class Step:
    """People left after a part of the conditions; None reads "<50"."""

    place: str
    left: int | None


@dataclass(frozen=True)
class Live:
    """The exact size now, rounded; None reads "<50"."""

    people: int | None
    reachable: int | None
    steps: tuple[Step, ...]
    shown_as: str | None
    """Id of the saved audience whose size is told, as this one differs by a few people."""
    spoken: Definition
    """Of whom everything else is to be told: nearly always what was asked about."""


@dataclass(frozen=True)
class Roughly:
    """An estimate from a fixed 5 % of people, with its 95 % interval, rounded."""

    people: int | None
    low: int | None
    high: int | None


def live(view: View, definition: Definition) -> Live:
    """How many people, how many reachable in CEP, and who is lost where. Raises AudienceInvalid."""
    return _live(*_key(view), write(definition), view)


def question(view: View, definition: Definition) -> tuple[str, ...]:
    """What the size depends on: asked the same again, it is the same."""
    return (*_key(view), write(definition))


def roughly(view: View, definition: Definition) -> Roughly | None:
    """The same at once, from a sample; None where the snapshot has none, or it holds too few."""
    with open_world(view.settings, view.client.client_id) as opened:
        try:
            found = estimate(definition, opened.world, opened.connection)
        except duckdb.CatalogException:
            return None
    if found.people * SAMPLE_SHARE < SHOWN_FROM:
        return None
    return Roughly(*map(rounded, (found.people, found.low, found.high)))


def people_alone(view: View, definition: Definition) -> int | None:
    """People of one condition by itself."""
    return _alone(*_key(view), write(definition), view)


def state_of(view: View) -> str:
    """What sizes depend on besides the build: other audiences, their refreshes, lists."""
    settings, client_id = view.settings, view.client.client_id
    parts = [
        *((a.audience_id, a.version) for a in audience_store.all_of(settings, client_id)),
        *((r.audience_id, r.refresh_id) for r in
          audience_refreshes.newest(settings, client_id, done=True).values()),
        *((a.list_id, a.file_name) for a in audience_lists.all_of(settings, client_id)),
    ]  # fmt: skip
    return hashlib.sha256(repr(sorted(map(str, parts))).encode()).hexdigest()[:16]


def _key(view: View) -> tuple[str, str, str, str]:
    return str(view.settings.home), view.client.client_id, view.build_id, state_of(view)


@st.cache_data(ttl="1h", max_entries=400, show_spinner=False)
def _live(home: str, client_id: str, build_id: str, state: str, document: str, _view: View) -> Live:
    definition = read(document)
    with open_world(_view.settings, client_id) as opened:
        everybody, steps = told.spoken(_view.settings, client_id, opened, definition)
        reachable = told.reachable(opened, steps[-1])
    shown = nested_from_last([everybody, *(step.people for step in steps)])
    left = zip(places(definition), shown, strict=True)
    return Live(
        people=shown[-1],
        reachable=part(steps[-1].people, reachable),
        steps=tuple(Step(place, people) for place, people in left),
        shown_as=steps[-1].audience_id,
        spoken=steps[-1].definition,
    )


@st.cache_data(ttl="1h", max_entries=1000, show_spinner=False)
def _alone(
    home: str, client_id: str, build_id: str, state: str, document: str, _view: View
) -> int | None:
    with open_world(_view.settings, client_id) as opened:
        _, steps = told.spoken(_view.settings, client_id, opened, read(document))
    return rounded(steps[-1].people)


@dataclass(frozen=True)
class Sql:
    """What the warehouse is asked: the text, and the values beside it."""

    sql: str
    parameters: tuple[tuple[str, object], ...]


def sql_of(view: View, definition: Definition) -> Sql:
    """The compiled question, for people to read."""
    with open_world(view.settings, view.client.client_id) as opened:
        query = compile_audience(definition, opened.world)
    return Sql(query.shown(), tuple(query.parameters.items()))
