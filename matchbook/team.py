"""The team: who may sign in, and as what at which client."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from matchbook import audit, registry, state
from matchbook.access import Person, Role
from matchbook.clock import Clock, utc_naive
from matchbook.errors import ConfigError
from matchbook.settings import Settings
from matchbook.team_tables import memberships, people, sign_ins

_EMAIL = re.compile(r"[^@\s,;\"<>]{1,64}@[^@\s,;\"<>]{1,189}")


@dataclass(frozen=True)
class Member:
    """One person at one client."""

    email: str
    role: Role
    changed_at: datetime
    changed_by: str
    seen_at: datetime | None
    """When they were last here; None before their first sign-in."""


def members(settings: Settings, client_id: str) -> list[Member]:
    """Everybody of a client, managers first."""
    seen = (
        sa.select(sa.func.max(sign_ins.c.seen_at))
        .where(sign_ins.c.email == memberships.c.email)
        .scalar_subquery()
    )
    query = sa.select(memberships, seen.label("seen_at")).where(
        memberships.c.client_id == client_id
    )
    with state.begin(settings) as connection:
        rows = connection.execute(query.order_by(memberships.c.email)).all()
    found = [Member(r.email, Role(r.role), r.changed_at, r.changed_by, r.seen_at) for r in rows]
    order = list(Role)[::-1]
    return sorted(found, key=lambda member: order.index(member.role))


def operators(settings: Settings) -> list[str]:
    """Who keeps the installation running."""
    query = sa.select(people.c.email).where(people.c.is_operator).order_by(people.c.email)
    with state.begin(settings) as connection:
        return list(connection.execute(query).scalars())


def put(settings: Settings, email: str, client_id: str, role: Role, *, by: str) -> None:
    """Invite somebody to a client, or give them another role there.

    Raises ConfigError for a text that is no e-mail address, a client that is not registered, or
    the only manager who would become something else.
    """
    email = _checked(email)
    if not any(one.client_id == client_id for one in registry.current(settings).clients):
        raise ConfigError("There is no such client.", kept="Nobody was invited.")
    now = utc_naive(settings.clock.now())
    with state.begin(settings) as connection:
        if role is not Role.MANAGER:
            _keep_a_manager(connection, email, client_id)
        _know(connection, email, now, by)
        is_it = (memberships.c.email == email) & (memberships.c.client_id == client_id)
        values = {"role": role.value, "changed_at": now, "changed_by": by}
        if not connection.execute(memberships.update().where(is_it).values(values)).rowcount:
            connection.execute(
                memberships.insert().values(email=email, client_id=client_id, **values)
            )
    _note(settings, by, client_id, "team_put", f"{email} as {role}")


def remove(settings: Settings, email: str, client_id: str, *, by: str) -> None:
    """Take somebody out of a client; who is at none any more is forgotten and signed out.

    Raises ConfigError for the only manager, and for somebody who is not in it.
    """
    email = _checked(email)
    with state.begin(settings) as connection:
        _keep_a_manager(connection, email, client_id)
        is_it = (memberships.c.email == email) & (memberships.c.client_id == client_id)
        if not connection.execute(memberships.delete().where(is_it)).rowcount:
            raise ConfigError("Nobody of this address is in the team.", kept="Nothing was changed.")
        _forget_strangers(connection)
    _note(settings, by, client_id, "team_remove", email)


def set_operator(settings: Settings, email: str, *, is_operator: bool, by: str) -> None:
    """Let somebody see how the whole installation does, or no more. Raises ConfigError."""
    email = _checked(email)
    with state.begin(settings) as connection:
        _know(connection, email, utc_naive(settings.clock.now()), by)
        change = people.update().where(people.c.email == email).values(is_operator=is_operator)
        connection.execute(change)
        _forget_strangers(connection)
    _note(settings, by, None, "team_operator", f"{email}: {'on' if is_operator else 'off'}")


def sign_out(settings: Settings, email: str, *, by: str) -> None:
    """End every session of a person, in every browser. Raises ConfigError."""
    email = _checked(email)
    now = utc_naive(Clock().now())
    with state.begin(settings) as connection:
        connection.execute(people.update().where(people.c.email == email).values(valid_from=now))
        is_open = (sign_ins.c.email == email) & sign_ins.c.ended_at.is_(None)
        connection.execute(sign_ins.update().where(is_open).values(ended_at=now))
    _note(settings, by, None, "signed_out_everywhere", email)


def as_person(connection: sa.Connection, email: str, *, is_operator: bool) -> Person:
    """Somebody who has signed in, with their roles as of now."""
    query = sa.select(memberships.c.client_id, memberships.c.role)
    rows = connection.execute(query.where(memberships.c.email == email)).all()
    roles: Mapping[str, Role] = {row.client_id: Role(row.role) for row in rows}
    return Person(name=email, roles=roles, is_operator=is_operator)


def _checked(email: str) -> str:
    found = email.strip().lower()
    if not _EMAIL.fullmatch(found) or not found.isprintable():
        raise ConfigError("This is not an e-mail address.", kept="Nothing was changed.")
    return found


def _know(connection: sa.Connection, email: str, now: datetime, by: str) -> None:
    if connection.execute(sa.select(people).where(people.c.email == email)).first() is None:
        connection.execute(
            people.insert().values(email=email, is_operator=False, invited_at=now, invited_by=by)
        )


def _keep_a_manager(connection: sa.Connection, email: str, client_id: str) -> None:
    is_manager = memberships.c.role == Role.MANAGER.value
    query = sa.select(memberships.c.email).where(memberships.c.client_id == client_id, is_manager)
    if list(connection.execute(query).scalars()) == [email]:
        raise ConfigError(
            "This is the client's only manager.",
            kept="Nothing was changed.",
            todo="Make somebody else a manager first.",
        )


def _forget_strangers(connection: sa.Connection) -> None:
    """Remove whoever is at no client and no operator, with their sessions."""
    is_member = people.c.email.in_(sa.select(memberships.c.email))
    connection.execute(people.delete().where(~is_member, ~people.c.is_operator))
    connection.execute(sign_ins.delete().where(sign_ins.c.email.not_in(sa.select(people.c.email))))


def _note(settings: Settings, by: str, client_id: str | None, action: str, about: str) -> None:
    audit.record(settings, actor=by, client_id=client_id, action=action, subjects=1, about=about)
