"""Nightly files: nights × partners, and behind each file its rows, its account, its manifest."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import formats
from dashboard.app_pages.filters import choose
from dashboard.app_pages.nightly_account import account
from dashboard.app_pages.nightly_calendar import calendar
from dashboard.app_pages.nightly_file import one_file
from dashboard.app_pages.opening import open_page
from dashboard.components.empty import Button, empty_state
from dashboard.components.markup import anchor, heading, note
from dashboard.components.notice import notice
from dashboard.components.tile import Tile, tiles
from dashboard.queries import nightly
from dashboard.queries.nightly import Ledger, Night
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built
from dashboard.wording import FILE_STATES
from matchbook.deliveries import Delivery

DETAIL = "nightly-file"
PARTNER, NIGHT = "partner", "night"


def page() -> None:
    """The page."""
    view = open_page("Nightly files")
    if view is None:
        return
    ledger = nightly.ledger(view)
    if not ledger.nights:
        empty_state(
            "First files after tonight's run.",
            "Each night's file for each partner stands here, with its rows and why each is in it.",
            Button("See the partners", "partners"),
        )
        return
    _numbers(view, ledger)
    _troubles(view, ledger)
    above = st.container()
    chosen = _chosen(ledger)
    with above:
        calendar(ledger, chosen, on_pick=_choose_from(ledger), goto=DETAIL)
    _detail(view, ledger, chosen)


def _numbers(view: View, ledger: Ledger) -> None:
    day = ledger.days[-1]
    nights = [ledger.night(partner_id, day) for partner_id in ledger.partners]
    due = [n for n in nights if n.files or ledger.is_due(n.partner_id)]
    taken = [n for n in due if n.outcome in ("delivered", "empty", "accepted")]
    ends = [n.files[-1].confirmed_at for n in taken]
    last = max((end for end in ends if end), default=None)
    names = ", ".join(ledger.partners[n.partner_id] for n in due if n not in taken)
    tiles(
        [
            Tile(
                "Delivered",
                f"{len(taken)} of {len(due)}",
                f"in the night to {formats.short_day(day)}" + (f"; not {names}" if names else ""),
                f"by {formats.clock_time(last, view.client.time_zone)}" if last else "none yet",
            ),
            Tile(
                "Rows",
                formats.count(sum(night.rows for night in taken)),
                _rows(taken) + ", over all partners",
            ),
            _removals(ledger, taken),
        ]
    )


def _removals(ledger: Ledger, taken: list[Night]) -> Tile:
    files = [file for night in taken for file in night.files]
    removed = sum(file.rows_removed or 0 for file in files)
    unable = {file.partner_id for file in files if file.rows_not_removable}
    names = ", ".join(name for key, name in ledger.partners.items() if key in unable)
    said = "opt-outs, erasures and matches that ended"
    return Tile(
        "Removals",
        formats.count(removed),
        f"{said}. Cannot take them: {names}" if names else said,
    )


def _rows(nights: list[Night]) -> str:
    files = [file for night in nights for file in night.files]
    added = sum(file.rows_added or 0 for file in files)
    seen = sum(file.rows_seen or 0 for file in files)
    return f"{formats.count(added)} new, {formats.count(seen)} seen again"


def _troubles(view: View, ledger: Ledger) -> None:
    """What did not get through in the newest night, and why."""
    for partner_id, name in ledger.partners.items():
        for file in ledger.night(partner_id, ledger.days[-1]).files:
            if nightly.outcome(file) in ("rejected", "unknown") or file.next_attempt_at:
                notice("warning", f"{name}: {FILE_STATES[nightly.outcome(file)].lower()}.",
                       " ".join((file.reason or "", *_next_attempt(view, file))))  # fmt: skip


def _next_attempt(view: View, file: Delivery) -> tuple[str, ...]:
    if file.next_attempt_at is None:
        return ()
    at = formats.moment(file.next_attempt_at, view.client.time_zone)
    return (f"Tried {formats.plural(file.attempts or 1, 'time')}, again from {at} on.",)


def _chosen(ledger: Ledger) -> Night:
    anchor(DETAIL)
    heading("One partner's file")
    left, right, _ = st.columns([2, 2, 3])
    with left:
        partner_id = choose("Partner", ledger.partners, key=PARTNER)
    with right:
        nights = {day.isoformat(): formats.day(day) for day in reversed(ledger.days)}
        day = choose("Night to", nights, key=NIGHT)
    return next(
        ledger.night(partner_id, shown) for shown in ledger.days if shown.isoformat() == day
    )


def _detail(view: View, ledger: Ledger, night: Night) -> None:
    name = ledger.partners[night.partner_id]
    if not night.files:
        note(f"{FILE_STATES['none']} for {name} in this night.")
    for file in reversed(night.files):
        one_file(view, name, file)
    if night.files:
        with as_far_as_built():
            account(view, ledger, name, night.files[-1])


def _choose_from(ledger: Ledger) -> Callable[[str], None]:
    def choose_night(pressed: str) -> None:
        partner_id, day = pressed.split(" ")
        st.session_state[PARTNER] = ledger.partners[partner_id]
        shown = next(one for one in ledger.days if one.isoformat() == day)
        st.session_state[NIGHT] = formats.day(shown)

    return choose_night
