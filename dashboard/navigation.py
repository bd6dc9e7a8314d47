"""The menu, and links from one page to another."""

from __future__ import annotations

from importlib import import_module

import streamlit as st
from streamlit.navigation.page import Page

from dashboard.identity import CLIENT_PARAMETER

MENU = {
    "Measure": (("overview", "Overview"), ("match_rates", "Match rates"), ("partners", "Partners")),
    "Onboard": (("crm_uploads", "CRM uploads"), ("pixels", "Pixels")),
    "Activate": (("audiences", "Audiences"),),
    "Operate": (("nightly_files", "Nightly files"), ("data_quality", "Data quality")),
}


def menu() -> dict[str, list[Page]]:
    """The pages that exist, in their groups."""
    return {
        group: [_page(module, title) for module, title in pages] for group, pages in MENU.items()
    }


def link(module: str, label: str, client_label: str, **parameters: str) -> None:
    """A link to another page, with its filters set."""
    titles = dict(page for pages in MENU.values() for page in pages)
    query = {CLIENT_PARAMETER: client_label, **parameters}
    st.page_link(_page(module, titles[module]), label=label, query_params=query, width="stretch")


def _page(module: str, title: str) -> Page:
    # Imported here: pages link to each other through this module.
    page = import_module(f"dashboard.app_pages.{module}").page
    return st.Page(
        page, title=title, url_path=module.replace("_", "-"), default=module == "overview"
    )
