"""What a lookalike is asked for: whose like, out of whom, without whom, for where, how many."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.app_pages.audience_draft import Draft
from dashboard.app_pages.lookalike_draft import the_row, wish_of
from dashboard.app_pages.lookalike_words import of_100
from dashboard.charts.precision import precision_by_size
from dashboard.charts.template import show
from dashboard.components.markup import ends, heading
from dashboard.queries import lookalikes
from dashboard.queries.reading import View
from dashboard.theme import current
from matchbook.kept_audiences.reach import CEP
from matchbook.lookalikes import Study

POOLS = {
    "everyone": "everyone we have seen",
    "matched": "people matched with a CRM record",
    "cep_contact": "people linked to a CEP contact",
    "cep_reachable": "people who can receive your e-mail in CEP",
}


def choices(view: View, draft: Draft, *, own_id: str) -> None:
    """Taken into the draft as they are made."""
    wish, key = dict(wish_of(draft)), "_".join(draft.origin)
    heading("Whom to find", "People like those of an audience. Whoever opted out is on no list.")
    seeds = {one.audience.audience_id: one for one in lookalikes.seeds(view)}
    left, right = st.columns(2)
    with left:
        seed = st.selectbox(
            "Like the people of", list(seeds), key=f"seed_{key}", placeholder="Choose an audience",
            index=list(seeds).index(wish["seed"]) if wish["seed"] in seeds else None,
            format_func=lambda one: f"{seeds[one].audience.name} · "
            f"{formats.group(seeds[one].people)} people",
        )  # fmt: skip
    with right:
        pool = st.selectbox(
            "Look among", list(POOLS), index=list(POOLS).index(wish["pool"]),
            format_func=POOLS.__getitem__, key=f"pool_{key}", filter_mode=None,
        )  # fmt: skip
    wish |= {"seed": seed or wish["seed"], "pool": pool}
    others = {a: n for a, n in lookalikes.names(view).items() if a not in (seed, own_id)}
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        without = st.multiselect(
            "Leave out the people of", list(others), format_func=others.__getitem__,
            default=[one for one in wish["exclude"] if one in others], max_selections=20,
            key=f"exclude_{key}", placeholder="Nobody else",
        )  # fmt: skip
    with right:
        _destination(view, wish, key)
    wish["with_seed"] = st.toggle(
        "Put the seed's own people on the list, too", wish["with_seed"], key=f"with_seed_{key}"
    )
    the_row(draft).condition = wish | {"exclude": tuple(without)}


def how_many(draft: Draft, study: Study) -> None:
    """From the likest few to many: what each size brings, and the one that is taken."""
    heading("From similar to broad", "The more people, the less they are like your seed.")
    wish, key = dict(wish_of(draft)), "_".join(draft.origin)
    stops = sorted({one.quality.size for one in study.sizes} | {wish["people"]})
    if draft.origin[1] == "" and wish["people"] not in {one.quality.size for one in study.sizes}:
        stops.remove(wish["people"])
        wish["people"] = min(stops, key=lambda stop: abs(stop - wish["people"]))
    wish["people"] = st.select_slider(
        "People on the list", stops, wish["people"], key=f"size_{key}_{study.key}",
        format_func=formats.count,
    )  # fmt: skip
    the_row(draft).condition = wish
    ends("more similar", "broader")
    first = study.sizes[0].quality
    show(
        precision_by_size(study, wish["people"], current()),
        key="lookalike_precision",
        alt=f"Of 100 people how many will do it, by size; random {of_100(first.random)}",
    )


def _destination(view: View, wish: dict[str, object], key: str) -> None:
    names = {CEP: "Mapp CEP", **lookalikes.partners(view)}
    wish["destination"] = st.selectbox(
        "For", list(names), format_func=names.__getitem__, key=f"destination_{key}",
        index=list(names).index(str(wish["destination"])) if wish["destination"] in names else 0,
    )  # fmt: skip
