"""The form of a CEP account: four fields and *Activate Integration*; the worker tries them out."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from dashboard import identity
from dashboard.app_pages.job_wait import ENDED, wait_for
from dashboard.components.markup import note
from dashboard.components.notice import error_notice, notice
from matchbook import jobs
from matchbook.access import Action
from matchbook.errors import MatchbookError
from matchbook.pushes import accounts, stand_in
from matchbook.pushes.accounts import VARIABLES, Account
from matchbook.registry import Client
from matchbook.settings import Settings

KIND = "check_cep"
CHECKS, SAID = "cep_checks", "cep_said"
FIELDS = ("url", "group", "user", "password")
PASSWORD_HELP = (
    "It is stored encrypted and never shown again. Or name a variable of the server: "
    f"env:{VARIABLES}…"
)


def account_form(settings: Settings, client: Client, active: Account | None) -> None:
    """Filled in with what stands, was tried last, or with the demo's stand-in."""
    before = accounts.find(settings, client.client_id, "asked") or active
    demo = stand_in.find(settings) if before is None else None
    if demo is not None:
        see = f"It plays Mapp CEP and sends nothing to anybody. Look at it: {demo.start_page}"
        notice(
            "info", "This is a demo: the form is filled in for a stand-in on this computer.", see
        )
    key = f"cep_{client.client_id}"
    first = before or demo
    filled = {"url": first.api_url, "user": first.user_name, "group": str(first.group_id),
              "password": demo.password if demo else ""} if first else {}  # fmt: skip
    for name in FIELDS:
        st.session_state.setdefault(f"{key}_{name}", filled.get(name, ""))
    left, right = st.columns(2)
    with left:
        st.text_input("API URL", max_chars=500, key=f"{key}_url",
                      placeholder="https://email.example.com/customer/api/rest/v6")  # fmt: skip
        st.text_input("User name", max_chars=200, key=f"{key}_user",
                      placeholder="api-user@example.com")  # fmt: skip
    with right:
        st.text_input("Default group id", max_chars=20, key=f"{key}_group",
                      placeholder="1800150437",
                      help="New groups are cloned from it, with its settings.")  # fmt: skip
        st.text_input("Password", max_chars=300, key=f"{key}_password", type="password",
                      help=PASSWORD_HELP, placeholder="unchanged" if active else "")  # fmt: skip
    st.button("Activate Integration" if active is None else "Change and activate",
              type="primary" if active is None else "secondary", key="activate_cep",
              on_click=_ask, args=(settings, client))  # fmt: skip
    note("The user is a system user of the type API User, best with the role Client "
         "Administrator. Nothing is changed in CEP by activating.")  # fmt: skip


def ask_check(settings: Settings, client: Client, standing: str) -> None:
    """Let the worker call CEP; the page itself never does. Raises PermissionDenied."""
    identity.require(settings, client.client_id, Action.SETTINGS, about=KIND)
    job_id = jobs.enqueue(
        settings, KIND, idempotency_key=f"{KIND} {uuid4().hex}", client_id=client.client_id,
        arguments={"standing": standing},
    )  # fmt: skip
    st.session_state.setdefault(CHECKS, {})[client.client_id] = job_id


def follow_check(settings: Settings, client: Client) -> None:
    """What came of the last check of this visit."""
    said = st.session_state.pop(SAID, None)
    if isinstance(said, MatchbookError):
        error_notice(said)
    job_id = st.session_state.get(CHECKS, {}).get(client.client_id)
    if job_id is None:
        return
    job = jobs.get(settings, job_id)
    if job.status not in ENDED:
        wait_for(settings, job_id, "check")
        return
    found = job.result or {}
    problem = found.get("problem") or found.get("error", {}).get("happened")
    if problem:
        notice("error", "It could not be activated." if job.arguments["standing"] == "asked"
               else "The check failed.", str(problem))  # fmt: skip
    else:
        notice("check", "Mapp CEP answers, and the default group is there.",
               "Push an audience from its page.")  # fmt: skip


def _ask(settings: Settings, client: Client) -> None:
    typed = {name: st.session_state.get(f"cep_{client.client_id}_{name}", "") for name in FIELDS}
    # It goes into the secret store and stays nowhere else.
    st.session_state[f"cep_{client.client_id}_password"] = ""
    try:
        accounts.ask(
            settings, client.client_id, api_url=typed["url"], group_id=typed["group"],
            user_name=typed["user"], password=typed["password"],
            by=identity.require(settings, client.client_id, Action.SETTINGS, about="cep").name,
        )  # fmt: skip
    except MatchbookError as error:
        st.session_state[SAID] = error
        st.session_state.get(CHECKS, {}).pop(client.client_id, None)
        return
    ask_check(settings, client, "asked")
