"""Filters that live in the URL. Streamlit ignores values there that are not on offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st


def choose(label: str, options: Mapping[str, str], *, key: str, **more: Any) -> str:
    """The key of the option chosen: the first one unless the URL names another.

    Labels, not keys, are what the URL holds: `?partner=Tealium`.
    """
    keys = {text: option for option, text in options.items()}
    chosen = st.selectbox(
        label,
        list(keys),
        key=key,
        bind="query-params",
        filter_mode="contains" if len(options) > 8 else None,
        **more,
    )
    return keys[str(chosen)]


def choose_days(label: str, whole: tuple[date, date], *, key: str) -> tuple[date, date]:
    """A first and a last day within the days that have data."""
    chosen = st.date_input(
        label,
        whole,
        min_value=whole[0],
        max_value=whole[1],
        format="DD/MM/YYYY",
        key=key,
        bind="query-params",
    )
    days = tuple(chosen) if isinstance(chosen, tuple | list) else (chosen,)
    # While somebody is choosing there is a first day and no last one yet.
    return (days[0], days[1]) if len(days) == 2 else whole
