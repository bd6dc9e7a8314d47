"""One line of a list of audiences, custom or lookalike, and what pressing it does."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.app_pages.audience_address import to_audience
from dashboard.app_pages.audience_changes import change
from dashboard.app_pages.audience_words import sizes, standing, trend_days
from dashboard.app_pages.push_words import place
from dashboard.components.audience_rows import OPEN, AudienceRow
from dashboard.queries.reading import View
from matchbook.kept_audiences import sizes as kept_sizes
from matchbook.kept_audiences.sizes import Told
from matchbook.pushes import targets


def row_of(view: View, told: Told, *, below: str) -> AudienceRow:
    """What a list shows of an audience; `below` stands under its name."""
    people, reachable = sizes(told)
    state, is_trouble = standing(told, view.client.time_zone)
    audience = told.audience
    points = kept_sizes.trend(view.settings, view.client.client_id, audience.audience_id)
    return AudienceRow(
        audience_id=audience.audience_id,
        name=audience.name,
        below=below,
        people=people,
        reachable=reachable,
        trend=trend_days(points, view.client.time_zone),
        goes_to=", ".join(_places(view, audience.audience_id)),
        state=state,
        is_trouble=is_trouble,
    )


def picked(view: View) -> Callable[[str], None]:
    """Opens, duplicates or archives what was pressed."""

    def pick(said: str) -> None:
        verb, _, key = said.partition(" ")
        if verb == OPEN:
            to_audience(key)
        else:
            change(view, verb, key)

    return pick


def _places(view: View, audience_id: str) -> list[str]:
    known = targets.of_client(view.settings, view.client.client_id)
    goes = [one for one in known if one.audience_id == audience_id and one.stopped_at is None]
    return [place(view.settings, one.destination) for one in goes]
