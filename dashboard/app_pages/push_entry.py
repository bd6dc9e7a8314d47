"""From an audience's page to the screen that pushes it."""

from __future__ import annotations

from dashboard import identity, navigation
from dashboard.queries.reading import View
from matchbook.pushes import targets


def push_entry(view: View, audience_id: str) -> None:
    """A link that says whether the audience goes somewhere already."""
    target = targets.find(view.settings, view.client.client_id, audience_id)
    label = "Push it to Mapp CEP →"
    if target is not None and target.group_id is not None:
        label = f"In CEP as “{target.name}”, no. {target.group_id} →"
    client = identity.label(view.settings, view.client)
    navigation.link("pushes", label, client, audience=audience_id)
