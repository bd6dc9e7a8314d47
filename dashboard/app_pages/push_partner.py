"""A push to a partner or a webhook: its files, how far they are, and what is done with them."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.app_pages.push_places import does, ids
from dashboard.app_pages.push_words import place
from dashboard.components.markup import note
from dashboard.components.notice import notice
from dashboard.components.plain_table import plain_table
from dashboard.queries.reading import View
from matchbook.delivery_rows import DeliveryFile
from matchbook.pushes import partner_files
from matchbook.pushes.outbox import OPEN, Push
from matchbook.pushes.targets import Target


def sending(view: View, push: Push) -> None:
    """How much of it is there."""
    files = partner_files.of(view.settings, push)
    whole = sum(file.rows for file in files)
    done = sum(file.rows for file in files if file.sent_at)
    if len(files) == 1 and not done:
        done = min(files[0].requests_done, whole)
    st.progress(done / max(whole, 1), f"{formats.count(done)} of {formats.count(whole)} sent")


def at_partner(view: View, push: Push, target: Target) -> None:
    """What is held there, what the partner does with it, and the files of this push."""
    name = place(view.settings, target.destination)
    if push.state not in OPEN:
        held = formats.plural(target.held, ids(target.destination))
        notice("check", f"{name} holds {held} of “{target.name}”.", does(target.destination))
    files = partner_files.of(view.settings, push)
    if files:
        rows = [(file.name, formats.count(file.rows), _standing(view, file)) for file in files]
        plain_table(("File", "Rows", ""), rows)
    if target.follows and target.stopped_at is None:
        note("It is kept up to date after each night.")


def _standing(view: View, file: DeliveryFile) -> str:
    if file.sent_at is None:
        return "To go"
    refused = f", {formats.count(file.rows_refused)} refused" if file.rows_refused else ""
    return f"Sent {formats.moment(file.sent_at, view.client.time_zone)}{refused}"
