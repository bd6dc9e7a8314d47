"""The tab *Where we lose records*: from uploaded to delivered, with the levers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.app_pages.filters import choose
from dashboard.app_pages.rate_rows import show_lost
from dashboard.components.empty import Button, empty_state
from dashboard.components.funnel import FunnelStep, Loss, funnel
from dashboard.components.markup import heading
from dashboard.components.table import number, table, text
from dashboard.queries import funnel as records
from dashboard.queries import rates
from dashboard.queries.descriptions import describe
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built
from dashboard.wording import STEP_MEANING, STEPS, funnel_reason, identifier_type


def show_losses(view: View) -> None:
    """Filters, the funnel and its table."""
    names = rates.partner_names(view)
    partners = {key: name for key, name in names.items() if key not in (rates.ALL, rates.CEP)}
    if not partners:
        empty_state(
            "No partner yet.",
            "Where records are lost on the way to a partner stands here once there is one.",
            Button("Set up a partner", "partners", {"tab": "Set up a partner"}),
        )
        return
    columns = st.columns([2, 2, 5])
    with columns[0]:
        partner_id = choose("Partner", partners, key="funnel_partner")
    with columns[1]:
        types = {kind: identifier_type(kind) for kind in records.identifier_types(view)}
        kind = choose("Identifier", types or {"all": "All types"}, key="funnel_type")
    steps = records.steps(view, partner_id, kind)
    if steps.empty or not steps["records"].max():
        empty_state(
            "No contacts yet.",
            "Each step from an uploaded record to a delivered one stands here after the night "
            "that follows an upload.",
            Button("Upload a file", "crm_uploads"),
        )
        return
    losses = records.losses(view, partner_id, kind)
    _show(view, partners[partner_id], steps, losses)
    with as_far_as_built():
        show_lost(view, partner_id, kind, losses)


def _show(view: View, partner: str, steps: pd.DataFrame, losses: pd.DataFrame) -> None:
    heading(
        f"From your CRM files to {partner}",
        "Every record that stops on the way has one reason, and beside it what would help.",
    )
    funnel([_step(row, partner, losses) for row in steps.itertuples(index=False)])
    heading("In numbers")
    both = pd.concat([steps.assign(reason=None, lever=None), losses])
    both = both.sort_values(["step_number", "records"], ascending=[True, False], kind="stable")
    columns = (
        text("Step", "step"),
        text("Why not", "reason"),
        text("What helps", "lever"),
        number("Records", "records", meaning=describe(view, "record_funnel.records")),
    )
    table(view, _in_words(both, partner), columns, file_name="where-we-lose-records")


def _step(row: pd.Series, partner: str, losses: pd.DataFrame) -> FunnelStep:
    lost = losses[losses["step_number"] == row.step_number]
    return FunnelStep(
        _name(row.step, partner),
        STEP_MEANING.get(row.step, ""),
        int(row.records),
        [
            Loss(int(loss.records), funnel_reason(loss.reason), loss.lever or "")
            for loss in lost.itertuples(index=False)
        ],
    )


def _in_words(both: pd.DataFrame, partner: str) -> pd.DataFrame:
    return both.assign(
        step=[_name(step, partner) for step in both["step"]],
        reason=[funnel_reason(code) if isinstance(code, str) else "" for code in both["reason"]],
        lever=[lever if isinstance(lever, str) else "" for lever in both["lever"]],
    )


def _name(step: str, partner: str) -> str:
    return STEPS.get(step, step.capitalize()).format(partner=partner)
