"""What published files carry instead of an id: the dbt macro `published_key`, once more."""

from __future__ import annotations

import hashlib


def published_key(client_id: str, value: str) -> int:
    """A visitor id as published files and snapshots of a client have it."""
    digest = hashlib.sha256(f"{client_id}\0{value}".encode(errors="replace")).hexdigest()
    return int(digest[:15], 16)


def member_key(client_id: str, crm_record_id: str) -> int:
    """The person whose record it is, as the model `int_members` numbers it."""
    return published_key(client_id, f"record\x1f{crm_record_id}")
