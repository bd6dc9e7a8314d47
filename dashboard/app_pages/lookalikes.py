"""Lookalikes: the list, and the builder of one."""

from __future__ import annotations

from dashboard.app_pages.audience_address import shown
from dashboard.app_pages.lookalike_builder import lookalike_builder
from dashboard.app_pages.lookalike_list import lookalike_list
from dashboard.app_pages.opening import open_page
from dashboard.translate import as_far_as_built


def page() -> None:
    """The page."""
    view = open_page("Lookalikes")
    if view is None:
        return
    audience_id, begun = shown()
    with as_far_as_built():
        if audience_id or begun:
            lookalike_builder(view, audience_id, begun)
        else:
            lookalike_list(view)
