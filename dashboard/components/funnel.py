"""The record funnel: every step with its count, every loss with its reason and lever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import formats
from dashboard.components.markup import escape


@dataclass(frozen=True)
class Loss:
    """Records that stop before a step, why, and what would help."""

    records: int
    reason: str
    lever: str


@dataclass(frozen=True)
class FunnelStep:
    """Records that reach a step, and those lost on the way to it."""

    name: str
    meaning: str
    records: int
    losses: Sequence[Loss] = ()


def funnel(steps: Sequence[FunnelStep]) -> None:
    """Steps from top to bottom, one bar each; losses stand between the steps."""
    most = max((step.records for step in steps), default=0)
    st.html(f'<div class="mb-funnel">{"".join(_step(step, most) for step in steps)}</div>')


def _step(step: FunnelStep, most: int) -> str:
    share = step.records / most if most else 0
    losses = "".join(_loss(loss) for loss in step.losses)
    return (
        f"{losses}"
        f'<div class="mb-step"><div class="mb-step-name">{escape(step.name)}'
        f"<small>{escape(step.meaning)}</small></div>"
        f'<div class="mb-track"><div class="mb-bar" style="width:{formats.css(share)}"></div></div>'
        f'<div class="mb-step-count">{formats.count(step.records)}'
        f"<small>{formats.rate(share)}</small></div></div>"
    )


def _loss(loss: Loss) -> str:
    lever = f'<span class="mb-lever">{escape(loss.lever)}</span>' if loss.lever else ""
    return (
        f'<div class="mb-loss"><span class="mb-loss-count">−{formats.count(loss.records)}</span>'
        f"<span>{escape(loss.reason)}</span>{lever}</div>"
    )
