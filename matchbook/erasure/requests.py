"""Requests: entered, completed by what was found of the person, ended.

Entering one is a single transaction on the state database: from its end on nothing that it names
is delivered or pushed (`suppressions.of_client` is asked when something leaves).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from matchbook import audit, registry, state, suppressions
from matchbook.clock import utc_naive
from matchbook.erasure import tombstones
from matchbook.erasure.tables import requests as _TABLE
from matchbook.erasure.tables import subjects as _SUBJECTS
from matchbook.errors import ConfigError
from matchbook.settings import Settings

DUE = timedelta(days=30)
"""From a request to the day on which nothing of the person may be left (GDPR Art. 12(3))."""

TOGETHER = 1000
"""Persons entered in one transaction: others wait for it, a second or so."""

OPEN = ("open", "erasing")

Subject = tuple[str, str]
"""Type and id: a record, a cep_contact, an identifier (its key) or a visitor of a client; once
traced a partner_cookie too."""


@dataclass(frozen=True)
class Request:
    """One person's request to one client. Times are naive UTC."""

    request_id: int
    client_id: str
    kind: str
    """opt_out or erasure."""
    asked_at: datetime
    asked_by: str
    due_at: datetime
    status: str
    """open, erasing (the lake is without it), closing (only the state's file is not), done, or
    lifted (the person came back)."""
    traced_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    counts: dict[str, int] | None
    partners: list[dict[str, Any]] | None


def ask(
    settings: Settings, kind: str, client_id: str, people: Sequence[Sequence[Subject]], *, by: str
) -> list[int]:
    """Enter a request for each person, named by one or more subjects; the requests' numbers.

    Held from the moment this returns, and logged with their number alone. Raises ConfigError for
    a client that is not registered or a request that names nobody.
    """
    _check(settings, client_id, people)
    now = utc_naive(settings.clock.now())
    values = {"client_id": client_id, "kind": kind, "asked_at": now, "asked_by": by,
              "due_at": now + DUE, "status": "done" if kind == "opt_out" else "open"}  # fmt: skip
    made: list[int] = []
    for first in range(0, len(people), TOGETHER):
        with state.begin(settings) as connection:
            for person in people[first : first + TOGETHER]:
                result = connection.execute(_TABLE.insert().values(values))
                assert result.inserted_primary_key is not None
                made.append(int(result.inserted_primary_key[0]))
                _hold(settings, connection, made[-1], values, person, is_named=True)
    audit.record(settings, actor=by, client_id=client_id, action=f"privacy_{kind}",
                 subjects=len(people))  # fmt: skip
    return made


def add_found(settings: Settings, request: Request, found: Iterable[Subject]) -> None:
    """Hold what else was found of the person; the request counts as traced."""
    with state.begin(settings) as connection:
        _hold(settings, connection, request.request_id, vars(request), found, is_named=False)
        _update(connection, request.request_id, traced_at=utc_naive(settings.clock.now()))


def hold_newer(settings: Settings, newer: Callable[[str], list[str]]) -> None:
    """After a rotation: hold what suppressed and named identifiers are in the new version too."""
    own = sa.select(_SUBJECTS).where(_SUBJECTS.c.subject_type == "identifier")
    with state.begin(settings) as connection:
        rows = connection.execute(own).all()
        for row in rows:
            values = connection.execute(
                sa.select(_TABLE).where(_TABLE.c.request_id == row.request_id)
            ).one()
            found = [("identifier", key) for key in newer(row.subject_id)]
            _hold(settings, connection, row.request_id, dict(values._mapping), found,
                  is_named=row.is_named)  # fmt: skip
    held = {(row.subject_type, row.subject_id) for row in rows}
    for one in suppressions.all_rows(settings):
        if one.subject_type == "identifier" and (one.subject_type, one.subject_id) not in held:
            found = [("identifier", key) for key in newer(one.subject_id)]
            with state.begin(settings) as connection:
                suppressions.insert(connection, one.client_id, found, one.suppressed_at)


def subjects_of(settings: Settings, request: Request, *, only_named: bool = False) -> list[Subject]:
    """What is known of the person, until it is erased, or what the request named of it."""
    columns = (_SUBJECTS.c.subject_type, _SUBJECTS.c.subject_id)
    query = sa.select(*columns).where(_SUBJECTS.c.request_id == request.request_id)
    if only_named:
        query = query.where(_SUBJECTS.c.is_named)
    with state.begin(settings) as connection:
        return [(row[0], row[1]) for row in connection.execute(query.order_by(*columns))]


def being_erased(settings: Settings) -> set[tuple[str, str, str]]:
    """Client, type and id of those whose bytes are going: a build must not bring them back."""
    query = sa.select(_TABLE.c.client_id, _SUBJECTS.c.subject_type, _SUBJECTS.c.subject_id).join(
        _TABLE, _TABLE.c.request_id == _SUBJECTS.c.request_id
    )
    with state.begin(settings) as connection:
        found = connection.execute(query.where(_TABLE.c.status == "erasing"))
        return {(row[0], row[1], row[2]) for row in found}


def moments(settings: Settings) -> list[tuple[str, int, datetime]]:
    """Client, number and moment of requests whose persons no build may know any more, and of
    those that were lifted: they happened all the same, and no build tells of an earlier moment
    than the one before it."""
    is_gone = (_TABLE.c.kind == "erasure") & _TABLE.c.status.in_(("erasing", "closing", "done"))
    found = _select(settings, sa.or_(is_gone, _TABLE.c.status == "lifted"))
    return [
        (r.client_id, r.request_id, (r.ended_at if r.status == "lifted" else None) or r.asked_at)
        for r in found
    ]


def version(settings: Settings) -> tuple[int, int]:
    """What a follower compares: it changes with every request that is entered, done or lifted."""
    lifted = sa.func.coalesce(sa.func.sum(sa.case((_TABLE.c.status == "lifted", 1), else_=0)), 0)
    columns = (sa.func.count(), sa.func.count(_TABLE.c.ended_at) + lifted)
    with state.begin(settings) as connection:
        row = connection.execute(sa.select(*columns).select_from(_TABLE)).one()
    return int(row[0]), int(row[1])


def get(settings: Settings, request_id: int) -> Request:
    """One request. Raises ConfigError when there is none of that number."""
    found = _select(settings, _TABLE.c.request_id == request_id)
    if not found:
        raise ConfigError(
            "There is no request of that number.", todo="See them with: matchbook privacy status"
        )
    return found[0]


def all_of(settings: Settings, client_id: str | None = None) -> list[Request]:
    """Every request, oldest first; of one client, or all."""
    return _select(settings, *([_TABLE.c.client_id == client_id] if client_id else []))


def open_erasures(settings: Settings) -> list[Request]:
    """Those not yet done, oldest first."""
    return _select(settings, _TABLE.c.kind == "erasure", _TABLE.c.status.in_(OPEN))


def untraced(settings: Settings) -> list[Request]:
    """Those of which it was not yet looked up who else it is that they name."""
    return _select(settings, _TABLE.c.traced_at.is_(None), _TABLE.c.status != "lifted")


def note(settings: Settings, request_id: int, **values: Any) -> None:
    """Keep how far it is."""
    with state.begin(settings) as connection:
        _update(connection, request_id, **values)


def finish(settings: Settings, request: Request) -> None:
    """Nothing of the person is left elsewhere: forget here too, but for the HMACs.

    The request is `closing` until `close`: deleted rows leave bytes behind.
    """
    own = _SUBJECTS.c.request_id == request.request_id
    same_client = sa.select(_TABLE.c.request_id).where(_TABLE.c.client_id == request.client_id)
    gone = subjects_of(settings, request)
    now = utc_naive(settings.clock.now())
    with state.begin(settings) as connection:
        suppressions.remove(connection, request.client_id, gone)
        for kind, subject in gone:
            is_it = (_SUBJECTS.c.subject_type == kind) & (_SUBJECTS.c.subject_id == subject)
            of_client = is_it & _SUBJECTS.c.request_id.in_(same_client)
            connection.execute(_SUBJECTS.delete().where(of_client))
        connection.execute(_SUBJECTS.delete().where(own))
        _update(connection, request.request_id, status="closing", ended_at=now)


def close(settings: Settings) -> None:
    """Make the state's file anew without what was deleted; what was `closing` is done.

    Where somebody else is at work in it, the next night does it.
    """
    closing = _select(settings, _TABLE.c.status == "closing")
    if closing and state.compact(settings):
        for request in closing:
            note(settings, request.request_id, status="done")


def lift(settings: Settings, client_id: str, person: Sequence[Subject], *, by: str) -> int:
    """The person is back: end every request that names one of these; how many there were."""
    ids = _naming(settings, client_id, person)
    now = utc_naive(settings.clock.now())
    for request_id in ids:
        request = get(settings, request_id)
        held = subjects_of(settings, request)
        with state.begin(settings) as connection:
            suppressions.remove(connection, client_id, held)
            connection.execute(_SUBJECTS.delete().where(_SUBJECTS.c.request_id == request_id))
            tombstones.remove(connection, request_id)
            _update(connection, request_id, status="lifted", ended_at=now, ended_by=by)
    audit.record(settings, actor=by, client_id=client_id, action="privacy_readmit",
                 subjects=len(ids))  # fmt: skip
    return len(ids)


def naming(settings: Settings, client_id: str, person: Sequence[Subject]) -> list[Request]:
    """The requests in force that name one of these subjects, erased or not."""
    return [get(settings, request_id) for request_id in _naming(settings, client_id, person)]


def _naming(settings: Settings, client_id: str, person: Sequence[Subject]) -> list[int]:
    found = set(tombstones.naming(settings, client_id, person))
    query = sa.select(_TABLE.c.request_id).join(
        _SUBJECTS, _TABLE.c.request_id == _SUBJECTS.c.request_id
    )
    with state.begin(settings) as connection:
        for kind, subject in person:
            is_it = (_SUBJECTS.c.subject_type == kind) & (_SUBJECTS.c.subject_id == subject)
            rows = connection.execute(query.where(is_it, _TABLE.c.client_id == client_id))
            found |= {row[0] for row in rows}
    return sorted(found)


def _check(settings: Settings, client_id: str, people: Sequence[Sequence[Subject]]) -> None:
    kept = "Nobody was opted out or erased."
    if client_id not in {client.client_id for client in registry.current(settings).clients}:
        raise ConfigError("There is no client of that name.", kept=kept,
                          todo="See their names with: matchbook registry show")  # fmt: skip
    if not people or not all(people):
        raise ConfigError("The request names nobody.", kept=kept,
                          todo="Give a record, a contact or an identifier.")  # fmt: skip


def _hold(
    settings: Settings,
    connection: sa.Connection,
    request_id: int,
    values: dict[str, Any],
    found: Iterable[Subject],
    *,
    is_named: bool,
) -> None:
    known = sa.select(_SUBJECTS.c.subject_type, _SUBJECTS.c.subject_id)
    before = connection.execute(known.where(_SUBJECTS.c.request_id == request_id)).all()
    new = sorted(set(found) - {(row[0], row[1]) for row in before})
    if not new:
        return
    own = {"request_id": request_id, "is_named": is_named}
    rows = [own | {"subject_type": kind, "subject_id": subject} for kind, subject in new]
    connection.execute(_SUBJECTS.insert(), rows)
    held = [(kind, subject) for kind, subject in new if kind in suppressions.SUBJECT_TYPES]
    # Whatever is found later: the person is out since it was asked for.
    suppressions.insert(connection, values["client_id"], held, values["asked_at"])
    if values["kind"] == "erasure":
        tombstones.insert(connection, settings, request_id, values["client_id"], held)


def _select(settings: Settings, *conditions: sa.ColumnElement[bool]) -> list[Request]:
    query = sa.select(_TABLE).where(*conditions).order_by(_TABLE.c.request_id)
    with state.begin(settings) as connection:
        return [Request(**row._mapping) for row in connection.execute(query)]


def _update(connection: sa.Connection, request_id: int, **values: Any) -> None:
    connection.execute(_TABLE.update().where(_TABLE.c.request_id == request_id).values(values))
