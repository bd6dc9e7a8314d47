"""Audiences: the list, and the builder of one."""

from __future__ import annotations

from dashboard.app_pages.audience_address import shown
from dashboard.app_pages.audience_builder import audience_builder
from dashboard.app_pages.audience_list import audience_list
from dashboard.app_pages.opening import open_page
from dashboard.translate import as_far_as_built


def page() -> None:
    """The page."""
    view = open_page("Audiences")
    if view is None:
        return
    audience_id, template = shown()
    with as_far_as_built():
        if audience_id or template:
            audience_builder(view, audience_id, template)
        else:
            audience_list(view)
