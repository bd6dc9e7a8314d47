"""Lists of CRM files: how often each is uploaded. The registry is their owner."""

from __future__ import annotations

from matchbook import registry
from matchbook.errors import ConfigError
from matchbook.registry import CrmList, Registry, UploadEvery
from matchbook.settings import Settings


def of_client(document: Registry, client_id: str) -> tuple[CrmList, ...]:
    """The lists of a client, in the registry's order."""
    return tuple(entry for entry in document.lists if entry.client_id == client_id)


def set_upload_every(
    settings: Settings, client_id: str, list_id: str, every: UploadEvery | None, *, by: str
) -> CrmList:
    """Say how often a list is uploaded; None: whenever there is something.

    Raises ConfigError when the client has no such list.
    """

    def alter(document: Registry) -> Registry:
        changed = find(document, client_id, list_id).model_copy(update={"upload_every": every})
        lists = tuple(changed if x.list_id == list_id else x for x in document.lists)
        return document.model_copy(update={"lists": lists})

    return find(registry.change(settings, alter, by=by), client_id, list_id)


def find(document: Registry, client_id: str, list_id: str) -> CrmList:
    """A list of a client. Raises ConfigError when it has none of this id."""
    for entry in of_client(document, client_id):
        if entry.list_id == list_id:
            return entry
    raise ConfigError(
        "This client has no such list.",
        kept="Nothing was changed.",
        todo="`matchbook registry show` names its lists.",
    )
