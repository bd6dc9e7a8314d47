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
    funnel,
    members,
    read,
    size,
    write,
)
from matchbook.disclosure import SHOWN_FROM, is_too_near, nested_from_last, rounded
from matchbook.kept_audiences import lists as audience_lists
from matchbook.kept_audiences import members as audience_members
from matchbook.kept_audiences import nearness as audience_nearness
from matchbook.kept_audiences import refreshes as audience_refreshes
from matchbook.kept_audiences import store as audience_store
from matchbook.kept_audiences.sizes import one
from matchbook.kept_audiences.worlds import Opened, open_world


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
    """Name of the saved audience whose size is told, as this one differs by a few people."""


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
    """The same at once, from a sample; None where the snapshot has none."""
    with open_world(view.settings, view.client.client_id) as opened:
        try:
            found = estimate(definition, opened.world, opened.connection)
        except duckdb.CatalogException:
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
        steps = funnel(definition, opened.world, opened.connection)
        exact = size(definition, opened.world, opened.connection)
        near = _near(_view, opened, definition, exact.people)
    shown = nested_from_last([step.left for step in steps])
    people, reachable = shown[-1], rounded(exact.reachable)
    if near is not None:
        told = one(_view.settings, client_id, near)
        people, reachable = told.people, told.reachable
        shown[-1] = people
    return Live(
        people,
        reachable,
        tuple(Step(step.place, left) for step, left in zip(steps, shown, strict=True)),
        near,
    )


@st.cache_data(ttl="1h", max_entries=1000, show_spinner=False)
def _alone(
    home: str, client_id: str, build_id: str, state: str, document: str, _view: View
) -> int | None:
    with open_world(_view.settings, client_id) as opened:
        definition = read(document)
        people = size(definition, opened.world, opened.connection).people
        near = _near(_view, opened, definition, people)
    return rounded(people) if near is None else one(_view.settings, client_id, near).people


def _near(view: View, opened: Opened, definition: Definition, people: int) -> str | None:
    """A saved audience that differs by so few people that both sizes would tell about them."""
    if people < SHOWN_FROM:
        return None
    settings, client_id = view.settings, view.client.client_id
    known = [
        refresh
        for refresh in audience_refreshes.newest(settings, client_id, done=True).values()
        if (refresh.people or 0) >= SHOWN_FROM and abs((refresh.people or 0) - people) < SHOWN_FROM
    ]
    own = members(definition, opened.world, opened.connection) if known else []
    for refresh in known:
        rows = audience_members.read(settings, client_id, refresh.audience_id, refresh.file_name)
        if is_too_near(audience_nearness.difference(own, audience_members.keys(rows))):
            return refresh.audience_id
    return None


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
