"""The script Streamlit runs for every visit: menu, look, the page, and errors in plain words."""

from __future__ import annotations

from importlib.metadata import version

import streamlit as st

from dashboard import navigation
from dashboard.components.markup import style
from dashboard.components.notice import error_notice
from dashboard.logo import FAVICON, logo
from matchbook.errors import MatchbookError


def main() -> None:
    """One run. The only place that turns our errors into a notice."""
    st.set_page_config(
        page_title="Matchbook",
        page_icon=FAVICON,
        layout="wide",
        menu_items={"About": f"Matchbook {version('matchbook-dmp')}"},
    )
    page = st.navigation(navigation.menu())
    style()
    st.logo(logo(), size="large")
    try:
        page.run()
    except MatchbookError as error:
        error_notice(error)


main()
