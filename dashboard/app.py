"""The script Streamlit runs for every visit: menu, look, the page, errors in words."""

from __future__ import annotations

from importlib.metadata import version

import streamlit as st

from dashboard import context, identity, navigation
from dashboard.components.markup import style
from dashboard.logo import FAVICON, logo
from dashboard.translate import errors_in_words


def main() -> None:
    """One run."""
    st.set_page_config(
        page_title="Matchbook",
        page_icon=FAVICON,
        layout="wide",
        menu_items={"About": f"Matchbook {version('matchbook-dmp')}"},
    )
    page = st.navigation(navigation.menu())
    style()
    st.logo(logo(), size="large")
    with errors_in_words():
        identity.offer_switch(context.settings())
        page.run()


main()
