"""Entering a request: who it is, by whatever the client knows the person by."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import identity
from dashboard.components.markup import heading
from dashboard.components.notice import notice
from dashboard.translate import errors_in_words
from matchbook import jobs
from matchbook.access import Action
from matchbook.erasure import people, requests
from matchbook.keys import load_keys
from matchbook.registry import Client
from matchbook.settings import Settings

TRACE = "trace_requests"
ENTERED = "privacy_entered"
WHAT = {
    "opt_out": ("Opt out", "Matched, delivered and pushed no more. What is held stays."),
    "erasure": ("Erase", "The same at once, and within 30 days every byte of the person goes."),
}
BY = {
    "record": "CRM record id",
    "contact": "CEP contact id",
    "email": "Hash of an e-mail address",
    "phone": "Hash of a phone number",
    "postal": "Hash of a postal address",
}


def request_form(settings: Settings, client: Client) -> None:
    """Fields, a button, and what became of the last request."""
    heading(
        "Enter a request",
        "It is in force the moment it is entered; partners are told by the next night.",
    )
    kind = st.segmented_control(
        "What the person asks for", list(WHAT), default="opt_out", required=True,
        key="privacy_kind", format_func=lambda one: WHAT[one][0], help=_help(),
    )  # fmt: skip
    left, right = st.columns([2, 3])
    with left:
        by = st.selectbox("Known by", list(BY), format_func=lambda one: BY[one],
                          key="privacy_by", filter_mode=None)  # fmt: skip
    with right:
        is_hash = by not in ("record", "contact")
        value = st.text_input(
            "Which", max_chars=200, key="privacy_value",
            placeholder="SHA-256, never the address itself" if is_hash else "",
        )  # fmt: skip
    with errors_in_words():
        if st.button(WHAT[kind][0], type="primary", key="privacy_enter"):
            _enter(settings, client, kind, by, value)
    _said(client)


def _help() -> str:
    return " ".join(f"{name}: {meaning}" for name, meaning in WHAT.values())


def _enter(settings: Settings, client: Client, kind: str, by: str, value: str) -> None:
    keys = load_keys(settings.keys)
    named: dict[str, Any] = {by: value}
    if by not in ("record", "contact"):
        named = {"hashes": [(by, value)]}
    person = people.person(keys, **named)
    by = identity.require(settings, client.client_id, Action.ERASE, about=f"privacy_{kind}").name
    (number,) = requests.ask(settings, kind, client.client_id, [person], by=by)
    jobs.enqueue(settings, TRACE, idempotency_key=f"trace {number}", client_id=client.client_id)
    st.session_state[ENTERED] = (client.client_id, number)
    st.rerun()


def _said(client: Client) -> None:
    client_id, number = st.session_state.get(ENTERED, ("", 0))
    if client_id == client.client_id:
        then = "Who else that is, is being looked up; partners are told by the next night."
        notice("check", f"Request {number} is in force.", then)
