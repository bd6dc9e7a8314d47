"""Whom we may not take in again: HMACs under a key of their own, asked of all that lands.

Of an erased person nothing else is kept. Without the key file nobody can be found by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from matchbook import state
from matchbook.erasure.tables import erased_subjects as _TABLE
from matchbook.hmacs import hmacs
from matchbook.keys import erasures_key
from matchbook.settings import Settings


class Erased:
    """The persons that clients have erased, as of the moment this was made."""

    def __init__(self, key: bytes, of_clients: dict[str, frozenset[str]]) -> None:
        self._key = key
        self._of_clients = of_clients

    def __bool__(self) -> bool:
        return bool(self._of_clients)

    def of(self, clients: Iterable[str]) -> frozenset[str]:
        """Digests of whom every one of these clients has erased; nobody for no client."""
        each = [self._of_clients.get(client_id, frozenset()) for client_id in clients]
        return frozenset.intersection(*each) if each else frozenset()

    def among(self, erased: frozenset[str], kind: str, values: Sequence[str]) -> set[str]:
        """Those of the values, subjects of one type, that are erased."""
        if not erased or not values:
            return set()
        made = digests(self._key, kind, values)
        return {value for value, digest in zip(values, made, strict=True) if digest in erased}


def load(settings: Settings) -> Erased:
    """Everybody who is erased now, or about to be."""
    query = sa.select(_TABLE.c.client_id, _TABLE.c.digest)
    found: dict[str, set[str]] = {}
    with state.begin(settings) as connection:
        for row in connection.execute(query):
            found.setdefault(str(row[0]), set()).add(str(row[1]))
    key = erasures_key(settings.keys) if found else b""
    return Erased(key, {client_id: frozenset(own) for client_id, own in found.items()})


def digests(key: bytes, kind: str, values: Iterable[str]) -> list[str]:
    """The HMAC of each subject of one type, in their order, as hex."""
    texts = (value.encode() for value in values)
    return [digest.hex() for digest in hmacs(key, texts, prefix=kind.encode() + b"\0")]


def insert(
    connection: sa.Connection,
    settings: Settings,
    request_id: int,
    client_id: str,
    subjects: Sequence[tuple[str, str]],
) -> None:
    """Let these subjects in no more; none of them may stand under this request already."""
    key = erasures_key(settings.keys)
    for kind in sorted({kind for kind, _ in subjects}):
        made = digests(key, kind, [subject for other, subject in subjects if other == kind])
        connection.execute(
            _TABLE.insert(),
            [{"request_id": request_id, "client_id": client_id, "digest": d} for d in made],
        )


def remove(connection: sa.Connection, request_id: int) -> None:
    """Let what a request named come in again."""
    connection.execute(_TABLE.delete().where(_TABLE.c.request_id == request_id))


def naming(settings: Settings, client_id: str, person: Sequence[tuple[str, str]]) -> list[int]:
    """The requests of a client that one of these subjects stands under."""
    key = erasures_key(settings.keys)
    made = [digest for kind, subject in person for digest in digests(key, kind, [subject])]
    query = sa.select(_TABLE.c.request_id).distinct()
    with state.begin(settings) as connection:
        is_it = (_TABLE.c.client_id == client_id) & _TABLE.c.digest.in_(made)
        return [int(row[0]) for row in connection.execute(query.where(is_it))]


def count(settings: Settings, request_id: int) -> int:
    """How many HMACs are left of a person."""
    query = sa.select(sa.func.count()).where(_TABLE.c.request_id == request_id)
    with state.begin(settings) as connection:
        return int(connection.execute(query).scalar_one())
