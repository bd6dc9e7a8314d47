"""Lookalikes for the page: studies as they are kept, seeds to choose from; nothing is learnt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.queries.reading import View, rows
from matchbook import jobs, lookalikes, snapshots
from matchbook.audiences import Definition, read
from matchbook.audiences.conditions import FEWEST_SIMILAR
from matchbook.disclosure import SHOWN_FROM, rounded
from matchbook.kept_audiences import sizes, store
from matchbook.kept_audiences.sizes import Told
from matchbook.kept_audiences.store import Audience
from matchbook.lookalikes import Study
from matchbook.lookalikes.wishes import KIND

_PARTNERS = """
select partner_id, partner_name
from client_partners inner join partners using (partner_id) order by position
"""


@dataclass(frozen=True)
class ReachAt:
    """Whom a list of some size reaches; None reads "<50"."""

    reachable: int | None
    at_destination: int | None
    is_exact: bool
    """Else in proportion between two sizes that were counted."""


def of_client(view: View) -> list[Told]:
    """The client's lookalikes with their sizes, oldest first."""
    return [one for one in _overview(view) if one.audience.kind == "lookalike"]


def seeds(view: View) -> list[Told]:
    """Audiences large enough to look for people like theirs, the newest first."""
    return [
        one
        for one in reversed(_overview(view))
        if one.audience.kind == "custom" and (one.people or 0) >= FEWEST_SIMILAR
    ]


def archived(view: View) -> list[Audience]:
    """Lookalikes that were put away."""
    known = store.all_of(view.settings, view.client.client_id, archived=True)
    return [one for one in known if one.archived_at and one.kind == "lookalike"]


def names(view: View) -> dict[str, str]:
    """Names of the client's audiences by id."""
    known = store.all_of(view.settings, view.client.client_id)
    return {one.audience_id: one.name for one in known}


def partners(view: View) -> dict[str, str]:
    """Names of the client's partners by id."""
    found = rows(view, _PARTNERS).itertuples(index=False)
    return {str(partner_id): str(name) for partner_id, name in found}


def study_of(view: View, definition: Definition) -> Study | None:
    """The newest study, which answers for every size; None before the first."""
    client_id, similar = view.client.client_id, definition.similar
    if similar is None:
        return None
    return lookalikes.read(view.settings, client_id, similar.study_key)


def is_fresh(view: View, study: Study) -> bool:
    """Whether it was made of the data that is published."""
    current = snapshots.current(view.settings, view.client.client_id)
    return study.snapshot == current.path.stem


def last_failure(view: View, definition: Definition) -> str:
    """Why the last study that was asked for came to nothing; empty where it did not."""
    client_id = view.client.client_id
    assert definition.similar is not None, "a study of what is no lookalike"
    own = [
        job
        for job in jobs.all_of(view.settings, KIND)
        if job.client_id == client_id and _is_of(job.arguments, definition)
    ]
    if not own or own[-1].status != "failed":
        return ""
    error = (own[-1].result or {}).get("error", {})
    return " ".join(str(error[part]) for part in ("happened", "todo") if error.get(part))


def reach_at(study: Study, size: int) -> ReachAt:
    """Whom a list of any size reaches."""
    told = [one.quality.size for one in study.sizes]

    def between(counts: list[int | None]) -> int | None:
        known = [count or 0 for count in counts]
        found = float(np.interp(size, [0, *told], [0, *known]))
        return rounded(int(found)) if found >= SHOWN_FROM else None

    return ReachAt(
        between([one.reachable for one in study.sizes]),
        between([one.at_destination for one in study.sizes]),
        size in told,
    )


def _overview(view: View) -> list[Told]:
    return sizes.overview(view.settings, view.client.client_id)


def _is_of(arguments: dict[str, str], definition: Definition) -> bool:
    asked, own = read(arguments["definition"]).similar, definition.similar
    return bool(asked and own and asked.study_key == own.study_key)
