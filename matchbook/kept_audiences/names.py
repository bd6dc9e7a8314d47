"""What audiences and uploaded lists are called, for definitions in plain words."""

from __future__ import annotations

from matchbook.audiences.sentences import LIST, Named
from matchbook.kept_audiences import lists, store
from matchbook.settings import Settings


def named(settings: Settings, client_id: str) -> Named:
    """The name of each id as it is called now; an id that is gone stays as it is."""
    audiences = store.all_of(settings, client_id, archived=True)
    known = {one.audience_id: one.name for one in audiences}
    known |= {f"{LIST}{one.list_id}": one.name for one in lists.all_of(settings, client_id)}
    return lambda key: known.get(key, key)
