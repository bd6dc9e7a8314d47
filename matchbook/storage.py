"""Storage locations: entering, pausing and finding them. The registry is their owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from matchbook import registry, state
from matchbook.errors import ConfigError
from matchbook.registry import Client, Registry, StorageLocation
from matchbook.settings import Settings

Locations = tuple[StorageLocation, ...]

_WRONG = {
    "location_id": "its name has other signs than small letters, digits, - and _",
    "credentials": "what should name the secret is no such name",
}


def add(settings: Settings, client_id: str, fields: dict[str, Any], *, by: str) -> StorageLocation:
    """Enter a location for a client. Raises ConfigError, naming the field that is wrong."""
    try:
        made = StorageLocation.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        wrong = _WRONG.get(str(first["loc"][0])) or first["msg"].removeprefix("Value error, ")
        raise _unchanged(
            f"The storage location is not valid: {wrong}.",
            "Correct it; a secret is named, never given: env:MATCHBOOK_STORAGE_… or file:NAME.",
        ) from None
    if client_id not in {one.client_id for one in registry.current(settings).clients}:
        raise _unchanged("There is no client of this id.", "`matchbook registry show` names them.")
    _alter(settings, lambda client: client.storage + (made,) * (client.client_id == client_id), by)
    return made


def pause(settings: Settings, location_id: str, *, by: str) -> StorageLocation:
    """Leave a location alone until it is resumed; what was copied from it still lands."""
    return _set_paused(settings, location_id, True, by)


def resume(settings: Settings, location_id: str, *, by: str) -> StorageLocation:
    """Poll a location again."""
    return _set_paused(settings, location_id, False, by)


def remove(settings: Settings, location_id: str, *, by: str) -> None:
    """Forget a location; nothing in the storage changes."""
    find(registry.current(settings), location_id)
    _alter(settings, lambda c: tuple(x for x in c.storage if x.location_id != location_id), by)


def find(document: Registry, location_id: str) -> tuple[str, StorageLocation]:
    """A location with its client's id. Raises ConfigError when there is none."""
    for client in document.clients:
        for location in client.storage:
            if location.location_id == location_id:
                return client.client_id, location
    raise no_such_location()


def no_such_location() -> ConfigError:
    """The error for an id that the caller may not know."""
    return _unchanged(
        "There is no storage location of this id.", "`matchbook storage list` names them."
    )


def last_polls(settings: Settings) -> dict[str, dict[str, Any]]:
    """How each location's last poll went: polled_at, failures in a row, problems."""
    with state.begin(settings) as connection:
        rows = connection.execute(sa.select(state.storage_polls))
        return {row.location_id: dict(row._mapping) for row in rows}


def _set_paused(settings: Settings, location_id: str, paused: bool, by: str) -> StorageLocation:
    find(registry.current(settings), location_id)

    def switched(client: Client) -> Locations:
        return tuple(
            x.model_copy(update={"paused": paused}) if x.location_id == location_id else x
            for x in client.storage
        )

    return find(_alter(settings, switched, by), location_id)[1]


def _alter(settings: Settings, storage_of: Callable[[Client], Locations], by: str) -> Registry:
    def alter(document: Registry) -> Registry:
        clients = tuple(
            client.model_copy(update={"storage": storage_of(client)}) for client in document.clients
        )
        return document.model_copy(update={"clients": clients})

    return registry.change(settings, alter, by=by)


def _unchanged(happened: str, todo: str) -> ConfigError:
    return ConfigError(happened, kept="Nothing was changed.", todo=todo)
