"""Studies that are kept: asked for by a page, or made when a lookalike is refreshed."""

from __future__ import annotations

import pyarrow as pa

from matchbook.audiences import Definition
from matchbook.kept_audiences.names import named
from matchbook.kept_audiences.worlds import Opened, open_world
from matchbook.lookalikes import kept
from matchbook.lookalikes.study import Study
from matchbook.lookalikes.studying import Found, chosen, study
from matchbook.reading import FOR_JOBS
from matchbook.settings import Settings


def study_now(settings: Settings, client_id: str, definition: Definition) -> Study:
    """Study a definition on the published build, and keep what was found.

    Raises AudienceInvalid for a seed that does not exist, SnapshotUnavailable before the first
    build.
    """
    with open_world(settings, client_id, limits=FOR_JOBS) as opened:
        return _kept(settings, opened, client_id, definition).study


def find(settings: Settings, opened: Opened, client_id: str, definition: Definition) -> pa.Table:
    """The people of a lookalike by `member_key`; what was found is kept.

    Raises AudienceInvalid with the reason where the seed gives no list.
    """
    assert definition.similar is not None, "a study of what is no lookalike"
    found = _kept(settings, opened, client_id, definition)
    return pa.table({"member_key": chosen(found, definition.similar)})


def _kept(settings: Settings, opened: Opened, client_id: str, definition: Definition) -> Found:
    found = study(opened, client_id, definition, named=named(settings, client_id))
    return Found(kept.write(settings, found.study), found.keys, found.seed)
