"""Audiences as people saved them: each save is a version, and none is ever overwritten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from matchbook import registry, state
from matchbook.audiences import Definition, read, references, write
from matchbook.clock import utc_naive
from matchbook.errors import AudienceInvalid, ConfigError
from matchbook.kept_audiences.ids import free_id
from matchbook.kept_audiences.tables import audiences, versions
from matchbook.settings import Settings


@dataclass(frozen=True)
class Audience:
    """One audience as it stands. Times are naive UTC."""

    client_id: str
    audience_id: str
    """Made of its first name, for URLs; a later name does not change it."""
    definition: Definition
    version: int
    created_at: datetime
    created_by: str
    archived_at: datetime | None
    saved_at: datetime
    saved_by: str

    @property
    def name(self) -> str:
        """As people call it, at most 120 characters."""
        return self.definition.name

    @property
    def kind(self) -> Literal["custom", "lookalike"]:
        """How its people are found: by conditions, or by likeness to another audience's."""
        return "lookalike" if self.definition.similar else "custom"


@dataclass(frozen=True)
class Version:
    """One save."""

    version: int
    definition: Definition
    saved_at: datetime
    saved_by: str


def create(settings: Settings, client_id: str, definition: Definition, *, by: str) -> Audience:
    """Save a new audience. Raises AudienceInvalid, ConfigError for a client that does not exist."""
    _check_client(settings, client_id)
    now = utc_naive(settings.clock.now())
    with state.begin(settings) as connection:
        state.lock(connection, "audiences")
        taken: set[str] = set(
            connection.scalars(
                sa.select(audiences.c.audience_id).where(audiences.c.client_id == client_id)
            )
        )
        audience_id = free_id(definition.name, taken, otherwise="audience")
        key = {"client_id": client_id, "audience_id": audience_id}
        references.check(audience_id, definition, _resolver(connection, client_id))
        connection.execute(
            audiences.insert().values(version=1, created_at=now, created_by=by, **key)
        )
        _add_version(connection, key, 1, definition, now, by)
    return get(settings, client_id, audience_id)


def save(
    settings: Settings, client_id: str, audience_id: str, definition: Definition, *, by: str
) -> Audience:
    """Save a new version of an audience; the same definition once more is none.

    Raises AudienceInvalid, also where it would then refer to itself.
    """
    before = get(settings, client_id, audience_id)
    if before.definition == definition:
        return before
    key = {"client_id": client_id, "audience_id": audience_id}
    now = utc_naive(settings.clock.now())
    with state.begin(settings) as connection:
        state.lock(connection, "audiences")
        references.check(audience_id, definition, _resolver(connection, client_id))
        number = before.version + 1
        _add_version(connection, key, number, definition, now, by)
        connection.execute(audiences.update().where(_is(key)).values(version=number))
    return get(settings, client_id, audience_id)


def duplicate(settings: Settings, client_id: str, audience_id: str, *, by: str) -> Audience:
    """A new audience with the same conditions, called a copy."""
    definition = get(settings, client_id, audience_id).definition
    name = f"Copy of {definition.name}"[:120].strip()
    return create(settings, client_id, definition.model_copy(update={"name": name}), by=by)


def archive(settings: Settings, client_id: str, audience_id: str) -> None:
    """Refresh and offer it no more; nothing of it is lost.

    Raises AudienceInvalid where another audience refers to it.
    """
    get(settings, client_id, audience_id)
    for other in all_of(settings, client_id):
        if audience_id in references.referred(other.definition):
            raise AudienceInvalid(
                "Another audience refers to this one.",
                kept="It was not archived.",
                todo=f'Take it out of "{other.name}" first.',
            )
    _set_archived(settings, client_id, audience_id, utc_naive(settings.clock.now()))


def restore(settings: Settings, client_id: str, audience_id: str) -> None:
    """Bring an archived audience back; the next refresh fills it."""
    get(settings, client_id, audience_id)
    _set_archived(settings, client_id, audience_id, None)


def get(settings: Settings, client_id: str, audience_id: str) -> Audience:
    """One audience. Raises AudienceInvalid when there is none of that id."""
    found = _read(settings, audiences.c.client_id == client_id, _id_is(audience_id))
    if not found:
        raise AudienceInvalid(
            "There is no audience of that id.",
            kept="Nothing was changed.",
            todo="See them with: matchbook audiences list",
        )
    return found[0]


def all_of(settings: Settings, client_id: str, *, archived: bool = False) -> list[Audience]:
    """A client's audiences, oldest first; those archived only when asked for."""
    found = _read(settings, audiences.c.client_id == client_id)
    return [audience for audience in found if archived or audience.archived_at is None]


def history(settings: Settings, client_id: str, audience_id: str) -> list[Version]:
    """Every save of an audience, newest first."""
    query = (
        sa.select(versions)
        .where(versions.c.client_id == client_id, versions.c.audience_id == audience_id)
        .order_by(versions.c.version.desc())
    )
    with state.begin(settings) as connection:
        rows = connection.execute(query).all()
    return [Version(r.version, read(r.definition), r.saved_at, r.saved_by) for r in rows]


def resolver(settings: Settings, client_id: str) -> Callable[[str], Definition | None]:
    """What a compilation asks for other audiences, as they stand now."""
    known = {a.audience_id: a.definition for a in all_of(settings, client_id, archived=True)}
    return known.get


def _read(settings: Settings, *conditions: sa.ColumnElement[bool]) -> list[Audience]:
    same = (
        (versions.c.client_id == audiences.c.client_id)
        & (versions.c.audience_id == audiences.c.audience_id)
        & (versions.c.version == audiences.c.version)
    )
    query = (
        sa.select(audiences, versions.c.definition, versions.c.saved_at, versions.c.saved_by)
        .join(versions, same)
        .where(*conditions)
        .order_by(audiences.c.created_at, audiences.c.audience_id)
    )
    with state.begin(settings) as connection:
        rows = connection.execute(query).all()
    return [Audience(**{**row._mapping, "definition": read(row.definition)}) for row in rows]


def _resolver(connection: sa.Connection, client_id: str) -> Callable[[str], Definition | None]:
    query = sa.select(versions.c.definition).join(
        audiences,
        (versions.c.client_id == audiences.c.client_id)
        & (versions.c.audience_id == audiences.c.audience_id)
        & (versions.c.version == audiences.c.version),
    )

    def resolve(audience_id: str) -> Definition | None:
        found = connection.scalar(
            query.where(audiences.c.client_id == client_id, _id_is(audience_id))
        )
        return read(found) if found is not None else None

    return resolve


def _add_version(
    connection: sa.Connection,
    key: dict[str, str],
    version: int,
    definition: Definition,
    at: datetime,
    by: str,
) -> None:
    stored = {"version": version, "definition": write(definition), "saved_at": at, "saved_by": by}
    connection.execute(versions.insert().values(**key, **stored))


def _id_is(audience_id: str) -> sa.ColumnElement[bool]:
    return audiences.c.audience_id == audience_id


def _is(key: dict[str, str]) -> sa.ColumnElement[bool]:
    return sa.and_(*(audiences.c[name] == value for name, value in key.items()))


def _set_archived(
    settings: Settings, client_id: str, audience_id: str, at: datetime | None
) -> None:
    key = {"client_id": client_id, "audience_id": audience_id}
    with state.begin(settings) as connection:
        connection.execute(audiences.update().where(_is(key)).values(archived_at=at))


def _check_client(settings: Settings, client_id: str) -> None:
    if client_id not in {client.client_id for client in registry.current(settings).clients}:
        raise ConfigError(
            "There is no client of that name.",
            kept="Nothing was saved.",
            todo="See their names with: matchbook registry show",
        )
