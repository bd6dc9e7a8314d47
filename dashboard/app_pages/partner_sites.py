"""Sites × partners: where each partner's pixel fires, and where it has gone silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.app_pages.partner_detail import DETAIL, NO_SITE, PARTNER, SITE
from dashboard.components.empty import Button, empty_state
from dashboard.components.markup import escape, heading
from dashboard.components.pick import pick, pressable
from dashboard.queries import partners
from dashboard.queries.reading import View
from dashboard.queries.site_calls import last_full_day
from matchbook import registry
from matchbook.partners import load_partners
from matchbook.registry import Client

FEW = 5
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class _Grid:
    sites: dict[str, str]
    partners: dict[str, str]
    cells: dict[tuple[str, str], pd.Series]
    chosen: tuple[str, str]


def partner_sites(view: View, client: Client, chosen: tuple[str, str]) -> None:
    """The grid; pressing a square chooses what is told below."""
    found = partners.sites(view)
    day = last_full_day(view)
    weekday = WEEKDAYS[day.weekday()]
    heading(
        "Where they fire",
        f"Syncs on {weekday} {formats.short_day(day)}, and small what is usual on a {weekday}. "
        "Red: silent. Press a square for its tag and its rejected calls.",
    )
    if found.empty:
        empty_state(
            "No partner has synced yet.",
            "How often each partner calls on each site stands here once its snippet is on one.",
            Button("Set up a partner", sets={"tab": "Set up a partner"}),
        )
        return
    grid = _Grid(_sites(view, found), _partners(client), _cells(found), chosen)
    pick(_table(grid), key="partner_grid", on_pick=_choose_from(grid), goto=DETAIL)


def _sites(view: View, found: pd.DataFrame) -> dict[str, str]:
    """The client's sites, and behind them what else was called from."""
    own = {
        site.site_id: site.name
        for site in registry.current(view.settings).sites
        if site.client_id == view.client.client_id
    }
    other = {row.site_id: row.site_name or row.site_id or NO_SITE for row in found.itertuples()}
    return own | {site_id: name for site_id, name in other.items() if site_id not in own}


def _partners(client: Client) -> dict[str, str]:
    own = {partner.partner_id for partner in client.partners}
    return {p.partner_id: p.name for p in load_partners() if p.partner_id in own}


def _cells(found: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    return {(row["partner_id"], row["site_id"]): row for _, row in found.iterrows()}


def _table(grid: _Grid) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.partners.values())
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(_cell(grid, partner_id, site_id) for partner_id in grid.partners)
        + "</tr>"
        for site_id, name in grid.sites.items()
    )
    return (
        '<div class="mb-grid" tabindex="0"><table><thead><tr><th scope="col">Site</th>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(grid: _Grid, partner_id: str, site_id: str) -> str:
    row = grid.cells.get((partner_id, site_id))
    where = f"{grid.partners[partner_id]} on {grid.sites[site_id]}"
    pressed = f"{partner_id} {site_id}"
    ring = " mb-chosen" if (partner_id, site_id) == grid.chosen else ""
    if row is None:
        classes = f"mb-never{ring}"
        inner = pressable(formats.NOTHING, pressed, f"{where}: never synced", classes=classes)
        return f"<td>{inner}</td>"
    usual = _usual(row["usual_syncs"])
    kind = "mb-silent" if row["is_silent"] else "mb-low" if row["is_low"] else ""
    inner = f"<b>{formats.count(row['syncs'])}</b><small>{usual}</small>"
    return f"<td>{pressable(inner, pressed, _told(where, row, usual), classes=kind + ring)}</td>"


def _usual(mean: float | None) -> str:
    if mean is None or formats.is_missing(mean):
        return ""
    return formats.decimals(mean, 1 if 0 < mean < FEW else 0)


def _told(where: str, row: pd.Series, usual: str) -> str:
    if row["is_silent"]:
        last = formats.short_day(pd.Timestamp(row["last_synced_date"]).date())
        return f"{where}: silent, last sync on {last}"
    few = ", fewer than usual" if row["is_low"] else ""
    known = f", usually {usual}" if usual else ", in its first week"
    return f"{where}: {formats.plural(int(row['syncs']), 'sync')}{known}{few}"


def _choose_from(grid: _Grid) -> Callable[[str], None]:
    def choose(pressed: str) -> None:
        partner_id, site_id = pressed.split(" ", 1)
        st.session_state[PARTNER] = grid.partners[partner_id]
        st.session_state[SITE] = grid.sites[site_id]

    return choose
