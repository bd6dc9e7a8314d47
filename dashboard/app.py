"""The script Streamlit runs for every visit: who is here, menu, look, the page, errors in words."""

from __future__ import annotations

from importlib.metadata import version

import streamlit as st

from dashboard import context, entrance, identity, navigation
from dashboard.components.markup import style
from dashboard.logo import FAVICON, logo
from dashboard.translate import errors_in_words
from matchbook.errors import NotSignedIn


def main() -> None:
    """One run."""
    st.set_page_config(
        page_title="Matchbook",
        page_icon=FAVICON,
        layout="wide",
        menu_items={"About": f"Matchbook {version('matchbook-dmp')}"},
    )
    settings = context.settings()
    here = entrance.admit(settings)
    if isinstance(here, NotSignedIn):
        page = st.navigation(navigation.doors(here), position="hidden")
    else:
        page = st.navigation(navigation.menu(here), expanded=True)
    style()
    st.logo(logo(), size="large")
    with errors_in_words():
        if not isinstance(here, NotSignedIn):
            identity.offer_switch(settings)
            entrance.who_is_here(settings, here, identity.chosen_client(settings))
        page.run()
    if not isinstance(here, NotSignedIn):
        entrance.local_banner(here)


main()
