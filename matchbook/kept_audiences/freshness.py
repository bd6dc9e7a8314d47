"""Whether an audience's last refresh still says what another one would say now."""

from __future__ import annotations

import hashlib

from matchbook.audiences import Definition, references
from matchbook.kept_audiences import lists
from matchbook.kept_audiences.refreshes import Refresh
from matchbook.kept_audiences.store import Audience
from matchbook.settings import Settings

Uploads = dict[str, str]
"""The file of each uploaded list."""


def uploads(settings: Settings, client_id: str) -> Uploads:
    """A client's lists as they stand."""
    return {one.list_id: one.file_name for one in lists.all_of(settings, client_id)}


def digest_of_lists(definition: Definition, uploads: Uploads) -> str | None:
    """What stands on the lists a definition asks for; None where it asks for none."""
    named = references.lists_named(definition)
    if not named:
        return None
    content = "\n".join(f"{list_id} {uploads.get(list_id, '')}" for list_id in sorted(named))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def is_fresh(refresh: Refresh, audience: Audience, snapshot: str | None, uploads: Uploads) -> bool:
    """Done, and since then neither build, nor definition, nor list is another."""
    return (
        refresh.state == "done"
        and refresh.snapshot == snapshot
        and refresh.version == audience.version
        and refresh.lists_digest == digest_of_lists(audience.definition, uploads)
    )
