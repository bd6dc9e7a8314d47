"""How audiences overlap: as last refreshed, and with one that somebody is building."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from dashboard.queries.audiences import state_of
from dashboard.queries.reading import View
from matchbook.audiences import Definition, read, write
from matchbook.audiences import members as members_of
from matchbook.disclosure import overlap, rounded
from matchbook.kept_audiences import members, refreshes, store
from matchbook.kept_audiences import overlap as kept
from matchbook.kept_audiences.overlap import Overlap
from matchbook.kept_audiences.worlds import open_world


@dataclass(frozen=True)
class Shared:
    """What a definition shares with a saved audience; None reads "<50"."""

    audience_id: str
    name: str
    people: int | None
    """Of the saved one."""
    both: int | None
    share: float | None
    """Of the definition's people, from rounded numbers."""


def matrix(view: View) -> dict[tuple[str, str], Overlap]:
    """Each audience that was refreshed with each other one, by their ids."""
    return _matrix(str(view.settings.home), view.client.client_id, state_of(view), view)


def with_others(view: View, definition: Definition, *, but: str = "") -> list[Shared]:
    """What the people of a definition share with every saved audience, most first."""
    home = str(view.settings.home)
    client_id, document = view.client.client_id, write(definition)
    found = _with_others(home, client_id, view.build_id, state_of(view), document, view)
    return [one for one in found if one.audience_id != but]


@st.cache_data(ttl="1h", max_entries=20, show_spinner=False)
def _matrix(home: str, client_id: str, state: str, _view: View) -> dict[tuple[str, str], Overlap]:
    found = kept.overlaps(_view.settings, client_id)
    return {(one.audience_id, one.other_id): one for one in found}


@st.cache_data(ttl="1h", max_entries=100, show_spinner=False)
def _with_others(
    home: str, client_id: str, build_id: str, state: str, document: str, _view: View
) -> list[Shared]:
    settings = _view.settings
    with open_world(settings, client_id) as opened:
        own = np.array(members_of(read(document), opened.world, opened.connection), dtype=np.int64)
    done = refreshes.newest(settings, client_id, done=True)
    found = [
        _shared(own, _keys(_view, a.audience_id, done[a.audience_id].file_name), a)
        for a in store.all_of(settings, client_id)
        if a.audience_id in done
    ]
    return sorted(found, key=lambda one: (-(one.both or 0), one.name))


def _keys(view: View, audience_id: str, file_name: str | None) -> Any:
    return members.keys(members.read(view.settings, view.client.client_id, audience_id, file_name))


def _shared(own: Any, other: Any, audience: store.Audience) -> Shared:
    both = len(np.intersect1d(own, other, assume_unique=True))
    shown, whole = overlap(min(len(own), len(other)), both), rounded(len(own))
    share = min(shown / whole, 1.0) if shown is not None and whole else None
    return Shared(audience.audience_id, audience.name, rounded(len(other)), shown, share)
