"""Privacy: who asked to be left alone or erased, how far that is, and how long what is kept."""

from __future__ import annotations

import streamlit as st

from dashboard import context, formats, identity
from dashboard.app_pages.opening import open_client
from dashboard.app_pages.privacy_form import request_form
from dashboard.components.markup import heading, note
from dashboard.components.plain_table import plain_table
from dashboard.components.row_card import RowCard, row_card
from dashboard.formats import plural
from matchbook import held_data, registry
from matchbook.access import Action
from matchbook.erasure import certificate, requests
from matchbook.erasure.requests import Request
from matchbook.registry import Client
from matchbook.retention import RULES
from matchbook.settings import Settings

SHOWN = 20
KINDS = {"opt_out": "Opt-out", "erasure": "Erasure"}


def page() -> None:
    """The page."""
    opened = open_client("Privacy")
    if opened is None:
        return
    client, _ = opened
    settings = context.settings()
    if identity.may(settings, client.client_id, Action.ERASE):
        request_form(settings, client)
        _requests(settings, client)
    else:
        note("Opt-outs and erasures are entered and followed by managers.")
    _held(settings, client)
    heading("How long what is kept", "Every night removes what has been kept long enough.")
    rows = [tuple(map(_capital, (rule.what, rule.kept, rule.why))) for rule in RULES]
    plain_table(("What", "How long", "Why"), rows)


def _held(settings: Settings, client: Client) -> None:
    heading("What is held on people", "Generated from what is set up for this client. All of it is "
            "personal data, keyed hashes too.")  # fmt: skip
    found = held_data.held(registry.current(settings), client)
    if not found:
        note("Nothing: the client has no site, list, publisher or e-mail links.")
    else:
        rows = [(one.what, one.source, one.why, one.basis, _capital(one.kept)) for one in found]
        plain_table(("What", "From", "Why", "On what basis", "How long"), rows)
    heading("Who gets it", "And nobody else. A person who asks is told who got what of them.")
    told = held_data.recipients(settings, client)
    if not told:
        note("Nobody: the client works with no partner.")
        return
    plain_table(("Who", "Gets", "Takes people back"),
                [(one.name, one.gets, one.can_remove) for one in told])  # fmt: skip


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _requests(settings: Settings, client: Client) -> None:
    heading("Requests", "They are numbered: what a person is known by is not shown here.")
    found = requests.all_of(settings, client.client_id)[::-1]
    if not found:
        note("Nobody has asked yet. Requests are entered above, one by one, or as a file with "
             "matchbook privacy erase --csv.")  # fmt: skip
    for request in found[:SHOWN]:
        _request(settings, client, request)
    if len(found) > SHOWN:
        note(f"And {plural(len(found) - SHOWN, 'earlier one')}: matchbook privacy status")


def _request(settings: Settings, client: Client, request: Request) -> None:
    at = formats.moment(request.asked_at, client.time_zone)
    below = f"asked for {at} · entered by {request.asked_by}"
    with st.container(border=True):
        row_card(RowCard(f"{KINDS[request.kind]} {request.request_id}", below, _standing(request)))
        with st.expander("Certificate"):
            _certificate(settings, request)


def _certificate(settings: Settings, request: Request) -> None:
    found = certificate.certificate(settings, request.request_id)
    counts, told = certificate.stores(found), certificate.partners(found)
    if not told:
        note("Nothing of the person is matched, delivered or pushed while this is in force.")
        if request.kind == "erasure" and request.status != "lifted":
            note("Once it is done, what was erased and what partners were told stands here.")
        return
    plain_table(
        ("What there was of the person", "How many"), [(w, formats.count(n)) for w, n in counts]
    )
    plain_table(("Partner", "What became of what it got"), told)
    for line in certificate.left(found):
        note(line)


def _standing(request: Request) -> str:
    if request.status == "lifted":
        return "Lifted: the person came back"
    if request.kind == "opt_out":
        return "In force"
    if request.status == "done":
        return f"Erased {formats.day(request.ended_at)}" if request.ended_at else "Erased"
    return f"Held; erased by {formats.day(request.due_at)}"
